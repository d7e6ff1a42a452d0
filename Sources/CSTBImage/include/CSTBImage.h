// stb_image for the formats for which nothing better is at hand, TGA, PSD and PIC, and for JPEG as
// the Task Library decodes it.
//
// It trusts its input. Callers have to make sure beforehand that the bytes are a complete image of
// one of these formats and how large it is; each decoder in ImageFiles says what it checks and why.

#ifndef CSTBIMAGE_H
#define CSTBIMAGE_H

#include <stddef.h>
#include <stdint.h>

/// Decodes an image to 8 bits a channel.
///
/// `channels` receives the number of channels in the file; the result has `requested` of them (1 to
/// 4), or all where that is 0. NULL after a failure; else freed by `cstb_free`. Threads may call
/// this at the same time.
uint8_t *cstb_decode(const uint8_t *bytes, int byte_count, int *width, int *height, int *channels,
                     int requested);

/// Decodes a JPEG image: 3 channels, or 1 of a gray one; everything else as `cstb_decode`.
///
/// Another decoder must have found the data sound: of damaged data this one makes something up.
uint8_t *cstb_decode_jpeg(const uint8_t *bytes, int byte_count, int *width, int *height,
                          int *channels, int requested);

/// Frees what these functions returned; NULL is allowed.
void cstb_free(uint8_t *pixels);

/// Why the last call on this thread failed; static storage, NULL if none did.
const char *cstb_failure(void);

#endif
