#include "CBaseline.h"

#include <spng.h>
#include <stdio.h>

int baseline_decode_png(const char *path, uint8_t *rgb, size_t capacity, int *width, int *height) {
  FILE *file = fopen(path, "rb");
  if (!file) return -1;
  spng_ctx *context = spng_ctx_new(0);
  int status = context ? spng_set_png_file(context, file) : -1;
  struct spng_ihdr header;
  if (status == 0) status = spng_get_ihdr(context, &header);
  if (status == 0) status = spng_decode_image(context, rgb, capacity, SPNG_FMT_RGB8, 0);
  if (status == 0) {
    *width = (int)header.width;
    *height = (int)header.height;
  }
  spng_ctx_free(context);
  fclose(file);
  return status;
}
