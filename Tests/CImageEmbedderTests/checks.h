// What the C tests check with: every failure is named and counted, and the test goes on.

#ifndef CHECKS_H
#define CHECKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image_embedder.h"

static int failure_count = 0;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      failure_count++;                                                        \
    }                                                                         \
  } while (0)

/// Checks the status of a call that gives `char *error`, and that a failure and only that has a
/// message.
#define CHECK_STATUS(call, expected)                                                         \
  do {                                                                                       \
    char *error = (char *)"left over";                                                       \
    ie_status status = (call);                                                               \
    if (status != (expected)) {                                                              \
      fprintf(stderr, "%s:%d: %s, not %s: %s\n", __FILE__, __LINE__, ie_status_name(status), \
              ie_status_name(expected), #call);                                              \
      if (error != NULL) fprintf(stderr, "  %s\n", error);                                   \
      failure_count++;                                                                       \
    }                                                                                        \
    CHECK((error == NULL) == (status == IE_OK));                                             \
    CHECK(error == NULL || strlen(error) > 10);                                              \
    ie_string_free(error);                                                                   \
  } while (0)

#endif
