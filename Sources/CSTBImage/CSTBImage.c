#include "CSTBImage.h"

#include <stdlib.h>
#include <string.h>

// Compiled here instead of linked from libstb.so: without the PNG, PNM and HDR decoders and their
// defects (CVE-2021-42716 in PNM; CVE-2021-42715 in HDR), without assertions that end the process,
// with memory that holds zeros where a file brings nothing, with no symbol that could meet another
// copy in the same program, and with the sanitizers of the build.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_ONLY_JPEG
#define STBI_ONLY_PIC
#define STBI_ONLY_PSD
#define STBI_ONLY_TGA
#define STBI_ASSERT(condition) ((void)sizeof(condition))
#define STBI_MAX_DIMENSIONS 32768
#define STBI_MALLOC(byte_count) calloc(1, byte_count)
#define STBI_REALLOC(memory, byte_count) realloc(memory, byte_count)
#define STBI_FREE(memory) free(memory)

// Most of a single-header library stays unused.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma clang diagnostic pop

uint8_t *cstb_decode(const uint8_t *bytes, int byte_count, int *width, int *height, int *channels,
                     int requested) {
  return stbi_load_from_memory(bytes, byte_count, width, height, channels, requested);
}

uint8_t *cstb_decode_jpeg(const uint8_t *bytes, int byte_count, int *width, int *height,
                          int *channels, int requested) {
  stbi__context context;
  stbi__start_mem(&context, bytes, byte_count);
  stbi__jpeg *jpeg = calloc(1, sizeof *jpeg);
  if (!jpeg) return stbi__errpuc("outofmem", "Out of memory");
  jpeg->s = &context;
  stbi__setup_jpeg(jpeg);
  // A table that the file does not bring has no codes; the library would look for them outside (the
  // reads of CVE-2022-28042).
  stbi__huffman *tables[] = {jpeg->huff_dc, jpeg->huff_ac};
  for (size_t kind = 0; kind < 2; kind++) {
    for (size_t index = 0; index < sizeof jpeg->huff_dc / sizeof jpeg->huff_dc[0]; index++) {
      stbi__huffman *table = &tables[kind][index];
      memset(table->fast, UINT8_MAX, sizeof table->fast);
      table->maxcode[17] = UINT32_MAX;
    }
  }
  uint8_t *pixels = load_jpeg_image(jpeg, width, height, channels, requested);
  free(jpeg);
  return pixels;
}

void cstb_free(uint8_t *pixels) { stbi_image_free(pixels); }

const char *cstb_failure(void) { return stbi_failure_reason(); }
