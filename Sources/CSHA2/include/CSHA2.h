#pragma once

#include <stddef.h>
#include <stdint.h>

/// Writes the SHA-256 of `byte_count` bytes, 32 bytes long, to `digest`. By libmd.
void csha2_sha256(const uint8_t *_Nullable bytes, size_t byte_count, uint8_t *_Nonnull digest);

/// A digest of bytes that come in pieces.
typedef struct csha2_context csha2_context;

/// Begins a digest, which `csha2_end` frees; NULL without memory.
csha2_context *_Nullable csha2_begin(void);

/// Adds bytes.
void csha2_add(csha2_context *_Nonnull context, const uint8_t *_Nullable bytes, size_t byte_count);

/// Writes the digest, 32 bytes long, unless `digest` is NULL, and frees the context.
void csha2_end(csha2_context *_Nonnull context, uint8_t *_Nullable digest);
