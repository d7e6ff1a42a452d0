#include "CSHA2.h"

#include <stdlib.h>
#include <sys/types.h>

#include <sha2.h>

// The library's header brings half of the system's along, which a Swift module must not claim.
struct csha2_context {
  SHA2_CTX context;
};

void csha2_sha256(const uint8_t *bytes, size_t byte_count, uint8_t *digest) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, bytes, byte_count);
  SHA256Final(digest, &context);
}

csha2_context *csha2_begin(void) {
  csha2_context *const context = malloc(sizeof *context);
  if (context != NULL) SHA256Init(&context->context);
  return context;
}

void csha2_add(csha2_context *context, const uint8_t *bytes, size_t byte_count) {
  SHA256Update(&context->context, bytes, byte_count);
}

void csha2_end(csha2_context *context, uint8_t *digest) {
  if (digest != NULL) SHA256Final(digest, &context->context);
  free(context);
}
