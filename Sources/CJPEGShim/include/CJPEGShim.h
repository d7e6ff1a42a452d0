// libjpeg-turbo's own interface over bytes in memory, without its error handler that ends the
// process and without setjmp, neither of which Swift can use.
//
// The library goes on after most defects and says what it met by numbers. They are told apart here:
// what leaves every pixel as it was meant is noted, what does not ends the decoding.

#ifndef CJPEGSHIM_H
#define CJPEGSHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One JPEG file that is being read. Used by one thread at a time; different ones share nothing.
typedef struct cjpeg cjpeg;

/// What went wrong.
enum {
  CJPEG_NO_FAILURE = 0,
  /// The data contradicts the format.
  CJPEG_DAMAGED = 1,
  /// The data ends before the picture does.
  CJPEG_TRUNCATED = 2,
  /// The picture is sound but of a kind that the library does not decode.
  CJPEG_UNSUPPORTED = 3,
  /// A side is longer than the library takes.
  CJPEG_TOO_LARGE = 4,
  /// There was no memory for reading it.
  CJPEG_OUT_OF_MEMORY = 5,
};

/// What was odd about a file whose pixels are all as they were meant, one bit each.
enum {
  /// The Adobe segment names a colour transform that does not exist.
  CJPEG_ODD_ADOBE_TRANSFORM = 1,
  /// The JFIF segment is of a version that does not exist.
  CJPEG_ODD_JFIF_VERSION = 2,
  /// A scan's header has parameters that a picture that is not progressive cannot have.
  CJPEG_ODD_SCAN_PARAMETERS = 4,
  /// The scans of a progressive picture come in an order that is not allowed.
  CJPEG_ODD_PROGRESSION = 8,
  /// There are bytes between two segments that belong to neither.
  CJPEG_ODD_EXTRANEOUS_BYTES = 16,
  /// The end marker is missing.
  CJPEG_ODD_NO_END_MARKER = 32,
  /// What follows the picture's data has no meaning.
  CJPEG_ODD_ENDING = 64,
};

/// How a picture's colours are coded.
enum {
  CJPEG_GRAY = 1,
  CJPEG_COLOR = 2,
  /// Cyan, magenta, yellow and black.
  CJPEG_INKS = 3,
};

typedef struct cjpeg_header {
  uint32_t width;
  uint32_t height;
  /// `CJPEG_GRAY`, `CJPEG_COLOR` or `CJPEG_INKS`.
  int colors;
} cjpeg_header;

/// Begins to read; the bytes must outlive the result. Takes memory, but none for the picture yet.
///
/// NULL when there is no memory. The result is freed by `cjpeg_destroy`.
cjpeg *cjpeg_create(const void *bytes, size_t byte_count);

/// Frees everything; NULL is allowed.
void cjpeg_destroy(cjpeg *jpeg);

/// Reads all up to the data of the picture. Returns false after a failure; after `CJPEG_TOO_LARGE`
/// the header has the width and height nevertheless.
bool cjpeg_read_header(cjpeg *jpeg, cjpeg_header *header);

/// Decodes the picture, once, after `cjpeg_read_header`: packed RGB, with `is_wide` an opaque RGBA,
/// or the four inks in any case, row by row.
///
/// Where `needed_rows` is given, which has a value for each row, the others need not be written:
/// only allowed with the factor 1. Whatever it is, the same files fail, for the same reasons.
///
/// `pixels` has to have room for the width and height divided by `factor` (1, 2, 4 or 8) and
/// rounded up. With `allows_truncated` a picture whose data ends early is decoded as far as it
/// goes, and `is_cut_short` tells. Returns false after a failure.
bool cjpeg_decode(cjpeg *jpeg, int factor, bool is_wide, const bool *needed_rows,
                  bool allows_truncated, uint8_t *pixels, bool *is_cut_short);

/// What was odd, after success: the sum of `CJPEG_ODD_…`.
int cjpeg_oddities(const cjpeg *jpeg);

/// The kind of the failure.
int cjpeg_failure(const cjpeg *jpeg);

/// The library's words for the failure; valid as long as the handle.
const char *cjpeg_message(const cjpeg *jpeg);

/// Encodes a picture as a baseline JPEG file with chroma at half of its size.
///
/// `pixels` is packed RGB, row by row from the top; each side is 1 to 65500, the quality 1 to 100.
/// NULL when there is no memory, or a side is outside of that; the result is freed by `free`.
uint8_t *cjpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality,
                      size_t *byte_count);

#endif
