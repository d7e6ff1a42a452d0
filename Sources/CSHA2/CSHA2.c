#include "CSHA2.h"

#include <sys/types.h>

#include <sha2.h>

// The library's header brings half of the system's along, which a Swift module must not claim.
void csha2_sha256(const uint8_t *bytes, size_t byte_count, uint8_t *digest) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, bytes, byte_count);
  SHA256Final(digest, &context);
}
