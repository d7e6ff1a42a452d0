// The models that travel inside the program.

#ifndef CBUILTINMODELS_H
#define CBUILTINMODELS_H

#include <stddef.h>
#include <stdint.h>

/// A model's bytes: constant, 64-byte aligned, valid as long as the program.
typedef struct CBuiltInModel {
  const uint8_t *bytes;
  size_t byte_count;
} CBuiltInModel;

/// EfficientNet-Lite0 with float32 input and output.
CBuiltInModel cbuiltin_efficientnet_lite0(void);

/// EfficientNet-Lite0 with int8 input and output.
CBuiltInModel cbuiltin_efficientnet_lite0_int8(void);

#endif
