#include "Products.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#define INLINED static inline __attribute__((always_inline))

INLINED void neon_group(const int8_t *rows, size_t row_count, size_t stride, const int16_t *queries,
                        int32_t *products, const size_t width) {
  for (size_t row = 0; row < row_count; row++, rows += stride) {
    int32x4_t sums[QUERY_GROUP][2];
    for (size_t query = 0; query < width; query++) {
      sums[query][0] = sums[query][1] = vdupq_n_s32(0);
    }
    for (size_t start = 0; start < stride; start += 64) {
      __builtin_prefetch(rows + start + PREFETCH_DISTANCE);
      for (size_t index = start; index < start + 64; index += 16) {
        int8x16_t values = vld1q_s8(rows + index);
        int16x8_t first = vmovl_s8(vget_low_s8(values));
        int16x8_t second = vmovl_high_s8(values);
        for (size_t query = 0; query < width; query++) {
          const int16_t *other = queries + query * stride + index;
          int16x8_t low = vld1q_s16(other);
          int16x8_t high = vld1q_s16(other + 8);
          sums[query][0] = vmlal_s16(sums[query][0], vget_low_s16(first), vget_low_s16(low));
          sums[query][1] = vmlal_high_s16(sums[query][1], first, low);
          sums[query][0] = vmlal_s16(sums[query][0], vget_low_s16(second), vget_low_s16(high));
          sums[query][1] = vmlal_high_s16(sums[query][1], second, high);
        }
      }
    }
    for (size_t query = 0; query < width; query++) {
      products[query * row_count + row] = vaddvq_s32(vaddq_s32(sums[query][0], sums[query][1]));
    }
  }
}

DEFINE_PRODUCTS(csearch_products_neon, neon_group, )

#endif
