// The kernels, a file for each family of processors.

#ifndef PRODUCTS_H
#define PRODUCTS_H

#include "CSearch.h"

/// The queries that share one pass over a row's components.
#define QUERY_GROUP 4

/// How far ahead rows are asked for, in bytes: what memory needs to answer, at the speed of one
/// thread.
#define PREFETCH_DISTANCE 1024

typedef void products_function(const int8_t *rows, size_t row_count, size_t stride,
                               const int16_t *queries, size_t query_count, int32_t *products);

products_function csearch_products_portable;
products_function csearch_products_neon;
products_function csearch_products_avx2;
products_function csearch_products_avx512_vnni;

/// Defines a kernel of a function that computes the products of a constant number of queries, which
/// the compiler unrolls.
#define DEFINE_PRODUCTS(NAME, GROUP, TARGET)                                                     \
  TARGET void NAME(const int8_t *rows, size_t row_count, size_t stride, const int16_t *queries,  \
                   size_t query_count, int32_t *products) {                                      \
    size_t query = 0;                                                                            \
    for (; query + QUERY_GROUP <= query_count; query += QUERY_GROUP) {                           \
      GROUP(rows, row_count, stride, queries + query * stride, products + query * row_count,     \
            QUERY_GROUP);                                                                        \
    }                                                                                            \
    for (; query < query_count; query++) {                                                       \
      GROUP(rows, row_count, stride, queries + query * stride, products + query * row_count, 1); \
    }                                                                                            \
  }

#endif
