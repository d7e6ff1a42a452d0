#include "CSearch.h"

#include <stdatomic.h>
#include <string.h>

#include "Products.h"

void csearch_products_portable(const int8_t *rows, size_t row_count, size_t stride,
                               const int16_t *queries, size_t query_count, int32_t *products) {
  for (size_t query = 0; query < query_count; query++) {
    const int16_t *components = queries + query * stride;
    for (size_t row = 0; row < row_count; row++) {
      const int8_t *values = rows + row * stride;
      int32_t sum = 0;
      for (size_t index = 0; index < stride; index++) sum += values[index] * components[index];
      products[query * row_count + row] = sum;
    }
  }
}

static products_function *function_of(csearch_kernel kernel) {
  switch (kernel) {
#if defined(__x86_64__)
    case CSEARCH_AVX512_VNNI: return csearch_products_avx512_vnni;
    case CSEARCH_AVX2: return csearch_products_avx2;
#elif defined(__aarch64__)
    case CSEARCH_NEON: return csearch_products_neon;
#endif
    default: return csearch_products_portable;
  }
}

bool csearch_has(csearch_kernel kernel) {
  switch (kernel) {
    case CSEARCH_PORTABLE: return true;
#if defined(__x86_64__)
    case CSEARCH_AVX2: return __builtin_cpu_supports("avx2");
    case CSEARCH_AVX512_VNNI:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__)
    case CSEARCH_NEON: return true;
#endif
    default: return false;
  }
}

/// Whether a kernel gives the portable one's products, with the largest components that there can
/// be.
static bool is_right(csearch_kernel kernel) {
  enum { stride = 192, row_count = 3, query_count = QUERY_GROUP + 1 };
  _Alignas(CSEARCH_ALIGNMENT) int8_t rows[row_count * stride];
  _Alignas(CSEARCH_ALIGNMENT) int16_t queries[query_count * stride];
  int32_t products[query_count * row_count], expected[query_count * row_count];
  uint32_t state = 1;
  for (size_t index = 0; index < sizeof rows; index++) {
    state = state * 1664525 + 1013904223;
    rows[index] = (int8_t)(state >> 24);
  }
  for (size_t index = 0; index < query_count * stride; index++) {
    state = state * 1664525 + 1013904223;
    queries[index] = (int16_t)(state >> 16);
  }
  for (size_t index = 0; index < stride; index++) {
    rows[index] = INT8_MIN;
    queries[index] = -INT16_MAX;
  }
  function_of(kernel)(rows, row_count, stride, queries, query_count, products);
  csearch_products_portable(rows, row_count, stride, queries, query_count, expected);
  return memcmp(products, expected, sizeof expected) == 0;
}

csearch_kernel csearch_fastest(void) {
  static _Atomic int known = -1;
  int kernel = atomic_load_explicit(&known, memory_order_relaxed);
  if (kernel >= 0) return (csearch_kernel)kernel;
  for (kernel = CSEARCH_AVX512_VNNI; kernel > CSEARCH_PORTABLE; kernel--) {
    if (csearch_has((csearch_kernel)kernel) && is_right((csearch_kernel)kernel)) break;
  }
  // Threads that get here at once find the same.
  atomic_store_explicit(&known, kernel, memory_order_relaxed);
  return (csearch_kernel)kernel;
}

void csearch_products(csearch_kernel kernel, const int8_t *rows, size_t row_count, size_t stride,
                      const int16_t *queries, size_t query_count, int32_t *products) {
  function_of(kernel)(rows, row_count, stride, queries, query_count, products);
}

uint64_t csearch_checksum(const void *bytes, size_t byte_count) {
  // Eight chains hide the multiplications' latency. An odd factor loses nothing of what went
  // before.
  const uint64_t factor = 0x9e3779b97f4a7c15;
  uint64_t sums[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const unsigned char *next = bytes;
  size_t rest = byte_count;
  for (; rest >= sizeof sums; rest -= sizeof sums, next += sizeof sums) {
    uint64_t words[8];
    memcpy(words, next, sizeof words);
    for (size_t lane = 0; lane < 8; lane++) sums[lane] = (sums[lane] ^ words[lane]) * factor;
  }
  uint64_t words[8] = {0};
  memcpy(words, next, rest);
  uint64_t result = byte_count;
  for (size_t lane = 0; lane < 8; lane++) {
    sums[lane] = (sums[lane] ^ words[lane]) * factor;
    result = ((result ^ sums[lane]) * factor) ^ (result >> 32);
  }
  return result;
}
