#include "CJPEGShim.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

struct cjpeg {
  struct jpeg_decompress_struct library;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  // Where the library is left for after a failure: it has no other way out.
  jmp_buf exit;
  bool is_created;
  bool allows_truncated;
  // Whether the file ended where the library wanted more of it; it then goes on with an end marker.
  bool is_at_end;
  // Whether a scan's data ended before its last block; the library then goes on with zeros.
  bool lacks_data;
  // Whether all rows have been decoded, so that nothing that follows can change a pixel.
  bool has_all_rows;
  // A bit for each component that a scan brought.
  unsigned seen_components;
  int oddities;
  int failure;
  char message[JMSG_LENGTH_MAX];
};

// --- What the library has to say ----------------------------------------------------------------

[[noreturn]] static void fail(cjpeg *jpeg, int failure, const char *message) {
  jpeg->failure = failure;
  snprintf(jpeg->message, sizeof jpeg->message, "%s", message);
  longjmp(jpeg->exit, 1);
}

[[noreturn]] static void fail_in_words_of_library(cjpeg *jpeg, int failure) {
  char text[JMSG_LENGTH_MAX];
  jpeg->errors.format_message((j_common_ptr)&jpeg->library, text);
  fail(jpeg, failure, text);
}

static int kind_of_error(int code) {
  switch (code) {
    case JERR_OUT_OF_MEMORY: return CJPEG_OUT_OF_MEMORY;
    case JERR_IMAGE_TOO_BIG: return CJPEG_TOO_LARGE;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_EMPTY_IMAGE:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: return CJPEG_UNSUPPORTED;
    default: return CJPEG_DAMAGED;
  }
}

// An error after which the library cannot go on.
[[noreturn]] static void on_error(j_common_ptr common) {
  cjpeg *jpeg = common->client_data;
  int kind = kind_of_error(jpeg->errors.msg_code);
  // Of a file that ends early the last bytes make little sense.
  if (jpeg->is_at_end && kind != CJPEG_OUT_OF_MEMORY) kind = CJPEG_TRUNCATED;
  fail_in_words_of_library(jpeg, kind);
}

static void on_missing_data(cjpeg *jpeg, const char *words) {
  if (!jpeg->allows_truncated) fail(jpeg, CJPEG_TRUNCATED, words);
  jpeg->lacks_data = true;
}

// Whether a scan that does not follow from those before it brings its coefficients whole, and not
// only some bits that nothing is there to be added to. The library tells of each component and
// coefficient.
static bool is_complete_scan(const cjpeg *jpeg) {
  const struct jpeg_decompress_struct *library = &jpeg->library;
  bool is_too_early = library->Ss > 0 && jpeg->errors.msg_parm.i[1] == 0;
  return is_too_early || library->Ah == 0;
}

// A defect after which the library goes on (level -1), or something worth a trace.
static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  cjpeg *jpeg = common->client_data;
  const int *values = jpeg->errors.msg_parm.i;
  const char *ends_early = "the data of a scan ends before its last block";
  switch (jpeg->errors.msg_code) {
    case JWRN_ADOBE_XFORM: jpeg->oddities |= CJPEG_ODD_ADOBE_TRANSFORM; return;
    case JWRN_JFIF_MAJOR: jpeg->oddities |= CJPEG_ODD_JFIF_VERSION; return;
    case JWRN_NOT_SEQUENTIAL: jpeg->oddities |= CJPEG_ODD_SCAN_PARAMETERS; return;
    case JWRN_BOGUS_PROGRESSION:
      if (!is_complete_scan(jpeg)) break;
      jpeg->oddities |= CJPEG_ODD_PROGRESSION;
      return;
    case JWRN_EXTRANEOUS_DATA:
      // In front of a restart marker these are pixels that could not be decoded.
      if (JPEG_RST0 <= values[1] && values[1] < JPEG_RST0 + 8) break;
      jpeg->oddities |= CJPEG_ODD_EXTRANEOUS_BYTES;
      return;
    case JWRN_JPEG_EOF:
      jpeg->is_at_end = true;
      // An arithmetic decoder takes what is missing for zeros, which an encoder may leave out.
      if (jpeg->library.arith_code && !jpeg->has_all_rows) on_missing_data(jpeg, ends_early);
      return;
    case JWRN_HIT_MARKER: on_missing_data(jpeg, ends_early); return;
    case JWRN_MUST_RESYNC:
      if (values[0] != JPEG_EOI) break;
      on_missing_data(jpeg, ends_early);
      return;
    default: break;
  }
  // What comes after the end of the data has no meaning.
  if (!jpeg->is_at_end && !jpeg->lacks_data) fail_in_words_of_library(jpeg, CJPEG_DAMAGED);
}

static void print_nothing(j_common_ptr common) { (void)common; }

// Called for every row of blocks.
static void on_progress(j_common_ptr common) {
  cjpeg *jpeg = common->client_data;
  const struct jpeg_decompress_struct *library = &jpeg->library;
  for (int index = 0; index < library->comps_in_scan; index++) {
    jpeg->seen_components |= 1u << library->cur_comp_info[index]->component_index;
  }
  // Hundreds of scans over a large picture are an attack on our time.
  const int most_scans = 500;
  if (library->input_scan_number > most_scans) {
    fail(jpeg, CJPEG_DAMAGED, "it has more than 500 scans");
  }
}

// Whether the scans brought every component, and with `every_bit` also each bit of each
// coefficient, which a progressive picture that has its end marker may leave out.
static bool has_all_scans(const cjpeg *jpeg, bool every_bit) {
  const struct jpeg_decompress_struct *library = &jpeg->library;
  for (int component = 0; component < library->num_components; component++) {
    if ((jpeg->seen_components >> component & 1) == 0) return false;
    if (!library->progressive_mode) continue;
    const int *missing_bits = library->coef_bits[component];
    if (missing_bits[0] < 0) return false;
    for (int index = 0; every_bit && index < DCTSIZE2; index++) {
      if (missing_bits[index] != 0) return false;
    }
  }
  return true;
}

// --- Interface ----------------------------------------------------------------------------------

cjpeg *cjpeg_create(const void *bytes, size_t byte_count) {
  cjpeg *jpeg = calloc(1, sizeof *jpeg);
  if (!jpeg) return NULL;
  struct jpeg_decompress_struct *library = &jpeg->library;
  library->err = jpeg_std_error(&jpeg->errors);
  library->client_data = jpeg;
  jpeg->errors.error_exit = on_error;
  jpeg->errors.emit_message = on_message;
  jpeg->errors.output_message = print_nothing;
  if (setjmp(jpeg->exit) != 0) {
    cjpeg_destroy(jpeg);
    return NULL;
  }
  jpeg_create_decompress(library);
  jpeg->is_created = true;
  jpeg->progress.progress_monitor = on_progress;
  library->progress = &jpeg->progress;
  jpeg_mem_src(library, bytes, byte_count);
  return jpeg;
}

void cjpeg_destroy(cjpeg *jpeg) {
  if (!jpeg) return;
  if (jpeg->is_created) jpeg_destroy_decompress(&jpeg->library);
  free(jpeg);
}

static int colors(const cjpeg *jpeg) {
  switch (jpeg->library.jpeg_color_space) {
    case JCS_GRAYSCALE: return CJPEG_GRAY;
    case JCS_RGB:
    case JCS_YCbCr: return CJPEG_COLOR;
    case JCS_CMYK:
    case JCS_YCCK: return CJPEG_INKS;
    default: return 0;
  }
}

// Reads the header; left by a jump after a failure.
static void read_header(cjpeg *jpeg) {
  // A file of tables only, such as one that ends early, is no failure for the library.
  if (jpeg_read_header(&jpeg->library, FALSE) != JPEG_HEADER_OK) {
    if (jpeg->is_at_end) fail(jpeg, CJPEG_TRUNCATED, "it ends before its picture begins");
    fail(jpeg, CJPEG_DAMAGED, "it holds no picture");
  }
  if (colors(jpeg) == 0) {
    char text[JMSG_LENGTH_MAX];
    snprintf(text, sizeof text, "its channels, %d of them, are of an unknown kind",
             jpeg->library.num_components);
    fail(jpeg, CJPEG_UNSUPPORTED, text);
  }
}

bool cjpeg_read_header(cjpeg *jpeg, cjpeg_header *header) {
  if (setjmp(jpeg->exit) == 0) read_header(jpeg);
  const struct jpeg_decompress_struct *library = &jpeg->library;
  *header = (cjpeg_header){library->image_width, library->image_height, colors(jpeg)};
  return jpeg->failure == CJPEG_NO_FAILURE;
}

// Decodes all rows.
static void decode_rows(cjpeg *jpeg, uint8_t *pixels, size_t row_byte_count) {
  struct jpeg_decompress_struct *library = &jpeg->library;
  while (library->output_scanline < library->output_height) {
    JSAMPROW rows[16];
    const unsigned most_rows = sizeof rows / sizeof *rows;
    unsigned left = library->output_height - library->output_scanline;
    unsigned count = left < most_rows ? left : most_rows;
    for (unsigned row = 0; row < count; row++) {
      rows[row] = pixels + (library->output_scanline + row) * row_byte_count;
    }
    jpeg_read_scanlines(library, rows, count);
  }
}

// Decodes the rows that are needed, in the full size.
//
// All coefficients are read and transformed, so that a defect is met wherever it is; of a row that
// is skipped the colors are not computed, and often not the up-sampling either. The library skips
// rows correctly only inside of a row of blocks, from one group of rows that are up-sampled
// together to another, and short of the end: of those the first and the last group are read in any
// case.
static void decode_needed_rows(cjpeg *jpeg, const bool *needed_rows, uint8_t *pixels,
                               size_t row_byte_count) {
  struct jpeg_decompress_struct *library = &jpeg->library;
  const unsigned height = library->output_height;
  const unsigned group = (unsigned)library->max_v_samp_factor;
  const unsigned block_row = group * DCTSIZE;
  JSAMPROW spare = library->mem->alloc_large((j_common_ptr)library, JPOOL_IMAGE, row_byte_count);
  unsigned skipped = 0;
  for (unsigned start = 0; start < height; start += group) {
    unsigned end = height - start < group ? height : start + group;
    bool is_needed = false;
    for (unsigned row = start; row < end; row++) is_needed |= needed_rows[row];
    if (!is_needed && start % block_row != 0 && end < height) {
      skipped += group;
      continue;
    }
    if (skipped > 0) jpeg_skip_scanlines(library, skipped);
    skipped = 0;
    for (unsigned row = start; row < end; row++) {
      JSAMPROW target = needed_rows[row] ? pixels + row * row_byte_count : spare;
      jpeg_read_scanlines(library, &target, 1);
    }
  }
}

// Decodes all rows, or those that are needed, then what follows them; left by a jump after a
// failure.
static void decode(cjpeg *jpeg, int factor, bool is_wide, const bool *needed_rows,
                   uint8_t *pixels) {
  struct jpeg_decompress_struct *library = &jpeg->library;
  bool has_inks = colors(jpeg) == CJPEG_INKS;
  library->out_color_space = has_inks ? JCS_CMYK : is_wide ? JCS_EXT_RGBA : JCS_RGB;
  library->dct_method = JDCT_ISLOW;
  library->do_fancy_upsampling = TRUE;
  library->scale_num = 1;
  library->scale_denom = (unsigned)factor;
  jpeg_start_decompress(library);
  // A picture in several scans has been read to its end now.
  if (jpeg_has_multiple_scans(library) && !has_all_scans(jpeg, jpeg->is_at_end)) {
    on_missing_data(jpeg, "some of its scans are missing");
  }
  size_t row_byte_count = (size_t)library->output_width * (has_inks || is_wide ? 4 : 3);
  if (needed_rows) {
    decode_needed_rows(jpeg, needed_rows, pixels, row_byte_count);
  } else {
    decode_rows(jpeg, pixels, row_byte_count);
  }
  jpeg->has_all_rows = true;
  jpeg_finish_decompress(library);
}

bool cjpeg_decode(cjpeg *jpeg, int factor, bool is_wide, const bool *needed_rows,
                  bool allows_truncated, uint8_t *pixels, bool *is_cut_short) {
  jpeg->allows_truncated = allows_truncated;
  if (setjmp(jpeg->exit) == 0) {
    decode(jpeg, factor, is_wide, needed_rows, pixels);
  } else if (jpeg->has_all_rows) {
    jpeg->failure = CJPEG_NO_FAILURE;
    jpeg->oddities |= CJPEG_ODD_ENDING;
  } else {
    return false;
  }
  if (jpeg->is_at_end) jpeg->oddities |= CJPEG_ODD_NO_END_MARKER;
  *is_cut_short = jpeg->lacks_data;
  return true;
}

int cjpeg_oddities(const cjpeg *jpeg) { return jpeg->oddities; }

int cjpeg_failure(const cjpeg *jpeg) { return jpeg->failure; }

const char *cjpeg_message(const cjpeg *jpeg) { return jpeg->message; }
