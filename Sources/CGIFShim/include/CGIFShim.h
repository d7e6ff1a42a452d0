// giflib over bytes in memory: the first frame of a GIF file.
//
// giflib takes codes that stand for nothing as if they stood for something. Callers have to check a
// frame's data before they decode it; GIFData in ImageFiles does.

#ifndef CGIFSHIM_H
#define CGIFSHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One GIF file that is being read. Used by one thread at a time; different ones share nothing.
typedef struct cgif cgif;

/// What went wrong.
enum {
  CGIF_NO_FAILURE = 0,
  /// The data contradicts the format.
  CGIF_DAMAGED = 1,
  /// The bytes end before the first frame's data.
  CGIF_TRUNCATED = 2,
  /// There was no memory for reading it.
  CGIF_OUT_OF_MEMORY = 3,
};

typedef struct cgif_frame {
  /// The canvas.
  uint16_t screen_width;
  uint16_t screen_height;
  /// Where the frame lies on it, perhaps beyond its edges.
  uint16_t left;
  uint16_t top;
  uint16_t width;
  uint16_t height;
  bool is_interlaced;
  /// Whether there are colours, of the file or of the frame.
  bool has_palette;
  /// Where the frame's data begins: the size of its first codes, then a chain of blocks.
  size_t data_offset;
} cgif_frame;

/// Begins to read; the bytes must outlive the result. NULL when there is no memory. The result is
/// freed by `cgif_destroy`.
cgif *cgif_create(const void *bytes, size_t byte_count);

/// Frees everything; NULL is allowed.
void cgif_destroy(cgif *gif);

/// Reads all up to the first frame's data. Returns false after a failure.
bool cgif_read_frame(cgif *gif, cgif_frame *frame);

/// Writes the 256 colours of that frame, four bytes each: red, green, blue, opacity. What is
/// transparent, or not in the palette, is all zeros.
void cgif_palette(const cgif *gif, void *colors);

/// Decodes the frame's next pixels, as places in the palette, in the order in which they are
/// stored.
///
/// Bytes behind the end are taken for zeros. Returns false after a failure.
bool cgif_read_pixels(cgif *gif, uint8_t *pixels, size_t count);

/// The kind of the failure.
int cgif_failure(const cgif *gif);

/// The library's words for the failure; static storage.
const char *cgif_message(const cgif *gif);

#endif
