#pragma once

#include <stddef.h>
#include <stdint.h>

/// Writes the SHA-256 of `byte_count` bytes, 32 bytes long, to `digest`. By libmd.
void csha2_sha256(const uint8_t *_Nullable bytes, size_t byte_count, uint8_t *_Nonnull digest);
