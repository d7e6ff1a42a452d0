#include "Products.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINED static inline __attribute__((always_inline))

AVX2 INLINED int32_t avx2_sum(__m256i values) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

AVX2 INLINED void avx2_group(const int8_t *rows, size_t row_count, size_t stride,
                             const int16_t *queries, int32_t *products, const size_t width) {
  for (size_t row = 0; row < row_count; row++, rows += stride) {
    // Two chains of additions for each query, so that none waits for the other.
    __m256i sums[QUERY_GROUP][2];
    for (size_t query = 0; query < width; query++) {
      sums[query][0] = sums[query][1] = _mm256_setzero_si256();
    }
    for (size_t start = 0; start < stride; start += 64) {
      _mm_prefetch((const char *)rows + start + PREFETCH_DISTANCE, _MM_HINT_T0);
#pragma clang loop unroll(full)
      for (size_t index = start; index < start + 64; index += 32) {
        __m256i first = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(rows + index)));
        __m256i second = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(rows + index + 16)));
        for (size_t query = 0; query < width; query++) {
          const __m256i *other = (const __m256i *)(queries + query * stride + index);
          sums[query][0] = _mm256_add_epi32(sums[query][0], _mm256_madd_epi16(first, other[0]));
          sums[query][1] = _mm256_add_epi32(sums[query][1], _mm256_madd_epi16(second, other[1]));
        }
      }
    }
    for (size_t query = 0; query < width; query++) {
      products[query * row_count + row] =
          avx2_sum(_mm256_add_epi32(sums[query][0], sums[query][1]));
    }
  }
}

DEFINE_PRODUCTS(csearch_products_avx2, avx2_group, AVX2)

AVX512 INLINED void avx512_group(const int8_t *rows, size_t row_count, size_t stride,
                                 const int16_t *queries, int32_t *products, const size_t width) {
  for (size_t row = 0; row < row_count; row++, rows += stride) {
    __m512i sums[QUERY_GROUP][2];
    for (size_t query = 0; query < width; query++) {
      sums[query][0] = sums[query][1] = _mm512_setzero_si512();
    }
    for (size_t start = 0; start < stride; start += 64) {
      _mm_prefetch((const char *)rows + start + PREFETCH_DISTANCE, _MM_HINT_T0);
      const __m256i *values = (const __m256i *)(rows + start);
      __m512i first = _mm512_cvtepi8_epi16(_mm256_load_si256(values));
      __m512i second = _mm512_cvtepi8_epi16(_mm256_load_si256(values + 1));
      for (size_t query = 0; query < width; query++) {
        const __m512i *other = (const __m512i *)(queries + query * stride + start);
        sums[query][0] = _mm512_dpwssd_epi32(sums[query][0], first, other[0]);
        sums[query][1] = _mm512_dpwssd_epi32(sums[query][1], second, other[1]);
      }
    }
    for (size_t query = 0; query < width; query++) {
      products[query * row_count + row] =
          _mm512_reduce_add_epi32(_mm512_add_epi32(sums[query][0], sums[query][1]));
    }
  }
}

DEFINE_PRODUCTS(csearch_products_avx512_vnni, avx512_group, AVX512)

#endif
