// The part of LiteRT's C interface that we call, declared from its documented facts.
//
// Nothing here is linked: libLiteRt.so is opened at run time and its functions are reached through
// `LiteRtFunctions`. The layouts are those of LiteRT 2.3.0 on LP64 platforms and are asserted below.

#ifndef CLITERT_H
#define CLITERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Handles. Complete (with a member that nobody reads) so that Swift imports a distinct pointer type
// for each and refuses one in place of another.
typedef struct LiteRtEnvironmentT { char opaque; } *LiteRtEnvironment;
typedef struct LiteRtModelT { char opaque; } *LiteRtModel;
typedef struct LiteRtSignatureT { char opaque; } *LiteRtSignature;
typedef struct LiteRtTensorT { char opaque; } *LiteRtTensor;
typedef struct LiteRtOptionsT { char opaque; } *LiteRtOptions;
typedef struct LiteRtOpaqueOptionsT { char opaque; } *LiteRtOpaqueOptions;
typedef struct LiteRtCompiledModelT { char opaque; } *LiteRtCompiledModel;
typedef struct LiteRtTensorBufferT { char opaque; } *LiteRtTensorBuffer;
typedef struct LiteRtTensorBufferRequirementsT { char opaque; } *LiteRtTensorBufferRequirements;

// Enumerations travel as 32-bit integers, so that values newer than this header survive.
typedef int32_t LiteRtStatus;
typedef int32_t LiteRtElementType;
typedef size_t LiteRtParamIndex;

enum { kLiteRtMaximumRank = 8 };

typedef struct LiteRtLayout {
  uint32_t rank : 7;
  uint32_t has_strides : 1;
  int32_t dimensions[kLiteRtMaximumRank];
  uint32_t strides[kLiteRtMaximumRank];
} LiteRtLayout;

typedef struct LiteRtRankedTensorType {
  LiteRtElementType element_type;
  LiteRtLayout layout;
} LiteRtRankedTensorType;

typedef struct LiteRtQuantizationPerTensor {
  float scale;
  int64_t zero_point;
} LiteRtQuantizationPerTensor;

typedef struct LiteRtAny {
  int32_t type;
  union {
    bool bool_value;
    int64_t int_value;
    double real_value;
    const char *str_value;
    const void *ptr_value;
  };
} LiteRtAny;

typedef struct LiteRtEnvOption {
  int32_t tag;
  LiteRtAny value;
} LiteRtEnvOption;

_Static_assert(sizeof(LiteRtLayout) == 68 && _Alignof(LiteRtLayout) == 4, "LiteRtLayout");
_Static_assert(offsetof(LiteRtLayout, dimensions) == 4, "LiteRtLayout.dimensions");
_Static_assert(offsetof(LiteRtLayout, strides) == 36, "LiteRtLayout.strides");
_Static_assert(sizeof(LiteRtRankedTensorType) == 72, "LiteRtRankedTensorType");
_Static_assert(offsetof(LiteRtRankedTensorType, layout) == 4, "LiteRtRankedTensorType.layout");
_Static_assert(sizeof(LiteRtQuantizationPerTensor) == 16, "LiteRtQuantizationPerTensor");
_Static_assert(offsetof(LiteRtQuantizationPerTensor, zero_point) == 8, "zero_point");
_Static_assert(sizeof(LiteRtAny) == 16 && offsetof(LiteRtAny, int_value) == 8, "LiteRtAny");
_Static_assert(sizeof(LiteRtEnvOption) == 24, "LiteRtEnvOption");
_Static_assert(offsetof(LiteRtEnvOption, value) == 8, "LiteRtEnvOption.value");
_Static_assert(sizeof(bool) == 1 && sizeof(size_t) == 8, "LP64");

LiteRtStatus LiteRtCreateEnvironment(int option_count, const LiteRtEnvOption *options,
                                     LiteRtEnvironment *environment);
void LiteRtDestroyEnvironment(LiteRtEnvironment environment);
void LiteRtEnvironmentHasGpuEnvironment(LiteRtEnvironment environment, bool *has_gpu_environment);

LiteRtStatus LiteRtCreateModelFromBuffer(LiteRtEnvironment environment, const void *bytes,
                                         size_t byte_count, LiteRtModel *model);
void LiteRtDestroyModel(LiteRtModel model);
LiteRtStatus LiteRtGetModelMetadata(LiteRtModel model, const char *key, const void **bytes,
                                    size_t *byte_count);
LiteRtStatus LiteRtGetNumModelSignatures(LiteRtModel model, LiteRtParamIndex *count);
LiteRtStatus LiteRtGetModelSignature(LiteRtModel model, LiteRtParamIndex index,
                                     LiteRtSignature *signature);
LiteRtStatus LiteRtGetNumSignatureInputs(LiteRtSignature signature, LiteRtParamIndex *count);
LiteRtStatus LiteRtGetNumSignatureOutputs(LiteRtSignature signature, LiteRtParamIndex *count);
LiteRtStatus LiteRtGetSignatureInputTensorByIndex(LiteRtSignature signature, LiteRtParamIndex index,
                                                  LiteRtTensor *tensor);
LiteRtStatus LiteRtGetSignatureOutputTensorByIndex(LiteRtSignature signature,
                                                   LiteRtParamIndex index, LiteRtTensor *tensor);
LiteRtStatus LiteRtGetTensorName(LiteRtTensor tensor, const char **name);
LiteRtStatus LiteRtGetTensorTypeId(LiteRtTensor tensor, int32_t *type_id);
LiteRtStatus LiteRtGetRankedTensorType(LiteRtTensor tensor, LiteRtRankedTensorType *type);
LiteRtStatus LiteRtGetQuantizationTypeId(LiteRtTensor tensor, int32_t *type_id);
LiteRtStatus LiteRtGetPerTensorQuantization(LiteRtTensor tensor,
                                            LiteRtQuantizationPerTensor *quantization);

LiteRtStatus LiteRtCreateOptions(LiteRtOptions *options);
void LiteRtDestroyOptions(LiteRtOptions options);
LiteRtStatus LiteRtSetOptionsHardwareAccelerators(LiteRtOptions options, int32_t accelerators);
LiteRtStatus LiteRtCreateOpaqueOptions(const char *identifier, void *payload,
                                       void (*destructor)(void *), LiteRtOpaqueOptions *options);
LiteRtStatus LiteRtAddOpaqueOptions(LiteRtOptions options, LiteRtOpaqueOptions opaque_options);
void LiteRtDestroyOpaqueOptions(LiteRtOpaqueOptions opaque_options);

LiteRtStatus LiteRtCreateCompiledModel(LiteRtEnvironment environment, LiteRtModel model,
                                       LiteRtOptions options, LiteRtCompiledModel *compiled_model);
void LiteRtDestroyCompiledModel(LiteRtCompiledModel compiled_model);
LiteRtStatus LiteRtCompiledModelIsFullyAccelerated(LiteRtCompiledModel compiled_model,
                                                   bool *is_fully_accelerated);
LiteRtStatus LiteRtGetCompiledModelInputTensorLayout(LiteRtCompiledModel compiled_model,
                                                     LiteRtParamIndex signature,
                                                     LiteRtParamIndex input, LiteRtLayout *layout);
LiteRtStatus LiteRtGetCompiledModelOutputTensorLayouts(LiteRtCompiledModel compiled_model,
                                                       LiteRtParamIndex signature, size_t count,
                                                       LiteRtLayout *layouts,
                                                       bool update_allocation);
LiteRtStatus LiteRtGetCompiledModelInputBufferRequirements(
    LiteRtCompiledModel compiled_model, LiteRtParamIndex signature, LiteRtParamIndex input,
    LiteRtTensorBufferRequirements *requirements);
LiteRtStatus LiteRtGetCompiledModelOutputBufferRequirements(
    LiteRtCompiledModel compiled_model, LiteRtParamIndex signature, LiteRtParamIndex output,
    LiteRtTensorBufferRequirements *requirements);
LiteRtStatus LiteRtGetTensorBufferRequirementsBufferSize(
    LiteRtTensorBufferRequirements requirements, size_t *byte_count);
LiteRtStatus LiteRtCompiledModelResizeInputTensor(LiteRtCompiledModel compiled_model,
                                                  LiteRtParamIndex signature,
                                                  LiteRtParamIndex input, const int *dimensions,
                                                  size_t rank);
LiteRtStatus LiteRtRunCompiledModel(LiteRtCompiledModel compiled_model, LiteRtParamIndex signature,
                                    size_t input_count, LiteRtTensorBuffer *inputs,
                                    size_t output_count, LiteRtTensorBuffer *outputs);
LiteRtStatus LiteRtCompiledModelGetErrorMessages(LiteRtCompiledModel compiled_model,
                                                 char **messages);
LiteRtStatus LiteRtCompiledModelClearErrors(LiteRtCompiledModel compiled_model);

LiteRtStatus LiteRtCreateTensorBufferFromHostMemory(const LiteRtRankedTensorType *type,
                                                    void *memory, size_t byte_count,
                                                    void (*deallocator)(void *),
                                                    LiteRtTensorBuffer *buffer);
void LiteRtDestroyTensorBuffer(LiteRtTensorBuffer buffer);

// Every function above, once. The table and its loader are made from this list.
#define LITERT_FUNCTIONS(FUNCTION)                   \
  FUNCTION(CreateEnvironment)                        \
  FUNCTION(DestroyEnvironment)                       \
  FUNCTION(EnvironmentHasGpuEnvironment)             \
  FUNCTION(CreateModelFromBuffer)                    \
  FUNCTION(DestroyModel)                             \
  FUNCTION(GetModelMetadata)                         \
  FUNCTION(GetNumModelSignatures)                    \
  FUNCTION(GetModelSignature)                        \
  FUNCTION(GetNumSignatureInputs)                    \
  FUNCTION(GetNumSignatureOutputs)                   \
  FUNCTION(GetSignatureInputTensorByIndex)           \
  FUNCTION(GetSignatureOutputTensorByIndex)          \
  FUNCTION(GetTensorName)                            \
  FUNCTION(GetTensorTypeId)                          \
  FUNCTION(GetRankedTensorType)                      \
  FUNCTION(GetQuantizationTypeId)                    \
  FUNCTION(GetPerTensorQuantization)                 \
  FUNCTION(CreateOptions)                            \
  FUNCTION(DestroyOptions)                           \
  FUNCTION(SetOptionsHardwareAccelerators)           \
  FUNCTION(CreateOpaqueOptions)                      \
  FUNCTION(AddOpaqueOptions)                         \
  FUNCTION(DestroyOpaqueOptions)                     \
  FUNCTION(CreateCompiledModel)                      \
  FUNCTION(DestroyCompiledModel)                     \
  FUNCTION(CompiledModelIsFullyAccelerated)          \
  FUNCTION(GetCompiledModelInputTensorLayout)        \
  FUNCTION(GetCompiledModelOutputTensorLayouts)      \
  FUNCTION(GetCompiledModelInputBufferRequirements)  \
  FUNCTION(GetCompiledModelOutputBufferRequirements) \
  FUNCTION(GetTensorBufferRequirementsBufferSize)    \
  FUNCTION(CompiledModelResizeInputTensor)           \
  FUNCTION(RunCompiledModel)                         \
  FUNCTION(CompiledModelGetErrorMessages)            \
  FUNCTION(CompiledModelClearErrors)                 \
  FUNCTION(CreateTensorBufferFromHostMemory)         \
  FUNCTION(DestroyTensorBuffer)

#define LITERT_TYPE(name) typedef __typeof__(&LiteRt##name) LiteRt##name##_fn;
LITERT_FUNCTIONS(LITERT_TYPE)
#undef LITERT_TYPE

/// The functions of one opened runtime library. Each member is non-null after a successful
/// `clitert_resolve`.
typedef struct LiteRtFunctions {
#define LITERT_MEMBER(name) LiteRt##name##_fn name;
  LITERT_FUNCTIONS(LITERT_MEMBER)
#undef LITERT_MEMBER
} LiteRtFunctions;

/// Looks every function up in a library opened with `dlopen`.
///
/// Returns NULL when all were found, else the name of the first that is missing (static storage).
const char *clitert_resolve(void *library, LiteRtFunctions *functions);

#endif
