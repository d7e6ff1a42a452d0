// libtiff's "read any image as RGBA" interface over bytes in memory, without its variadic
// functions, its global error handlers and its messages on the standard error, none of which Swift
// can use.

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
  /// It is compressed in a way that libtiff does not know or was built without.
  CTIFF_UNKNOWN_COMPRESSION = 5,
};

/// What the decoded bytes are, four for each pixel.
enum {
  /// None: it is not decoded.
  CTIFF_NOTHING = 0,
  /// Red, green, blue and alpha, as libtiff converts them.
  CTIFF_RGBA = 1,
  /// The same, from gray, RGB or a palette of more or fewer bits than libtiff converts.
  CTIFF_GRAY = 2,
  CTIFF_RGB = 3,
  CTIFF_PALETTE = 4,
  /// Four inks.
  CTIFF_CMYK = 5,
  /// Lightness, then a and b: signed, or (ICC) from 0 at -128; and alpha.
  CTIFF_CIELAB = 6,
  CTIFF_ICCLAB = 7,
};

/// The first page.
typedef struct ctiff_header {
  uint32_t width;
  uint32_t height;
  /// The orientation tag, 1 to 8; 1 where there is none.
  uint16_t orientation;
  /// What the decoded bytes are.
  int kind;
  /// What the directory says, by the numbers of the TIFF specification.
  uint16_t bits_per_sample;
  uint16_t samples_per_pixel;
  uint16_t sample_format;
  uint16_t photometric;
  uint16_t compression;
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
  /// The bytes of all strips or tiles, where the compression is one that makes at most some
  /// thousand bytes of one; else 0.
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

/// Reads the first page's directory. Returns false after a failure; where that is about the kind of
/// the image, `header` says what was found.
bool ctiff_read_header(ctiff *tiff, ctiff_header *header);

/// Decodes the first page, after `ctiff_read_header`, to `width * height` pixels of the four bytes
/// that its kind says, rows and columns in the order in which they are stored. Where a kind or a
/// picture has no alpha, the fourth byte is left as it was, or 255 from libtiff.
///
/// Returns false after a failure. Where the file has an end of its own, what comes before it is
/// kept and the rest of `pixels` is left as it was.
bool ctiff_decode(ctiff *tiff, void *pixels);

/// The rows of a decoded fax page that could not be read, and were left empty.
uint64_t ctiff_lost_rows(const ctiff *tiff);

/// The kind of the last failure.
int ctiff_failure(const ctiff *tiff);

/// The first message of the last failure; valid until the next call.
const char *ctiff_message(const ctiff *tiff);

#endif
