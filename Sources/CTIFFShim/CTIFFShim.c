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
  // How pixels are decoded: by libtiff, or sample by sample here.
  int kind;
  uint16_t bits;
  uint16_t samples;
  bool is_planar;
  bool has_alpha;
  bool is_white_zero;
  // Of fax pages: rows that could not be read, and what was said of the first of them.
  uint64_t lost_rows;
  char lost[256];
  int failure;
  char message[256];
};

// --- The bytes as a file ------------------------------------------------------------------------

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
  ctiff *tiff = handle;
  uint64_t wanted = count > 0 ? (uint64_t)count : 0;
  uint64_t left = tiff->position < tiff->byte_count ? tiff->byte_count - tiff->position : 0;
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

// libtiff reads strips and tiles where they are, as if the file were mapped. Without this, besides
// the copies, Debian's version refuses plain tiles whose size is not a multiple of 1024 bytes: it
// compares it with that of its read buffer (the check of
// https://gitlab.com/libtiff/libtiff/-/issues/479).
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
  bool is_cut =
      strstr(text, "Read error") || strstr(text, "an not read") || strstr(text, "annot read");
  fail(tiff, is_cut ? CTIFF_TRUNCATED : CTIFF_DAMAGED, text);
  return 1;  // Handled: the global handler, which prints, is not called.
}

// A row of a fax page that a bad line lost. Without the one before it no row of Group 4 can be
// read: the rest is lost where it ends early. (These messages have no numbers.)
static void lose_row(ctiff *tiff, const char *module, const char *text) {
  if (tiff->lost_rows == 0) snprintf(tiff->lost, sizeof tiff->lost, "%s", text);
  unsigned row, strip, found;
  const char *place = strstr(text, "at line ");
  uint64_t count = 1;
  if (strcmp(module, "Fax4Decode") == 0 && place && strstr(text, "remature") &&
      sscanf(place, "at line %u of strip %u (got %u", &row, &strip, &found) == 3 && found == 0 &&
      row < tiff->image.height) {
    uint32_t rows_per_strip = 0;
    TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
    const uint32_t rows = rows_per_strip < tiff->image.height ? rows_per_strip : tiff->image.height;
    if (row < rows) count = rows - row;
  }
  tiff->lost_rows += count;
}

// The fax and JPEG codecs report missing and unreadable data as warnings and make something up. Of
// the warnings about the directory only those about values count that cannot be read.
static int on_warning(TIFF *tif, void *user, const char *module, const char *format,
                      va_list values) {
  (void)tif;
  ctiff *tiff = user;
  char text[sizeof tiff->message];
  vsnprintf(text, sizeof text, format, values);
  if (!tiff->is_decoding) {
    if (strstr(text, "IO error during reading")) tiff->lacks_tags = true;
  } else if (module && strncmp(module, "Fax", 3) == 0) {
    lose_row(tiff, module, text);
  } else if (module && strcmp(module, "JPEGLib") == 0 && !strstr(text, "extraneous bytes")) {
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
  bool is_gray =
      image->photometric == PHOTOMETRIC_MINISBLACK || image->photometric == PHOTOMETRIC_MINISWHITE;
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

// What the directory says of the samples, whether they can be decoded or not.
static void describe(ctiff *tiff, ctiff_header *header) {
  *header = (ctiff_header){.orientation = ORIENTATION_TOPLEFT,
                           .bits_per_sample = 1,
                           .samples_per_pixel = 1,
                           .compression = COMPRESSION_NONE,
                           .sample_format = SAMPLEFORMAT_UINT};
  TIFFGetField(tiff->tif, TIFFTAG_IMAGEWIDTH, &header->width);
  TIFFGetField(tiff->tif, TIFFTAG_IMAGELENGTH, &header->height);
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_ORIENTATION, &header->orientation);
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_BITSPERSAMPLE, &header->bits_per_sample);
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_SAMPLESPERPIXEL, &header->samples_per_pixel);
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_SAMPLEFORMAT, &header->sample_format);
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_COMPRESSION, &header->compression);
  TIFFGetField(tiff->tif, TIFFTAG_PHOTOMETRIC, &header->photometric);
}

// The kinds that are decoded here, sample by sample: Lab, which libtiff converts as if its white
// were the screen's, and what it does not convert at all. Of 16 bits the range is known, of more it
// is not.
static int kind_of_samples(ctiff *tiff, const ctiff_header *header) {
  const bool is_lab =
      header->photometric == PHOTOMETRIC_CIELAB || header->photometric == PHOTOMETRIC_ICCLAB;
  const uint16_t bits = header->bits_per_sample;
  if (bits < 1 || bits > 16 || header->width == 0 || header->height == 0) return CTIFF_NOTHING;
  const bool is_integer = header->sample_format == SAMPLEFORMAT_UINT ||
                          header->sample_format == SAMPLEFORMAT_VOID ||
                          (is_lab && header->sample_format == SAMPLEFORMAT_INT);
  if (!is_integer) return CTIFF_NOTHING;
  int kind = CTIFF_NOTHING;
  uint16_t colors = 1, ink_set = INKSET_CMYK;
  switch (header->photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE: kind = CTIFF_GRAY; break;
    case PHOTOMETRIC_PALETTE: kind = CTIFF_PALETTE; break;
    case PHOTOMETRIC_RGB: kind = CTIFF_RGB, colors = 3; break;
    case PHOTOMETRIC_CIELAB: kind = CTIFF_CIELAB, colors = 3; break;
    case PHOTOMETRIC_ICCLAB: kind = CTIFF_ICCLAB, colors = 3; break;
    case PHOTOMETRIC_SEPARATED:
      TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_INKSET, &ink_set);
      if (ink_set == INKSET_CMYK) kind = CTIFF_CMYK, colors = 4;
      break;
    default: break;
  }
  if (is_lab && bits != 8 && bits != 16) return CTIFF_NOTHING;
  return header->samples_per_pixel >= colors ? kind : CTIFF_NOTHING;
}

// Decides how the pixels are decoded.
static bool prepare(ctiff *tiff, ctiff_header *header) {
  char reason[1024] = "";
  const bool is_lab =
      header->photometric == PHOTOMETRIC_CIELAB || header->photometric == PHOTOMETRIC_ICCLAB;
  if (!is_lab && TIFFRGBAImageOK(tiff->tif, reason) &&
      TIFFRGBAImageBegin(&tiff->image, tiff->tif, 1, reason)) {
    tiff->has_image = true;
    tiff->kind = header->kind = CTIFF_RGBA;
    tiff->image.req_orientation = tiff->image.orientation;  // No flips: stored order.
    header->width = tiff->image.width;
    header->height = tiff->image.height;
    header->orientation = tiff->image.orientation;
    header->has_alpha = decodes_alpha(&tiff->image);
    header->is_gray = tiff->image.photometric == PHOTOMETRIC_MINISBLACK ||
                      tiff->image.photometric == PHOTOMETRIC_MINISWHITE;
    return true;
  }
  tiff->failure = CTIFF_NO_FAILURE;
  tiff->kind = kind_of_samples(tiff, header);
  if (tiff->kind == CTIFF_NOTHING) {
    fail(tiff, CTIFF_UNSUPPORTED, reason);
    return false;
  }
  uint16_t planes = PLANARCONFIG_CONTIG, extra_count = 0, *extras = NULL;
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_PLANARCONFIG, &planes);
  tiff->is_planar = planes == PLANARCONFIG_SEPARATE && header->samples_per_pixel > 1;
  tiff->bits = header->bits_per_sample;
  tiff->samples = header->samples_per_pixel;
  tiff->is_white_zero = header->photometric == PHOTOMETRIC_MINISWHITE;
  tiff->image.width = header->width;
  tiff->image.height = header->height;
  tiff->image.isContig = !tiff->is_planar;
  tiff->image.samplesperpixel = tiff->samples;
  const bool can_have_alpha = tiff->kind != CTIFF_CMYK && tiff->kind != CTIFF_PALETTE;
  const int colors = tiff->kind == CTIFF_GRAY ? 1 : 3;
  tiff->has_alpha = can_have_alpha && tiff->samples > colors &&
                    TIFFGetField(tiff->tif, TIFFTAG_EXTRASAMPLES, &extra_count, &extras) &&
                    extra_count > 0 && extras[0] != EXTRASAMPLE_UNSPECIFIED;
  header->kind = tiff->kind;
  header->has_alpha = tiff->has_alpha;
  header->is_gray = tiff->kind == CTIFF_GRAY;
  return true;
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
  describe(tiff, header);
  if (!TIFFIsCODECConfigured(header->compression)) {
    fail(tiff, CTIFF_UNKNOWN_COMPRESSION, "");
    return false;
  }
  if (!prepare(tiff, header)) return false;

  uint32_t kind = 0;
  TIFFGetFieldDefaulted(tiff->tif, TIFFTAG_SUBFILETYPE, &kind);
  header->is_premultiplied = is_premultiplied;
  header->is_reduced = (kind & FILETYPE_REDUCEDIMAGE) != 0;
  header->lacks_tags = tiff->lacks_tags;
  header->chunk_byte_count =
      TIFFIsTiled(tiff->tif) ? TIFFTileSize64(tiff->tif) : TIFFStripSize64(tiff->tif);
  header->end_of_data = end_of_chunks(tiff, 0, chunk_count(tiff));
  header->data_byte_count = data_byte_count(tiff);
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

// --- Sample by sample ---------------------------------------------------------------------------

// The high eight bits of a sample in a row of them, or those that fewer bits make.
static uint8_t level(const ctiff *tiff, const uint8_t *row, uint64_t index) {
  switch (tiff->bits) {
    case 8: return row[index];
    case 16: {
      uint16_t value;  // In the order of this machine.
      memcpy(&value, row + 2 * index, sizeof value);
      return (uint8_t)(value >> 8);
    }
    default: break;
  }
  uint32_t value = 0;
  const uint64_t first = index * tiff->bits;
  for (uint64_t bit = first; bit < first + tiff->bits; bit++) {
    value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
  }
  const uint32_t largest = (1u << tiff->bits) - 1;
  return (uint8_t)(tiff->bits > 8 ? value >> (tiff->bits - 8)
                                  : (value * 255 + largest / 2) / largest);
}

// A sample as it is, for palettes.
static uint32_t index_of(const ctiff *tiff, const uint8_t *row, uint64_t index) {
  uint32_t value = 0;
  if (tiff->bits == 16) {
    uint16_t wide;
    memcpy(&wide, row + 2 * index, sizeof wide);
    return wide;
  }
  for (uint64_t bit = index * tiff->bits; bit < (index + 1) * tiff->bits; bit++) {
    value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
  }
  return value;
}

// Puts one row of a strip or tile where it belongs.
static void store_row(const ctiff *tiff, const uint8_t *row, uint16_t plane, uint32_t count,
                      uint8_t *pixel, uint16_t *const maps[3]) {
  const uint16_t step = tiff->is_planar ? 1 : tiff->samples;
  const int colors = tiff->kind == CTIFF_GRAY || tiff->kind == CTIFF_PALETTE ? 1
                     : tiff->kind == CTIFF_CMYK                              ? 4
                                                                             : 3;
  for (uint32_t column = 0; column < count; column++, pixel += 4) {
    for (uint16_t sample = 0; sample < step; sample++) {
      const int channel = tiff->is_planar ? plane : sample;
      if (channel > colors || (channel == colors && !tiff->has_alpha)) break;
      const uint64_t place = (uint64_t)column * step + sample;
      if (tiff->kind == CTIFF_PALETTE) {
        const uint32_t index = index_of(tiff, row, place);
        for (int color = 0; color < 3; color++) pixel[color] = (uint8_t)(maps[color][index] >> 8);
        continue;
      }
      uint8_t value = level(tiff, row, place);
      if (channel == colors) {
        pixel[3] = value;
      } else if (tiff->kind == CTIFF_GRAY) {
        if (tiff->is_white_zero) value = (uint8_t)(255 - value);
        pixel[0] = pixel[1] = pixel[2] = value;
      } else {
        pixel[channel] = value;
      }
    }
  }
}

static bool decode_samples(ctiff *tiff, uint8_t *pixels) {
  const bool keeps_partial = tiff->valid_byte_count < tiff->byte_count;
  const bool is_tiled = TIFFIsTiled(tiff->tif);
  const uint32_t width = tiff->image.width, height = tiff->image.height;
  uint32_t across = width, down = rows_per_chunk(tiff);
  if (is_tiled) TIFFGetField(tiff->tif, TIFFTAG_TILEWIDTH, &across);
  const tmsize_t size = is_tiled ? TIFFTileSize(tiff->tif) : TIFFStripSize(tiff->tif);
  const tmsize_t row_size = is_tiled ? TIFFTileRowSize(tiff->tif) : TIFFScanlineSize(tiff->tif);
  uint16_t *maps[3] = {NULL, NULL, NULL};
  if (tiff->kind == CTIFF_PALETTE &&
      !(TIFFGetField(tiff->tif, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) && maps[2])) {
    fail(tiff, CTIFF_DAMAGED, "it has no palette");
    return false;
  }
  const uint64_t row_bits = (uint64_t)across * (tiff->is_planar ? 1 : tiff->samples) * tiff->bits;
  if (size <= 0 || row_size <= 0 || across == 0 || down == 0 ||
      (uint64_t)row_size < (row_bits + 7) / 8) {
    fail(tiff, CTIFF_DAMAGED, "its strips or tiles have no size");
    return false;
  }
  uint8_t *chunk = malloc((size_t)size);
  if (!chunk) {
    fail(tiff, CTIFF_OUT_OF_MEMORY, "");
    return false;
  }
  const uint16_t planes = tiff->is_planar ? tiff->samples : 1;
  bool is_done = true;
  for (uint32_t row = 0; row < height && is_done; row += down) {
    const uint32_t rows = down < height - row ? down : height - row;
    for (uint16_t plane = 0; plane < planes && is_done; plane++) {
      for (uint32_t column = 0; column < width; column += across) {
        const uint32_t columns = across < width - column ? across : width - column;
        const uint32_t number = is_tiled ? TIFFComputeTile(tiff->tif, column, row, 0, plane)
                                         : TIFFComputeStrip(tiff->tif, row, plane);
        const tmsize_t read = is_tiled ? TIFFReadEncodedTile(tiff->tif, number, chunk, size)
                                       : TIFFReadEncodedStrip(tiff->tif, number, chunk, size);
        if (read < (tmsize_t)rows * row_size && tiff->failure == CTIFF_NO_FAILURE) {
          fail(tiff, CTIFF_DAMAGED, "a strip or tile of it is too short");
        }
        if (tiff->failure != CTIFF_NO_FAILURE) {
          is_done = false;
          break;
        }
        for (uint32_t line = 0; line < rows; line++) {
          store_row(tiff, chunk + (size_t)line * (size_t)row_size, plane, columns,
                    pixels + ((size_t)(row + line) * width + column) * 4, maps);
        }
      }
    }
    if (is_done && keeps_partial && rows_are_cut(tiff, row)) break;
    if (down > height - row) break;
  }
  free(chunk);
  return is_done;
}

// --- Decoding -----------------------------------------------------------------------------------

static bool decode_all(ctiff *tiff, void *pixels) {
  const bool keeps_partial = tiff->valid_byte_count < tiff->byte_count;
  const uint32_t width = tiff->image.width, height = tiff->image.height;
  // All at once, unless what comes before a failure is wanted: then one row of strips or tiles
  // after the other, since libtiff goes on after a failed one with the pixels of its predecessor.
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

bool ctiff_decode(ctiff *tiff, void *pixels) {
  if (tiff->kind == CTIFF_NOTHING) return false;
  tiff->is_decoding = true;
  const bool is_done =
      tiff->kind == CTIFF_RGBA ? decode_all(tiff, pixels) : decode_samples(tiff, pixels);
  if (!is_done && tiff->lost_rows > 0 && tiff->failure == CTIFF_DAMAGED) {
    snprintf(tiff->message, sizeof tiff->message, "%s", tiff->lost);
  }
  if (is_done && tiff->lost_rows > tiff->image.height / 2) {
    fail(tiff, CTIFF_TRUNCATED, tiff->lost);
    return false;
  }
  return is_done;
}

uint64_t ctiff_lost_rows(const ctiff *tiff) { return tiff->lost_rows; }

int ctiff_failure(const ctiff *tiff) { return tiff->failure; }

const char *ctiff_message(const ctiff *tiff) { return tiff->message; }
