// The models that travel inside the program.

#ifndef CBUILTINMODELS_H
#define CBUILTINMODELS_H

#include <stddef.h>
#include <stdint.h>

#define CBUILTIN_HIDDEN __attribute__((visibility("hidden")))

/// A model's bytes: constant, 64-byte aligned, valid as long as the program. NULL where the program
/// was linked without them.
typedef struct CBuiltInModel {
  const uint8_t *bytes;
  size_t byte_count;
} CBuiltInModel;

/// EfficientNet-Lite0 with float32 input and output.
CBUILTIN_HIDDEN CBuiltInModel cbuiltin_efficientnet_lite0(void);

/// EfficientNet-Lite0 with int8 input and output.
CBUILTIN_HIDDEN CBuiltInModel cbuiltin_efficientnet_lite0_int8(void);

#endif
