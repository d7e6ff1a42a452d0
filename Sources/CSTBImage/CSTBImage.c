#include "CSTBImage.h"

// Compiled here instead of linked from libstb.so: without the JPEG, PNG, PNM and HDR decoders and
// their defects (CVE-2022-28041, -28042 and -28048, CVE-2021-37789 in JPEG; CVE-2021-42716 in PNM;
// CVE-2021-42715 in HDR), without assertions that end the process, with no symbol that could meet
// another copy in the same program, and with the sanitizers of the build.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_ONLY_PIC
#define STBI_ONLY_PSD
#define STBI_ONLY_TGA
#define STBI_ASSERT(condition) ((void)sizeof(condition))
#define STBI_MAX_DIMENSIONS 32768

// Most of a single-header library stays unused.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma clang diagnostic pop

uint8_t *cstb_decode(const uint8_t *bytes, int byte_count, int *width, int *height, int *channels,
                     int requested) {
  return stbi_load_from_memory(bytes, byte_count, width, height, channels, requested);
}

void cstb_free(uint8_t *pixels) { stbi_image_free(pixels); }

const char *cstb_failure(void) { return stbi_failure_reason(); }
