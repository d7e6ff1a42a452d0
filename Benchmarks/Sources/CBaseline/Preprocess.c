#define _POSIX_C_SOURCE 200809L  // posix_memalign

#include "CBaseline.h"

#include <libyuv.h>
#include <math.h>
#include <stdlib.h>

/// Grows `*memory` to at least `byte_count` bytes.
static uint8_t *take(uint8_t **memory, size_t *capacity, size_t byte_count) {
  if (*capacity < byte_count) {
    free(*memory);
    void *larger = NULL;
    *capacity = posix_memalign(&larger, 64, byte_count) == 0 ? byte_count : 0;
    *memory = larger;
  }
  return *memory;
}

int baseline_preprocess(const uint8_t *rgb, int width, int height, int side,
                        BaselineEncoding encoding, void *target) {
  static uint8_t *wide, *scaled, *narrow;
  static size_t wide_capacity, scaled_capacity, narrow_capacity;
  size_t count = (size_t)side * (size_t)side * 3;
  if (!take(&wide, &wide_capacity, (size_t)width * (size_t)height * 4) ||
      !take(&scaled, &scaled_capacity, (size_t)side * (size_t)side * 4) ||
      !take(&narrow, &narrow_capacity, count)) {
    return -1;
  }
  int status = RGB24ToARGB(rgb, width * 3, wide, width * 4, width, height);
  if (status == 0) {
    status =
        ARGBScale(wide, width * 4, width, height, scaled, side * 4, side, side, kFilterBilinear);
  }
  if (status == 0) {
    status = ARGBToRGB24(scaled, side * 4, narrow, side * 3, side, side);
  }
  if (status != 0) return status;

  float factor = 1 / encoding.std;
  if (!encoding.is_int8) {
    float *floats = target;
    for (size_t index = 0; index < count; index++) {
      floats[index] = factor * ((float)narrow[index] - encoding.mean);
    }
    return 0;
  }
  int8_t table[256];
  for (int byte = 0; byte < 256; byte++) {
    float value = roundf(factor * ((float)byte - encoding.mean) / encoding.scale);
    table[byte] = (int8_t)fminf(fmaxf(value + (float)encoding.zero_point, -128), 127);
  }
  int8_t *bytes = target;
  for (size_t index = 0; index < count; index++) {
    bytes[index] = table[narrow[index]];
  }
  return 0;
}
