#include "CGIFShim.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

struct cgif {
  const uint8_t *bytes;
  size_t byte_count;
  size_t position;
  GifFileType *file;
  int transparent_color;
  int failure;
  const char *message;
};

// The library goes wrong over a block that is cut short even where it needs nothing of the rest;
// zeros are an empty block, which ends a chain.
static int read_bytes(GifFileType *file, GifByteType *target, int count) {
  cgif *gif = file->UserData;
  size_t wanted = count > 0 ? (size_t)count : 0;
  size_t left = gif->position < gif->byte_count ? gif->byte_count - gif->position : 0;
  size_t copied = wanted < left ? wanted : left;
  if (copied > 0) memcpy(target, gif->bytes + gif->position, copied);
  if (copied < wanted) memset(target + copied, 0, wanted - copied);
  gif->position += wanted;
  return count;
}

static bool fail(cgif *gif, int failure, const char *message) {
  gif->failure = failure;
  gif->message = message ? message : "";
  return false;
}

static bool fail_in_words_of_library(cgif *gif, int code) {
  if (code == D_GIF_ERR_NOT_ENOUGH_MEM) return fail(gif, CGIF_OUT_OF_MEMORY, "");
  return fail(gif, CGIF_DAMAGED, GifErrorString(code));
}

// --- Interface ----------------------------------------------------------------------------------

cgif *cgif_create(const void *bytes, size_t byte_count) {
  cgif *gif = calloc(1, sizeof *gif);
  if (!gif) return NULL;
  gif->bytes = bytes;
  gif->byte_count = byte_count;
  gif->transparent_color = NO_TRANSPARENT_COLOR;
  return gif;
}

void cgif_destroy(cgif *gif) {
  if (!gif) return;
  int code;
  if (gif->file) DGifCloseFile(gif->file, &code);
  free(gif);
}

// Reads an extension, of which only what the next frame's transparent colour is counts.
static bool read_extension(cgif *gif) {
  int kind;
  GifByteType *block;
  if (DGifGetExtension(gif->file, &kind, &block) == GIF_ERROR) return false;
  while (block) {
    GraphicsControlBlock control;
    if (kind == GRAPHICS_EXT_FUNC_CODE &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      gif->transparent_color = control.TransparentColor;
    }
    if (DGifGetExtensionNext(gif->file, &block) == GIF_ERROR) return false;
  }
  return true;
}

// Reads blocks up to the first frame's data.
static bool find_frame(cgif *gif) {
  while (gif->position <= gif->byte_count) {
    GifRecordType kind;
    if (DGifGetRecordType(gif->file, &kind) == GIF_ERROR) {
      return fail_in_words_of_library(gif, gif->file->Error);
    }
    switch (kind) {
      case IMAGE_DESC_RECORD_TYPE:
        if (DGifGetImageDesc(gif->file) == GIF_OK) return true;
        return fail_in_words_of_library(gif, gif->file->Error);
      case EXTENSION_RECORD_TYPE:
        if (read_extension(gif)) continue;
        return fail_in_words_of_library(gif, gif->file->Error);
      default: return fail(gif, CGIF_DAMAGED, "it holds no picture");
    }
  }
  return fail(gif, CGIF_TRUNCATED, "it ends before its first frame");
}

static const ColorMapObject *colors_of_frame(const cgif *gif) {
  const ColorMapObject *own = gif->file->Image.ColorMap;
  return own ? own : gif->file->SColorMap;
}

bool cgif_read_frame(cgif *gif, cgif_frame *frame) {
  int code = D_GIF_SUCCEEDED;
  gif->file = DGifOpen(gif, read_bytes, &code);
  bool is_read = gif->file ? find_frame(gif) : fail_in_words_of_library(gif, code);
  // What follows from bytes that are not there says nothing.
  if (gif->position > gif->byte_count && gif->failure != CGIF_OUT_OF_MEMORY) {
    return fail(gif, CGIF_TRUNCATED, "it ends before its first frame");
  }
  if (!is_read) return false;
  const GifFileType *file = gif->file;
  *frame = (cgif_frame){
      .screen_width = (uint16_t)file->SWidth,
      .screen_height = (uint16_t)file->SHeight,
      .left = (uint16_t)file->Image.Left,
      .top = (uint16_t)file->Image.Top,
      .width = (uint16_t)file->Image.Width,
      .height = (uint16_t)file->Image.Height,
      .is_interlaced = file->Image.Interlace,
      .has_palette = colors_of_frame(gif) != NULL,
      .data_offset = gif->position - 1,
  };
  return true;
}

void cgif_palette(const cgif *gif, void *colors) {
  const ColorMapObject *map = colors_of_frame(gif);
  memset(colors, 0, 4 * 256);
  for (int index = 0; map && index < map->ColorCount && index < 256; index++) {
    if (index == gif->transparent_color) continue;
    const GifColorType *color = &map->Colors[index];
    const uint8_t values[] = {color->Red, color->Green, color->Blue, UINT8_MAX};
    memcpy((uint8_t *)colors + 4 * index, values, sizeof values);
  }
}

bool cgif_read_pixels(cgif *gif, uint8_t *pixels, size_t count) {
  if (count > INT_MAX) return fail(gif, CGIF_DAMAGED, "its rows are too long");
  if (DGifGetLine(gif->file, pixels, (int)count) == GIF_OK) return true;
  return fail_in_words_of_library(gif, gif->file->Error);
}

int cgif_failure(const cgif *gif) { return gif->failure; }

const char *cgif_message(const cgif *gif) { return gif->message; }
