#define _POSIX_C_SOURCE 200809L  // posix_memalign

#include "CBaseline.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Only the declarations, as for the other runtime: the functions are looked up anew.
#include "../../../Sources/COpenVINO/include/COpenVINO.h"

enum { kAlignment = 64, kSingle = 4 };

struct BareOpenVINOModelHandles {
  OpenVINOFunctions functions;
  ov_core_t *core;
  ov_model_t *model;
  ov_compiled_model_t *compiled_model;
  ov_infer_request_t *request;
  ov_tensor_t *input;
  void *input_memory;
};

#define TRY(name, ...)                                                    \
  do {                                                                    \
    if (handles->functions.name(__VA_ARGS__) != 0) return "ov_" #name;    \
  } while (0)

static const char *resolve(const char *library_path, OpenVINOFunctions *functions) {
  void *library = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return "dlopen";
#define RESOLVE(name)                                           \
  functions->name = (ov_##name##_fn)dlsym(library, "ov_" #name); \
  if (!functions->name) return "ov_" #name;
  OPENVINO_FUNCTIONS(RESOLVE)
#undef RESOLVE
  functions->core_compile_model = (void (*)(void))dlsym(library, "ov_core_compile_model");
  return functions->core_compile_model ? NULL : "ov_core_compile_model";
}

static const char *compile(struct BareOpenVINOModelHandles *handles, int thread_count) {
  char threads[16];
  snprintf(threads, sizeof threads, "%d", thread_count);
  __typeof__(&ov_core_compile_model) compile_model =
      (__typeof__(&ov_core_compile_model))handles->functions.core_compile_model;
  if (compile_model(handles->core, handles->model, "CPU", 8, &handles->compiled_model,
                    "INFERENCE_NUM_THREADS", threads, "NUM_STREAMS", "1",
                    "INFERENCE_PRECISION_HINT", "f32", "ENABLE_CPU_PINNING", "NO") != 0) {
    return "ov_core_compile_model";
  }
  return NULL;
}

static const char *make_input(struct BareOpenVINOModelHandles *handles, int side) {
  int64_t extents[] = {1, side, side, 3};
  size_t byte_count = (size_t)side * (size_t)side * 3 * sizeof(float);
  if (posix_memalign(&handles->input_memory, kAlignment, byte_count) != 0) return "posix_memalign";
  memset(handles->input_memory, 0, byte_count);
  TRY(tensor_create_from_host_ptr, kSingle, (ov_shape_t){.rank = 4, .dims = extents},
      handles->input_memory, &handles->input);
  TRY(infer_request_set_input_tensor_by_index, handles->request, 0, handles->input);
  return NULL;
}

static const char *open_model(struct BareOpenVINOModelHandles *handles, const char *library_path,
                              const char *model_path, int side, int thread_count) {
  const char *failed = resolve(library_path, &handles->functions);
  if (failed) return failed;
  TRY(core_create, &handles->core);
  TRY(core_read_model, handles->core, model_path, NULL, &handles->model);
  failed = compile(handles, thread_count);
  if (failed) return failed;
  TRY(compiled_model_create_infer_request, handles->compiled_model, &handles->request);
  return make_input(handles, side);
}

const char *baseline_open_openvino(BareOpenVINOModel *model, const char *library_path,
                                   const char *model_path, int side, int thread_count) {
  *model = (BareOpenVINOModel){.handles = calloc(1, sizeof(struct BareOpenVINOModelHandles))};
  if (!model->handles) return "calloc";
  const char *failed = open_model(model->handles, library_path, model_path, side, thread_count);
  if (failed) baseline_close_openvino(model);
  return failed;
}

int baseline_run_openvino(const BareOpenVINOModel *model) {
  return model->handles->functions.infer_request_infer(model->handles->request);
}

void baseline_close_openvino(BareOpenVINOModel *model) {
  struct BareOpenVINOModelHandles *handles = model->handles;
  if (!handles) return;
#define FREE(name, handle) \
  if (handle) handles->functions.name##_free(handle)
  FREE(infer_request, handles->request);
  FREE(tensor, handles->input);
  FREE(compiled_model, handles->compiled_model);
  FREE(model, handles->model);
  FREE(core, handles->core);
#undef FREE
  free(handles->input_memory);
  free(handles);
  *model = (BareOpenVINOModel){0};
}
