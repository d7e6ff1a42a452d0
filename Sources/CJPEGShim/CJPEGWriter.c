#include "CJPEGShim.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

typedef struct cjpeg_writer {
  struct jpeg_compress_struct library;
  struct jpeg_error_mgr errors;
  // Where the library is left for after a failure: it has no other way out.
  jmp_buf exit;
  unsigned char *bytes;
  unsigned long byte_count;
} cjpeg_writer;

[[noreturn]] static void on_error(j_common_ptr common) {
  cjpeg_writer *writer = common->client_data;
  longjmp(writer->exit, 1);
}

static void on_message(j_common_ptr common, int level) {
  (void)common;
  (void)level;
}

static void print_nothing(j_common_ptr common) { (void)common; }

// Writes all rows; left by a jump after a failure.
static void encode(cjpeg_writer *writer, const uint8_t *pixels, uint32_t width, uint32_t height,
                   int quality) {
  struct jpeg_compress_struct *library = &writer->library;
  jpeg_create_compress(library);
  jpeg_mem_dest(library, &writer->bytes, &writer->byte_count);
  library->image_width = width;
  library->image_height = height;
  library->input_components = 3;
  library->in_color_space = JCS_RGB;
  jpeg_set_defaults(library);
  jpeg_set_quality(library, quality, TRUE);
  library->dct_method = JDCT_ISLOW;
  library->optimize_coding = TRUE;
  jpeg_start_compress(library, TRUE);
  while (library->next_scanline < library->image_height) {
    // The library reads rows, although it does not say so.
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)library->next_scanline * width * 3);
    jpeg_write_scanlines(library, &row, 1);
  }
  jpeg_finish_compress(library);
}

uint8_t *cjpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality,
                      size_t *byte_count) {
  cjpeg_writer *writer = calloc(1, sizeof *writer);
  if (!writer) return NULL;
  writer->library.err = jpeg_std_error(&writer->errors);
  writer->library.client_data = writer;
  writer->errors.error_exit = on_error;
  writer->errors.emit_message = on_message;
  writer->errors.output_message = print_nothing;
  uint8_t *result = NULL;
  if (setjmp(writer->exit) == 0) {
    encode(writer, pixels, width, height, quality);
    result = writer->bytes;
    *byte_count = writer->byte_count;
  } else {
    free(writer->bytes);
  }
  jpeg_destroy_compress(&writer->library);
  free(writer);
  return result;
}
