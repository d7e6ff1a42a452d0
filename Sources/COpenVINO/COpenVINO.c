#include "COpenVINO.h"

#include <dlfcn.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

// The settings of a compiled model, each with its value.
//
// Without a precision, processors with bfloat16 compute in it. Pinned threads of two processes
// would share a core.
#define OPENVINO_SETTINGS(threads, streams, precision)                                             \
  "INFERENCE_NUM_THREADS", threads, "NUM_STREAMS", streams, "INFERENCE_PRECISION_HINT", precision, \
      "ENABLE_CPU_PINNING", "NO"

enum { setting_count = 4 };

static ov_status_e compile(const OpenVINOFunctions *functions, const ov_core_t *core,
                           const ov_model_t *model, const char *threads, const char *streams,
                           const char *precision, ov_compiled_model_t **compiled_model) {
  return ((__typeof__(&ov_core_compile_model))functions->core_compile_model)(
      core, model, "CPU", 2 * setting_count, compiled_model,
      OPENVINO_SETTINGS(threads, streams, precision));
}

static bool has_setting(const OpenVINOFunctions *functions,
                        const ov_compiled_model_t *compiled_model, const char *key,
                        const char *needed) {
  char *value = NULL;
  if (functions->compiled_model_get_property(compiled_model, key, &value) != 0 || !value)
    return false;
  const bool is_equal = strcmp(value, needed) == 0;
  functions->free(value);
  return is_equal;
}

static ov_status_e import_compiled(const OpenVINOFunctions *functions, const ov_core_t *core,
                                   const char *content, size_t byte_count, const char *threads,
                                   const char *streams, const char *precision,
                                   ov_compiled_model_t **compiled_model) {
  // The C interface takes no settings with the content: an import has those of the device.
  const char *const settings[] = {OPENVINO_SETTINGS(threads, streams, precision)};
  for (size_t i = 0; i < 2 * setting_count; i += 2) {
    const ov_status_e status = ((__typeof__(&ov_core_set_property))functions->core_set_property)(
        core, "CPU", settings[i], settings[i + 1]);
    if (status != 0) return status;
  }
  ov_compiled_model_t *result = NULL;
  const ov_status_e status =
      functions->core_import_model(core, content, byte_count, "CPU", &result);
  if (status != 0 || !result) return status != 0 ? status : -1;
  for (size_t i = 0; i < 2 * setting_count; i += 2) {
    if (has_setting(functions, result, settings[i], settings[i + 1])) continue;
    functions->compiled_model_free(result);
    return -1;
  }
  *compiled_model = result;
  return 0;
}

const char *copenvino_resolve(void *library, OpenVINOFunctions *functions) {
#define OPENVINO_RESOLVE(name)                                   \
  functions->name = (ov_##name##_fn)dlsym(library, "ov_" #name); \
  if (!functions->name) return "ov_" #name;
  OPENVINO_FUNCTIONS(OPENVINO_RESOLVE)
#undef OPENVINO_RESOLVE
  functions->core_compile_model = (void (*)(void))dlsym(library, "ov_core_compile_model");
  if (!functions->core_compile_model) return "ov_core_compile_model";
  functions->core_set_property = (void (*)(void))dlsym(library, "ov_core_set_property");
  if (!functions->core_set_property) return "ov_core_set_property";
  functions->compile = compile;
  functions->import_compiled = import_compiled;
  return NULL;
}

bool copenvino_processor_is_supported(void) {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("avx2");
#else
  return true;
#endif
}

void copenvino_processor_words(uint32_t words[copenvino_processor_word_count]) {
  memset(words, 0, copenvino_processor_word_count * sizeof *words);
#if defined(__x86_64__) || defined(__i386__)
  // Left out is what differs between the cores of one processor.
  uint32_t unused = 0;
  __get_cpuid(1, &words[0], &unused, &words[1], &words[2]);
  __get_cpuid_count(7, 0, &unused, &words[3], &words[4], &words[5]);
  __get_cpuid_count(7, 1, &words[6], &unused, &unused, &words[7]);
#endif
}
