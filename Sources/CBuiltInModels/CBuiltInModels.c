#include "CBuiltInModels.h"

static const _Alignas(64) uint8_t efficientnet_lite0[] = {
#embed "../../Models/efficientnet-lite0.tflite"
};

static const _Alignas(64) uint8_t efficientnet_lite0_int8[] = {
#embed "../../Models/efficientnet-lite0-int8.tflite"
};

CBuiltInModel cbuiltin_efficientnet_lite0(void) {
  return (CBuiltInModel){efficientnet_lite0, sizeof efficientnet_lite0};
}

CBuiltInModel cbuiltin_efficientnet_lite0_int8(void) {
  return (CBuiltInModel){efficientnet_lite0_int8, sizeof efficientnet_lite0_int8};
}
