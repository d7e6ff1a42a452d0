#include "COpenVINO.h"

#include <dlfcn.h>

static ov_status_e compile(const OpenVINOFunctions *functions, const ov_core_t *core,
                           const ov_model_t *model, const char *threads, const char *streams,
                           const char *precision, ov_compiled_model_t **compiled_model) {
  // Without a precision, processors with bfloat16 compute in it. Pinned threads of two processes
  // would share a core.
  return ((__typeof__(&ov_core_compile_model))functions->core_compile_model)(
      core, model, "CPU", 8, compiled_model, "INFERENCE_NUM_THREADS", threads, "NUM_STREAMS",
      streams, "INFERENCE_PRECISION_HINT", precision, "ENABLE_CPU_PINNING", "NO");
}

const char *copenvino_resolve(void *library, OpenVINOFunctions *functions) {
#define OPENVINO_RESOLVE(name)                                      \
  functions->name = (ov_##name##_fn)dlsym(library, "ov_" #name); \
  if (!functions->name) return "ov_" #name;
  OPENVINO_FUNCTIONS(OPENVINO_RESOLVE)
#undef OPENVINO_RESOLVE
  functions->core_compile_model = (void (*)(void))dlsym(library, "ov_core_compile_model");
  if (!functions->core_compile_model) return "ov_core_compile_model";
  functions->compile = compile;
  return NULL;
}

bool copenvino_processor_is_supported(void) {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("avx2");
#else
  return true;
#endif
}
