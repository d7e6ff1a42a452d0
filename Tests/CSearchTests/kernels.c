// Holds every kernel of this processor, or of one that is emulated, against sums of 64 bits.
//
// usage: kernels [NAME…]      the kernels that there have to be

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CSearch.h"

static const char *const names[] = {"portable", "NEON", "AVX2", "AVX-512 VNNI"};

static uint64_t state = 1;

// Numbers that look random, the same everywhere.
static uint32_t next(void) {
  state = state * 6364136223846793005 + 1442695040888963407;
  return (uint32_t)(state >> 32);
}

// Fills rows and queries: of random numbers, or of those whose sums are the largest.
static void fill(int8_t *rows, size_t row_byte_count, int16_t *queries, size_t component_count,
                 int32_t largest, bool is_extreme) {
  for (size_t index = 0; index < row_byte_count; index++) {
    rows[index] = is_extreme ? (next() & 1 ? INT8_MIN : INT8_MAX) : (int8_t)next();
  }
  for (size_t index = 0; index < component_count; index++) {
    const int32_t sign = next() & 1 ? 1 : -1;
    queries[index] =
        (int16_t)(is_extreme ? sign * largest : sign * (int32_t)(next() % (uint32_t)(largest + 1)));
  }
  if (!is_extreme) return;
  // The first row with the first query is the largest sum of all, with no sign that changes.
  const size_t stride = row_byte_count < component_count ? row_byte_count : component_count;
  for (size_t index = 0; index < stride; index++) {
    rows[index] = INT8_MIN;
    queries[index] = (int16_t)-largest;
  }
}

static int compare(csearch_kernel kernel, size_t stride, size_t row_count, size_t query_count,
                   bool is_extreme) {
  int32_t largest = CSEARCH_LARGEST_SUM / (int32_t)stride;
  if (largest > INT16_MAX) largest = INT16_MAX;
  // Not a byte more than is needed, so that a sanitizer sees who reads beyond.
  int8_t *rows = aligned_alloc(CSEARCH_ALIGNMENT, row_count * stride);
  int16_t *queries = aligned_alloc(CSEARCH_ALIGNMENT, 2 * query_count * stride);
  int32_t *products = malloc(query_count * row_count * sizeof *products);
  if (!rows || !queries || !products) exit(3);
  fill(rows, row_count * stride, queries, query_count * stride, largest, is_extreme);
  csearch_products(kernel, rows, row_count, stride, queries, query_count, products);
  int wrong_count = 0;
  for (size_t query = 0; query < query_count; query++) {
    for (size_t row = 0; row < row_count; row++) {
      int64_t sum = 0;
      for (size_t index = 0; index < stride; index++) {
        sum += (int64_t)rows[row * stride + index] * queries[query * stride + index];
      }
      if (products[query * row_count + row] != sum) {
        printf("%s: row %zu of %zu, query %zu of %zu, stride %zu: %" PRId32 " and not %" PRId64
               "\n",
               names[kernel], row, row_count, query, query_count, stride,
               products[query * row_count + row], sum);
        wrong_count++;
      }
    }
  }
  free(rows);
  free(queries);
  free(products);
  return wrong_count;
}

int main(int argc, char **argv) {
  static const size_t strides[] = {64, 128, 192, 576, 1280, 2048, 8192};
  int wrong_count = 0;
  for (int kernel = CSEARCH_PORTABLE; kernel <= CSEARCH_AVX512_VNNI; kernel++) {
    bool is_wanted = false;
    for (int index = 1; index < argc; index++) is_wanted |= strcmp(argv[index], names[kernel]) == 0;
    if (!csearch_has((csearch_kernel)kernel)) {
      if (is_wanted) printf("%s is not there\n", names[kernel]), wrong_count++;
      continue;
    }
    int count = 0;
    for (size_t index = 0; index < sizeof strides / sizeof *strides; index++) {
      for (size_t rows = 1; rows <= 9; rows += 2) {
        for (size_t queries = 1; queries <= 13; queries++) {
          for (int is_extreme = 0; is_extreme < 2; is_extreme++, count++) {
            wrong_count +=
                compare((csearch_kernel)kernel, strides[index], rows, queries, is_extreme != 0);
          }
        }
      }
    }
    printf("%s: %d comparisons\n", names[kernel], count);
  }
  printf("%s is the fastest\n", names[csearch_fastest()]);
  if (wrong_count > 0) printf("%d are wrong\n", wrong_count);
  return wrong_count > 0;
}
