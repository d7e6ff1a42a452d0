#include "CTIFFShim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct ctiff {
  const uint8_t *bytes;
  uint64_t byte_count;
  uint64_t valid_byte_count;
  uint64_t position;
  size_t largest_allocation;
  TIFF *tif;
  TIFFRGBAImage image;
  bool has_image;
  // Warnings count only while pixels are decoded: directories are full of tags that nobody knows.
  bool is_decoding;
  bool lacks_tags;
  int failure;
  char message[256];
};

// --- The bytes as a file ------------------------------------------------------------------------

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
  ctiff *tiff = handle;
  uint64_t wanted = count > 0 ? (uint64_t)count : 0;
  uint64_t left =
      tiff->position < tiff->byte_count ? tiff->byte_count - tiff->position : 0;
  if (wanted > left) wanted = left;
  if (wanted > 0) memcpy(target, tiff->bytes + tiff->position, wanted);
  tiff->position += wanted;
  return (tmsize_t)wanted;
}

static tmsize_t write_nothing(thandle_t handle, void *source, tmsize_t count) {
  (void)handle, (void)source, (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
  ctiff *tiff = handle;
  switch (origin) {
    case SEEK_CUR: offset += tiff->position; break;
    case SEEK_END: offset += tiff->byte_count; break;
    default: break;
  }
  return tiff->position = offset;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size(thandle_t handle) { return ((ctiff *)handle)->byte_count; }

// libtiff reads strips and tiles where they are, as if the file were mapped. Without this, besides the
// copies, Debian's version refuses plain tiles whose size is not a multiple of 1024 bytes: it compares
// it with that of its read buffer (the check of https://gitlab.com/libtiff/libtiff/-/issues/479).
static int map(thandle_t handle, void **base, toff_t *byte_count) {
  ctiff *tiff = handle;
  *base = (void *)(uintptr_t)tiff->bytes;  // Only read, like any mapped file.
  *byte_count = tiff->byte_count;
  return 1;
}

static void unmap(thandle_t handle, void *base, toff_t byte_count) {
  (void)handle, (void)base, (void)byte_count;
}

// --- Messages -----------------------------------------------------------------------------------

// The first failure says most: what follows are its consequences.
static void fail(ctiff *tiff, int failure, const char *message) {
  if (tiff->failure != CTIFF_NO_FAILURE) return;
  tiff->failure = failure;
  snprintf(tiff->message, sizeof tiff->message, "%s", message);
}

static int on_error(TIFF *tif, void *user, const char *module, const char *format, va_list values) {
  (void)tif, (void)module;
  ctiff *tiff = user;
  char text[sizeof tiff->message];
  vsnprintf(text, sizeof text, format, values);
  bool is_cut = strstr(text, "Read error") || strstr(text, "an not read") ||
                strstr(text, "annot read");
  fail(tiff, is_cut ? CTIFF_TRUNCATED : CTIFF_DAMAGED, text);
  return 1;  // Handled: the global handler, which prints, is not called.
}

// The fax and JPEG codecs report missing and unreadable data as warnings and make something up. Of the
// warnings about the directory only those about values count that cannot be read.
static int on_warning(TIFF *tif, void *user, const char *module, const char *format,
                      va_list values) {
  (void)tif;
  ctiff *tiff = user;
  bool makes_up = module && (strncmp(module, "Fax", 3) == 0 || strcmp(module, "JPEGLib") == 0);
  char text[sizeof tiff->message];
  vsnprintf(text, sizeof text, format, values);
  if (!tiff->is_decoding) {
    if (strstr(text, "IO error during reading")) tiff->lacks_tags = true;
  } else if (makes_up && !strstr(text, "extraneous bytes")) {
    fail(tiff, strstr(text, "remature") ? CTIFF_TRUNCATED : CTIFF_DAMAGED, text);
  }
  return 1;
}

// --- Interface ----------------------------------------------------------------------------------

ctiff *ctiff_create(const void *bytes, size_t byte_count, size_t valid_byte_count,
                    size_t largest_allocation) {
  ctiff *tiff = calloc(1, sizeof *tiff);
  if (!tiff) return NULL;
  tiff->bytes = bytes;
  tiff->byte_count = byte_count;
  tiff->valid_byte_count = valid_byte_count;
  tiff->largest_allocation = largest_allocation;
  return tiff;
}

void ctiff_destroy(ctiff *tiff) {
  if (!tiff) return;
  if (tiff->has_image) TIFFRGBAImageEnd(&tiff->image);
  if (tiff->tif) TIFFClose(tiff->tif);
  free(tiff);
}

static bool open_file(ctiff *tiff) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) {
    fail(tiff, CTIFF_OUT_OF_MEMORY, "");
    return false;
  }
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)tiff->largest_allocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, tiff);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, tiff);
  tiff->tif = TIFFClientOpenExt("image", "r", tiff, read_bytes, write_nothing, seek, close_nothing,
                                size, map, unmap, options);
  TIFFOpenOptionsFree(options);
  if (!tiff->tif) fail(tiff, CTIFF_DAMAGED, "it has no directory that can be read");
  return tiff->tif != NULL;
}

// libtiff multiplies colours by an alpha that is "unassociated", that is, not yet multiplied, and
// leaves them alone where it is "associated". We want them as stored, so we tell it the latter.
static bool keep_colours_as_stored(ctiff *tiff, bool *is_premultiplied) {
  uint16_t count = 0;
  uint16_t *kinds = NULL;
  *is_premultiplied = false;
  if (!TIFFGetField(tiff->tif, TIFFTAG_EXTRASAMPLES, &count, &kinds) || count == 0) return true;
  *is_premultiplied = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  if (kinds[0] != EXTRASAMPLE_UNASSALPHA) return true;
  uint16_t *copy = malloc(count * sizeof *copy);
  if (!copy) {
    fail(tiff, CTIFF_OUT_OF_MEMORY, "");
    return false;
  }
  memcpy(copy, kinds, count * sizeof *copy);
  copy[0] = EXTRASAMPLE_ASSOCALPHA;
  bool is_set = TIFFSetField(tiff->tif, TIFFTAG_EXTRASAMPLES, count, copy) == 1;
  free(copy);
  return is_set;
}

// Whether the conversion that libtiff chose looks at the file's alpha.
static bool decodes_alpha(const TIFFRGBAImage *image) {
  if (image->alpha == 0) return false;
  bool is_gray = image->photometric == PHOTOMETRIC_MINISBLACK ||
                 image->photometric == PHOTOMETRIC_MINISWHITE;
  if (image->photometric != PHOTOMETRIC_RGB && !is_gray) return false;
  if (!image->isContig) return true;
  return is_gray ? image->bitspersample == 8 && image->samplesperpixel == 2
                 : image->samplesperpixel >= 4;
}

// Where the strips or tiles lie; false where they have no list.
static bool chunk_places(ctiff *tiff, uint64_t **offsets, uint64_t **counts) {
  const bool is_tiled = TIFFIsTiled(tiff->tif);
  *offsets = *counts = NULL;
  return TIFFGetField(tiff->tif, is_tiled ? TIFFTAG_TILEOFFSETS : TIFFTAG_STRIPOFFSETS, offsets) &&
         TIFFGetField(tiff->tif, is_tiled ? TIFFTAG_TILEBYTECOUNTS : TIFFTAG_STRIPBYTECOUNTS,
                      counts) &&
         *offsets && *counts;
}

// Where the strips or tiles from one index to before another end, the last of them in the file.
static uint64_t end_of_chunks(ctiff *tiff, uint32_t from, uint32_t to) {
  uint64_t *offsets, *counts, last = 0;
  if (!chunk_places(tiff, &offsets, &counts)) return 0;
  for (uint32_t index = from; index < to; index++) {
    const uint64_t end = offsets[index] + counts[index];
    if (end < counts[index]) return UINT64_MAX;
    if (end > last) last = end;
  }
  return last;
}

static uint32_t chunk_count(ctiff *tiff) {
  return TIFFIsTiled(tiff->tif) ? TIFFNumberOfTiles(tiff->tif) : TIFFNumberOfStrips(tiff->tif);
}

static uint64_t data_byte_count(ctiff *tiff) {
  uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_COMPRESSION, &compression);
  switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_LZW:
    case COMPRESSION_JPEG:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE: break;
    default: return 0;
  }
  uint64_t *offsets, *counts, sum = 0;
  if (!chunk_places(tiff, &offsets, &counts)) return 0;
  for (uint32_t index = 0; index < chunk_count(tiff); index++) {
    if (counts[index] > UINT32_MAX) return 0;
    sum += counts[index];
  }
  return sum;
}

bool ctiff_read_header(ctiff *tiff, ctiff_header *header) {
  if (!open_file(tiff)) return false;
  // Opening has read the first directory; a tag that could not be read there may be one that nobody
  // needs, so only what follows decides.
  tiff->failure = CTIFF_NO_FAILURE;

  bool is_premultiplied;
  if (!keep_colours_as_stored(tiff, &is_premultiplied)) {
    fail(tiff, CTIFF_DAMAGED, "its alpha channel cannot be described");
    return false;
  }
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff->tif, reason) ||
      !TIFFRGBAImageBegin(&tiff->image, tiff->tif, 1, reason)) {
    fail(tiff, CTIFF_UNSUPPORTED, reason);
    return false;
  }
  tiff->has_image = true;
  tiff->image.req_orientation = tiff->image.orientation;  // No flips: stored order.

  uint32_t kind = 0;
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_SUBFILETYPE, &kind);
  *header = (ctiff_header){
      .width = tiff->image.width,
      .height = tiff->image.height,
      .orientation = tiff->image.orientation,
      .has_alpha = decodes_alpha(&tiff->image),
      .is_gray = tiff->image.photometric == PHOTOMETRIC_MINISBLACK ||
                 tiff->image.photometric == PHOTOMETRIC_MINISWHITE,
      .is_premultiplied = is_premultiplied,
      .is_reduced = (kind & FILETYPE_REDUCEDIMAGE) != 0,
      .lacks_tags = tiff->lacks_tags,
      .chunk_byte_count =
          TIFFIsTiled(tiff->tif) ? TIFFTileSize64(tiff->tif) : TIFFStripSize64(tiff->tif),
      .end_of_data = end_of_chunks(tiff, 0, chunk_count(tiff)),
      .data_byte_count = data_byte_count(tiff),
  };
  if (header->chunk_byte_count == 0) {
    fail(tiff, CTIFF_DAMAGED, "its strips or tiles have no size");
    return false;
  }
  return true;
}

// The rows of one strip, or of the tiles beside each other.
static uint32_t rows_per_chunk(ctiff *tiff) {
  uint32_t rows = 0;
  if (TIFFIsTiled(tiff->tif)) {
    TIFFGetField(tiff->tif, TIFFTAG_TILELENGTH, &rows);
  } else {
    TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_ROWSPERSTRIP, &rows);
  }
  return rows > 0 ? rows : tiff->image.height;
}

// Whether the pixels of some rows reach behind the file's end.
static bool rows_are_cut(ctiff *tiff, uint32_t row) {
  const bool is_tiled = TIFFIsTiled(tiff->tif);
  const uint32_t planes = tiff->image.isContig ? 1 : tiff->image.samplesperpixel;
  uint32_t width = tiff->image.width;
  if (is_tiled) TIFFGetField(tiff->tif, TIFFTAG_TILEWIDTH, &width);
  const uint32_t across = (tiff->image.width - 1) / width + 1;
  const uint32_t count = chunk_count(tiff);
  for (uint32_t plane = 0; plane < planes; plane++) {
    const uint32_t first = is_tiled ? TIFFComputeTile(tiff->tif, 0, row, 0, (uint16_t)plane)
                                    : TIFFComputeStrip(tiff->tif, row, (uint16_t)plane);
    if (first >= count || across > count - first) return true;
    if (end_of_chunks(tiff, first, first + across) > tiff->valid_byte_count) return true;
  }
  return false;
}

bool ctiff_decode(ctiff *tiff, void *pixels) {
  if (!tiff->has_image) return false;
  const bool keeps_partial = tiff->valid_byte_count < tiff->byte_count;
  const uint32_t width = tiff->image.width, height = tiff->image.height;
  tiff->is_decoding = true;
  // All at once, unless what comes before a failure is wanted: then one row of strips or tiles after
  // the other, since libtiff goes on after a failed one with the pixels of its predecessor.
  tiff->image.stoponerr = !keeps_partial;
  const uint32_t step = keeps_partial ? rows_per_chunk(tiff) : height;
  for (uint32_t row = 0; row < height;) {
    const uint32_t count = step < height - row ? step : height - row;
    tiff->image.row_offset = (int)row;
    uint32_t *target = (uint32_t *)pixels + (size_t)row * width;
    if (!TIFFRGBAImageGet(&tiff->image, target, width, count)) {
      fail(tiff, CTIFF_DAMAGED, "it cannot be decoded");
    }
    if (tiff->failure != CTIFF_NO_FAILURE) return false;
    if (keeps_partial && rows_are_cut(tiff, row)) break;
    row += count;
  }
  return true;
}

int ctiff_failure(const ctiff *tiff) { return tiff->failure; }

const char *ctiff_message(const ctiff *tiff) { return tiff->message; }
