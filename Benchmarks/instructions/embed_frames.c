// Embeds one decoded frame again and again through the C interface, as EmbedFrames does in Swift.
//
// usage: embed_frames MODEL COUNT

#include <image_embedder.h>
#include <stdio.h>
#include <stdlib.h>

enum { kWidth = 500, kHeight = 375 };

int main(int argument_count, char **arguments) {
  if (argument_count != 3) return 64;
  static uint8_t pixels[kWidth * kHeight * 3];
  for (size_t index = 0; index < sizeof pixels; index++) pixels[index] = (uint8_t)(index * 7 % 251);
  const ie_frame frame = {
      .struct_size = sizeof frame,
      .width = kWidth,
      .height = kHeight,
      .format = IE_FORMAT_RGB,
      .plane_count = 1,
      .planes = {{.data = pixels, .byte_count = sizeof pixels, .row_stride = kWidth * 3}},
  };
  const ie_options options = {.struct_size = sizeof options, .model = arguments[1]};

  ie_embedder *embedder = NULL;
  char *error = NULL;
  double sum = 0;
  ie_status status = ie_embedder_create(&options, &embedder, &error);
  for (long count = strtol(arguments[2], NULL, 10); status == IE_OK && count > 0; count--) {
    ie_result *result = NULL;
    ie_vector vector;
    status = ie_embedder_embed_frame(embedder, &frame, NULL, &result, &error);
    if (status == IE_OK) status = ie_result_vector(result, 0, &vector);
    if (status == IE_OK) sum += vector.floats[0];
    ie_result_destroy(result);
  }
  if (status == IE_OK) {
    printf("%f\n", sum);
  } else {
    fprintf(stderr, "%s\n", error ? error : "there is no vector");
  }
  ie_string_free(error);
  ie_embedder_destroy(embedder);
  return status == IE_OK ? 0 : 1;
}
