#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/// Decompresses raw deflate data (RFC 1951) up to a number of bytes; the function that begins it is a
/// macro, which Swift does not see.
///
/// @param capacity  The bytes that `target` has place for.
/// @param is_whole  Set to whether the data ended there, as they should.
/// @return The number of bytes that were written; at most 2^32 - 1 are read or written.
static inline size_t czlib_inflate(const void *source, size_t count, void *target, size_t capacity,
                                   bool *is_whole) {
  z_stream stream = {0};
  *is_whole = false;
  if (count > UINT32_MAX || capacity > UINT32_MAX) return 0;
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return 0;
  stream.next_in = (z_const Bytef *)source;
  stream.avail_in = (uInt)count;
  stream.next_out = (Bytef *)target;
  stream.avail_out = (uInt)capacity;
  *is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  const size_t written = capacity - stream.avail_out;
  inflateEnd(&stream);
  return written;
}

/// The CRC-32 of some bytes, in pieces of which zlib takes them.
static inline uint32_t czlib_checksum(const void *bytes, size_t count) {
  uLong sum = crc32(0, Z_NULL, 0);
  const Bytef *rest = (const Bytef *)bytes;
  while (count > 0) {
    const uInt piece = count > (1u << 30) ? 1u << 30 : (uInt)count;
    sum = crc32(sum, rest, piece);
    rest += piece;
    count -= piece;
  }
  return (uint32_t)sum;
}
