#include "CBaseline.h"

#include <stdlib.h>
#include <turbojpeg.h>

/// The size to decode to: all of it, or a half, a quarter or an eighth that still covers a square.
///
/// The library has others in between, but no vector code for them: they take longer than all of it.
static void choose_size(int *width, int *height, int covered_side) {
  int factor_count = 0;
  const tjscalingfactor *factors = tjGetScalingFactors(&factor_count);
  int full_width = *width, full_height = *height;
  for (int index = 0; covered_side > 0 && index < factor_count; index++) {
    int scaled_width = TJSCALED(full_width, factors[index]);
    int scaled_height = TJSCALED(full_height, factors[index]);
    if (factors[index].num == 1 && scaled_width < *width && scaled_width >= covered_side &&
        scaled_height >= covered_side) {
      *width = scaled_width;
      *height = scaled_height;
    }
  }
}

int baseline_decode_jpeg(BareJPEGDecoder *decoder, const uint8_t *bytes, size_t byte_count,
                         int covered_side) {
  if (!decoder->handle) decoder->handle = tjInitDecompress();
  if (!decoder->handle) return -1;
  int subsampling, color_space;
  int status = tjDecompressHeader3(decoder->handle, bytes, byte_count, &decoder->width,
                                   &decoder->height, &subsampling, &color_space);
  if (status != 0) return status;
  choose_size(&decoder->width, &decoder->height, covered_side);
  size_t needed = (size_t)decoder->width * (size_t)decoder->height * 3;
  if (decoder->capacity < needed) {
    free(decoder->rgb);
    decoder->rgb = malloc(needed);
    decoder->capacity = decoder->rgb ? needed : 0;
  }
  if (!decoder->rgb) return -1;
  return tjDecompress2(decoder->handle, bytes, byte_count, decoder->rgb, decoder->width, 0,
                       decoder->height, TJPF_RGB, TJFLAG_ACCURATEDCT);
}

void baseline_close_jpeg(BareJPEGDecoder *decoder) {
  if (decoder->handle) tjDestroy(decoder->handle);
  free(decoder->rgb);
  *decoder = (BareJPEGDecoder){0};
}
