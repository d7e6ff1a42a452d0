// libtiff's "read any image as RGBA" interface over bytes in memory, without its variadic functions,
// its global error handlers and its messages on the standard error, none of which Swift can use.

#ifndef CTIFFSHIM_H
#define CTIFFSHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One TIFF file that is being read. Used by one thread at a time; different ones share nothing.
typedef struct ctiff ctiff;

/// What went wrong last.
enum {
  CTIFF_NO_FAILURE = 0,
  /// The data contradicts the format.
  CTIFF_DAMAGED = 1,
  /// A part of the image lies behind the end of the bytes.
  CTIFF_TRUNCATED = 2,
  /// The image is of a kind that libtiff does not convert to RGBA.
  CTIFF_UNSUPPORTED = 3,
  /// There was no memory for reading it.
  CTIFF_OUT_OF_MEMORY = 4,
};

/// The first page.
typedef struct ctiff_header {
  uint32_t width;
  uint32_t height;
  /// The orientation tag, 1 to 8; 1 where there is none.
  uint16_t orientation;
  /// Whether the decoded alpha is the file's, and not 255 throughout.
  bool has_alpha;
  /// Whether all colours are equal.
  bool is_gray;
  /// Whether colours are stored multiplied by alpha, in which case they are decoded like that.
  bool is_premultiplied;
  /// Whether the page says that it is a smaller version of another one.
  bool is_reduced;
  /// Whether the value of some tag lies behind the end of the bytes; none that pixels depend on.
  bool lacks_tags;
  /// The bytes of one strip or tile when it is decoded.
  uint64_t chunk_byte_count;
  /// Where the last strip or tile ends.
  uint64_t end_of_data;
  /// The bytes of all strips or tiles, where the compression is one that makes at most some thousand
  /// bytes of one; else 0.
  uint64_t data_byte_count;
} ctiff_header;

/// Begins to read; the bytes must outlive the result. Takes memory, but none for the image yet.
///
/// Only the first `valid_byte_count` of `byte_count` bytes are the file's; where there are more, an
/// image that reaches behind the file's end is decoded as far as it goes.
/// `largest_allocation` bounds each single allocation of the library. NULL when there is no memory.
/// The result is freed by `ctiff_destroy`.
ctiff *ctiff_create(const void *bytes, size_t byte_count, size_t valid_byte_count,
                    size_t largest_allocation);

/// Frees everything; NULL is allowed.
void ctiff_destroy(ctiff *tiff);

/// Reads the first page's directory. Returns false after a failure.
bool ctiff_read_header(ctiff *tiff, ctiff_header *header);

/// Decodes the first page, after `ctiff_read_header`, to `width * height` pixels of four bytes (red,
/// green, blue, alpha), rows and columns in the order in which they are stored.
///
/// Returns false after a failure. Where the file has an end of its own, what comes before it is kept
/// and the rest of `pixels` is left as it was.
bool ctiff_decode(ctiff *tiff, void *pixels);

/// The kind of the last failure.
int ctiff_failure(const ctiff *tiff);

/// The first message of the last failure; valid until the next call.
const char *ctiff_message(const ctiff *tiff);

#endif
