#define _POSIX_C_SOURCE 200809L  // posix_memalign

#include "CBaseline.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The library's own declarations of the interface, so that they exist once. Only the header: the
// functions are looked up anew, and nothing of the library stands between the runtime and the clock.
#include "../../../Sources/CLiteRt/include/CLiteRt.h"

// The values that the room LiteRtRuntime uses, by the names that it gives them.
enum { kCPU = 1, kIntegerType = 2, kAccelerators = 24, kMinimumLogSeverity = 25, kSilent = 4 };
enum { kAlignment = 64, kSpareByteCount = 64 };

struct BareModelHandles {
  LiteRtFunctions functions;
  LiteRtEnvironment environment;
  LiteRtModel model;
  LiteRtOptions options;
  LiteRtCompiledModel compiled_model;
  LiteRtTensorBuffer input;
  LiteRtTensorBuffer output;
  void *model_bytes;
  char thread_option[32];
};

#define TRY(name, ...)                                                     \
  do {                                                                     \
    if (handles->functions.name(__VA_ARGS__) != 0) return "LiteRt" #name;  \
  } while (0)

static const char *resolve(const char *library_path, LiteRtFunctions *functions) {
  void *library = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return "dlopen";
#define RESOLVE(name)                                                  \
  functions->name = (LiteRt##name##_fn)dlsym(library, "LiteRt" #name); \
  if (!functions->name) return "LiteRt" #name;
  LITERT_FUNCTIONS(RESOLVE)
#undef RESOLVE
  return NULL;
}

/// Memory as the runtime wants it, all zeros.
static void *allocate(size_t byte_count) {
  void *memory = NULL;
  if (posix_memalign(&memory, kAlignment, byte_count + kSpareByteCount) != 0) return NULL;
  return memset(memory, 0, byte_count + kSpareByteCount);
}

static const char *read_file(const char *path, void **bytes, size_t *byte_count) {
  FILE *file = fopen(path, "rb");
  if (!file) return "fopen";
  long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  rewind(file);
  *byte_count = size < 0 ? 0 : (size_t)size;
  *bytes = allocate(*byte_count);
  int is_whole = *bytes && size > 0 && fread(*bytes, 1, *byte_count, file) == *byte_count;
  fclose(file);
  return is_whole ? NULL : "fread";
}

static LiteRtEnvOption integer_option(int32_t tag, int64_t value) {
  return (LiteRtEnvOption){.tag = tag, .value = {.type = kIntegerType, .int_value = value}};
}

static void keep(void *payload) { (void)payload; }

static const char *compile(struct BareModelHandles *handles) {
  TRY(CreateOptions, &handles->options);
  TRY(SetOptionsHardwareAccelerators, handles->options, kCPU);
  char *texts[][2] = {{"xnnpack", handles->thread_option},
                      {"cpu_delegate", handles->thread_option},
                      {"runtime_options_string", "error_reporter_mode = 2\n"}};
  for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
    LiteRtOpaqueOptions opaque;
    TRY(CreateOpaqueOptions, texts[index][0], texts[index][1], keep, &opaque);
    TRY(AddOpaqueOptions, handles->options, opaque);
  }
  TRY(CreateCompiledModel, handles->environment, handles->model, handles->options,
      &handles->compiled_model);
  LiteRtLayout layout;
  TRY(GetCompiledModelOutputTensorLayouts, handles->compiled_model, 0, 1, &layout, true);
  return NULL;
}

static const char *make_buffer(struct BareModelHandles *handles, LiteRtTensor tensor,
                               LiteRtTensorBufferRequirements requirements, void **memory,
                               size_t *byte_count, LiteRtTensorBuffer *buffer) {
  LiteRtRankedTensorType type;
  TRY(GetRankedTensorType, tensor, &type);
  TRY(GetTensorBufferRequirementsBufferSize, requirements, byte_count);
  *memory = allocate(*byte_count);
  if (!*memory) return "posix_memalign";
  TRY(CreateTensorBufferFromHostMemory, &type, *memory, *byte_count, NULL, buffer);
  return NULL;
}

static const char *make_buffers(BareModel *model) {
  struct BareModelHandles *handles = model->handles;
  LiteRtSignature signature;
  LiteRtTensor tensor;
  LiteRtTensorBufferRequirements requirements;
  TRY(GetModelSignature, handles->model, 0, &signature);
  TRY(GetSignatureInputTensorByIndex, signature, 0, &tensor);
  TRY(GetCompiledModelInputBufferRequirements, handles->compiled_model, 0, 0, &requirements);
  const char *failed = make_buffer(handles, tensor, requirements, &model->input,
                                   &model->input_byte_count, &handles->input);
  if (failed) return failed;
  TRY(GetSignatureOutputTensorByIndex, signature, 0, &tensor);
  TRY(GetCompiledModelOutputBufferRequirements, handles->compiled_model, 0, 0, &requirements);
  return make_buffer(handles, tensor, requirements, &model->output, &model->output_byte_count,
                     &handles->output);
}

static const char *open_model(BareModel *model, const char *library_path, const char *model_path) {
  struct BareModelHandles *handles = model->handles;
  const char *failed = resolve(library_path, &handles->functions);
  if (failed) return failed;
  LiteRtEnvOption options[] = {integer_option(kAccelerators, kCPU),
                               integer_option(kMinimumLogSeverity, kSilent)};
  TRY(CreateEnvironment, sizeof options / sizeof *options, options, &handles->environment);
  size_t byte_count;
  failed = read_file(model_path, &handles->model_bytes, &byte_count);
  if (failed) return failed;
  TRY(CreateModelFromBuffer, handles->environment, handles->model_bytes, byte_count,
      &handles->model);
  failed = compile(handles);
  return failed ? failed : make_buffers(model);
}

const char *baseline_open(BareModel *model, const char *library_path, const char *model_path,
                          int thread_count) {
  *model = (BareModel){.handles = calloc(1, sizeof(struct BareModelHandles))};
  if (!model->handles) return "calloc";
  snprintf(model->handles->thread_option, sizeof model->handles->thread_option,
           "num_threads = %d\n", thread_count);
  const char *failed = open_model(model, library_path, model_path);
  if (failed) baseline_close(model);
  return failed;
}

int baseline_run(const BareModel *model) {
  struct BareModelHandles *handles = model->handles;
  return handles->functions.RunCompiledModel(handles->compiled_model, 0, 1, &handles->input, 1,
                                             &handles->output);
}

void baseline_close(BareModel *model) {
  struct BareModelHandles *handles = model->handles;
  if (!handles) return;
#define DESTROY(name, handle) \
  if (handle) handles->functions.Destroy##name(handle)
  DESTROY(TensorBuffer, handles->output);
  DESTROY(TensorBuffer, handles->input);
  DESTROY(CompiledModel, handles->compiled_model);
  DESTROY(Options, handles->options);
  DESTROY(Model, handles->model);
  DESTROY(Environment, handles->environment);
#undef DESTROY
  free(handles->model_bytes);
  free(model->output);
  free(model->input);
  free(handles);
  *model = (BareModel){0};
}
