// Compares two image files by OpenVINO, or on the processor as ever where that is not installed.
//
// usage: accelerator IMAGE IMAGE

#include <image_embedder.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  ie_embedder *embedder = NULL;
  char *error = NULL;
  ie_options options = {0};
  options.struct_size = sizeof options;
  options.accelerator = IE_ACCELERATOR_OPENVINO;
  if (ie_embedder_create(&options, &embedder, &error) != IE_OK) {
    fprintf(stderr, "%s\n", error);
    ie_string_free(error);
    options.accelerator = IE_ACCELERATOR_CPU;
    if (ie_embedder_create(&options, &embedder, &error) != IE_OK) return 1;
  }

  ie_result *first = NULL, *second = NULL;
  ie_vector u, v;
  double similarity = 0;
  int status = 1;
  if (ie_embedder_embed_file(embedder, argv[1], NULL, &first, &error) == IE_OK &&
      ie_embedder_embed_file(embedder, argv[2], NULL, &second, &error) == IE_OK &&
      ie_result_vector(first, 0, &u) == IE_OK && ie_result_vector(second, 0, &v) == IE_OK &&
      ie_cosine_similarity(&u, &v, &similarity, &error) == IE_OK) {
    printf("Cosine similarity: %f\n", similarity);
    status = 0;
  } else {
    fprintf(stderr, "%s\n", error);
  }
  ie_string_free(error);
  ie_result_destroy(second);
  ie_result_destroy(first);
  ie_embedder_destroy(embedder);
  return status;
}
