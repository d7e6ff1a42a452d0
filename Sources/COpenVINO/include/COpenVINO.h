// The part of OpenVINO's C interface that we call, declared from its documented facts.
//
// Nothing here is linked: libopenvino_c.so.2631 is opened at run time and its functions are reached
// through `OpenVINOFunctions`. The layouts are those of OpenVINO 2026.3.1 on LP64 platforms.

#ifndef COPENVINO_H
#define COPENVINO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Handles. Complete (with a member that nobody reads) so that Swift imports a distinct pointer type
// for each and refuses one in place of another.
typedef struct ov_core {
  char opaque;
} ov_core_t;
typedef struct ov_model {
  char opaque;
} ov_model_t;
typedef struct ov_compiled_model {
  char opaque;
} ov_compiled_model_t;
typedef struct ov_infer_request {
  char opaque;
} ov_infer_request_t;
typedef struct ov_tensor {
  char opaque;
} ov_tensor_t;
typedef struct ov_output_const_port {
  char opaque;
} ov_output_const_port_t;

// Enumerations travel as 32-bit integers, so that values newer than this header survive.
typedef int32_t ov_status_e;
typedef int32_t ov_element_type_e;

typedef struct {
  int64_t rank;
  int64_t *dims;
} ov_shape_t;

typedef struct {
  int64_t min;
  int64_t max;
} ov_dimension_t;

typedef struct {
  ov_dimension_t rank;
  ov_dimension_t *dims;
} ov_partial_shape_t;

typedef struct {
  const char *buildNumber;
  const char *description;
} ov_version_t;

_Static_assert(sizeof(ov_shape_t) == 16 && sizeof(ov_dimension_t) == 16, "ov_shape_t");
_Static_assert(sizeof(ov_partial_shape_t) == 24 && sizeof(ov_version_t) == 16,
               "ov_partial_shape_t");

ov_status_e ov_get_openvino_version(ov_version_t *version);
void ov_version_free(ov_version_t *version);
const char *ov_get_last_err_msg(void);
void ov_free(const char *content);

ov_status_e ov_core_create(ov_core_t **core);
void ov_core_free(ov_core_t *core);
ov_status_e ov_core_get_property(const ov_core_t *core, const char *device, const char *key,
                                 char **value);
ov_status_e ov_core_set_property(const ov_core_t *core, const char *device, ...);
ov_status_e ov_core_import_model(const ov_core_t *core, const char *content, size_t byte_count,
                                 const char *device, ov_compiled_model_t **compiled_model);
ov_status_e ov_core_read_model(const ov_core_t *core, const char *path, const char *weights_path,
                               ov_model_t **model);
ov_status_e ov_core_compile_model(const ov_core_t *core, const ov_model_t *model,
                                  const char *device, size_t argument_count,
                                  ov_compiled_model_t **compiled_model, ...);

void ov_model_free(ov_model_t *model);
ov_status_e ov_model_inputs_size(const ov_model_t *model, size_t *count);
ov_status_e ov_model_reshape_single_input(const ov_model_t *model, ov_partial_shape_t shape);
ov_status_e ov_partial_shape_create(int64_t rank, const ov_dimension_t *dimensions,
                                    ov_partial_shape_t *shape);
void ov_partial_shape_free(ov_partial_shape_t *shape);

void ov_compiled_model_free(ov_compiled_model_t *compiled_model);
ov_status_e ov_compiled_model_export_model(const ov_compiled_model_t *compiled_model,
                                           const char *path);
ov_status_e ov_compiled_model_get_property(const ov_compiled_model_t *compiled_model,
                                           const char *key, char **value);
ov_status_e ov_compiled_model_outputs_size(const ov_compiled_model_t *compiled_model,
                                           size_t *count);
ov_status_e ov_compiled_model_create_infer_request(const ov_compiled_model_t *compiled_model,
                                                   ov_infer_request_t **request);

void ov_infer_request_free(ov_infer_request_t *request);
ov_status_e ov_infer_request_set_input_tensor_by_index(ov_infer_request_t *request, size_t index,
                                                       const ov_tensor_t *tensor);
ov_status_e ov_infer_request_infer(ov_infer_request_t *request);
ov_status_e ov_infer_request_get_output_tensor_by_index(const ov_infer_request_t *request,
                                                        size_t index, ov_tensor_t **tensor);

ov_status_e ov_tensor_create_from_host_ptr(ov_element_type_e type, ov_shape_t shape, void *memory,
                                           ov_tensor_t **tensor);
void ov_tensor_free(ov_tensor_t *tensor);
ov_status_e ov_tensor_get_shape(const ov_tensor_t *tensor, ov_shape_t *shape);
ov_status_e ov_shape_free(ov_shape_t *shape);
ov_status_e ov_tensor_get_element_type(const ov_tensor_t *tensor, ov_element_type_e *type);
ov_status_e ov_tensor_get_byte_size(const ov_tensor_t *tensor, size_t *byte_count);
ov_status_e ov_tensor_data(const ov_tensor_t *tensor, void **data);

// Every function above, once. The table and its loader are made from this list.
#define OPENVINO_FUNCTIONS(FUNCTION)                 \
  FUNCTION(get_openvino_version)                     \
  FUNCTION(version_free)                             \
  FUNCTION(get_last_err_msg)                         \
  FUNCTION(free)                                     \
  FUNCTION(core_create)                              \
  FUNCTION(core_free)                                \
  FUNCTION(core_get_property)                        \
  FUNCTION(core_import_model)                        \
  FUNCTION(core_read_model)                          \
  FUNCTION(model_free)                               \
  FUNCTION(model_inputs_size)                        \
  FUNCTION(model_reshape_single_input)               \
  FUNCTION(partial_shape_create)                     \
  FUNCTION(partial_shape_free)                       \
  FUNCTION(compiled_model_free)                      \
  FUNCTION(compiled_model_export_model)              \
  FUNCTION(compiled_model_get_property)              \
  FUNCTION(compiled_model_outputs_size)              \
  FUNCTION(compiled_model_create_infer_request)      \
  FUNCTION(infer_request_free)                       \
  FUNCTION(infer_request_set_input_tensor_by_index)  \
  FUNCTION(infer_request_infer)                      \
  FUNCTION(infer_request_get_output_tensor_by_index) \
  FUNCTION(tensor_create_from_host_ptr)              \
  FUNCTION(tensor_free)                              \
  FUNCTION(tensor_get_shape)                         \
  FUNCTION(shape_free)                               \
  FUNCTION(tensor_get_element_type)                  \
  FUNCTION(tensor_get_byte_size)                     \
  FUNCTION(tensor_data)

#define OPENVINO_TYPE(name) typedef __typeof__(&ov_##name) ov_##name##_fn;
OPENVINO_FUNCTIONS(OPENVINO_TYPE)
#undef OPENVINO_TYPE

/// The functions of one opened library. Each member is non-null after a successful
/// `copenvino_resolve`.
typedef struct OpenVINOFunctions {
#define OPENVINO_MEMBER(name) ov_##name##_fn name;
  OPENVINO_FUNCTIONS(OPENVINO_MEMBER)
#undef OPENVINO_MEMBER
  /// `ov_core_compile_model`, which takes a variable list of properties, for the processor and with
  /// the properties that we set.
  ov_status_e (*compile)(const struct OpenVINOFunctions *functions, const ov_core_t *core,
                         const ov_model_t *model, const char *threads, const char *streams,
                         const char *precision, ov_compiled_model_t **compiled_model);
  /// `ov_core_import_model` for the processor; fails unless what comes has the properties that we
  /// set.
  ov_status_e (*import_compiled)(const struct OpenVINOFunctions *functions, const ov_core_t *core,
                                 const char *content, size_t byte_count, const char *threads,
                                 const char *streams, const char *precision,
                                 ov_compiled_model_t **compiled_model);
  /// `ov_core_compile_model` and `ov_core_set_property` themselves.
  void (*core_compile_model)(void);
  void (*core_set_property)(void);
} OpenVINOFunctions;

/// Looks every function up in a library opened with `dlopen`.
///
/// Returns NULL when all were found, else the name of the first that is missing (static storage).
const char *copenvino_resolve(void *library, OpenVINOFunctions *functions);

/// Whether this processor has what OpenVINO's kernels for it are made for: AVX2 on x86.
bool copenvino_processor_is_supported(void);

/// How many words tell processors apart.
enum { copenvino_processor_word_count = 8 };

/// The words that tell processors apart, by model and by what they can do; zeros where none are
/// known.
void copenvino_processor_words(uint32_t words[copenvino_processor_word_count]);

#endif
