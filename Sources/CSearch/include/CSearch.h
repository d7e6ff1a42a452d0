// What a search spends its time on: products of many rows of signed bytes with a few queries.

#ifndef CSEARCH_H
#define CSEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What rows begin at and are padded to, in bytes.
#define CSEARCH_ALIGNMENT 64

/// The most products that a sum of 32 bits holds, where no query's component exceeds this over the
/// row's length: with components of a row of at least -128, no sum of any of them can overflow
/// then.
#define CSEARCH_LARGEST_SUM (INT32_MAX / 128)

/// Ways to compute the products, of which a processor has some. All give the same integers.
typedef enum {
  CSEARCH_PORTABLE,
  CSEARCH_NEON,
  CSEARCH_AVX2,
  CSEARCH_AVX512_VNNI,
} csearch_kernel;

/// Whether this program and this processor have a kernel.
bool csearch_has(csearch_kernel kernel);

/// Returns the fastest kernel that this processor has. One that does not give what the portable one
/// gives for some numbers of our own is passed over. Cheap from the second call on.
csearch_kernel csearch_fastest(void);

/// Computes the product of each row with each query.
///
/// @param rows          `row_count` rows of `stride` signed bytes, aligned to CSEARCH_ALIGNMENT.
/// @param stride        A multiple of CSEARCH_ALIGNMENT; what is behind a row's components is zero.
/// @param queries       `query_count` queries of `stride` components, aligned like the rows, whose
///                      magnitudes do not exceed CSEARCH_LARGEST_SUM / stride.
/// @param products      `query_count` times `row_count` numbers, those of the first query first.
void csearch_products(csearch_kernel kernel, const int8_t *rows, size_t row_count, size_t stride,
                      const int16_t *queries, size_t query_count, int32_t *products);

/// Returns a checksum that tells accidents: cut files, pages that were never written, swapped
/// blocks. Runs as fast as memory is read.
uint64_t csearch_checksum(const void *bytes, size_t byte_count);

#endif
