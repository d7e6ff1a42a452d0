// A program for a library of another version: compiled against a header with longer or with shorter
// structs, it works all the same.
//
// usage: versions MODEL IMAGE known|unknown
//
// With ADDED the header has a member `added` at the end of each struct; the last argument says
// whether the library knows that too.

#include "checks.h"

#ifdef ADDED
#define SET_ADDED(object, value) ((object).added = (value))
#else
#define SET_ADDED(object, value) ((void)(value))
#endif

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  const bool is_known = strcmp(argv[3], "known") == 0;
  uint8_t pixels[8 * 6 * 3];
  for (size_t index = 0; index < sizeof pixels; index++) pixels[index] = (uint8_t)index;

#ifdef ADDED
  const int last = 1;
#else
  const int last = 0;
#endif
  for (int added = 0; added <= last; added++) {
    const ie_status expected = added == 0 || is_known ? IE_OK : IE_INVALID_ARGUMENT;
    ie_options options = {0};
    options.struct_size = sizeof options;
    options.model = argv[1];
    SET_ADDED(options, added);
    ie_embedder *embedder = NULL;
    CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), expected);
    if (embedder == NULL) {
      SET_ADDED(options, 0);
      CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_OK);
    }

    ie_frame frame = {0};
    frame.struct_size = sizeof frame;
    frame.width = 8;
    frame.height = 6;
    frame.format = IE_FORMAT_RGB;
    frame.plane_count = 1;
    frame.planes[0].data = pixels;
    frame.planes[0].byte_count = sizeof pixels;
    SET_ADDED(frame, added);
    ie_result *result = NULL;
    CHECK_STATUS(ie_embedder_embed_frame(embedder, &frame, NULL, &result, &error), expected);
    ie_vector vector;
    if (result != NULL) {
      CHECK(ie_result_vector(result, 0, &vector) == IE_OK);
      // The model's vector is the picture.
      CHECK(vector.count == sizeof pixels && vector.floats[77] == 77);
    }
    ie_result_destroy(result);
    SET_ADDED(frame, 0);

    // Items lie as far apart as this header has them.
    ie_item items[3];
    memset(items, 0, sizeof items);
    for (int index = 0; index < 3; index++) {
      items[index].struct_size = sizeof *items;
      items[index].frame = &frame;
      SET_ADDED(items[index], added);
    }
    items[1].frame = NULL;
    items[1].path = "/nowhere.png";
    ie_batch_options batch_options = {0};
    batch_options.struct_size = sizeof batch_options;
    batch_options.worker_count = 2;
    ie_result *results[3] = {NULL, NULL, NULL};
    CHECK_STATUS(ie_embedder_embed_batch(embedder, items, 3, &batch_options, results, &error),
                 expected);
    if (expected == IE_OK) {
      CHECK(ie_result_status(results[0]) == IE_OK && ie_result_status(results[2]) == IE_OK);
      CHECK(ie_result_status(results[1]) == IE_NOT_FOUND);
    }
    for (int index = 0; index < 3; index++) ie_result_destroy(results[index]);
    SET_ADDED(batch_options, added);
    ie_batch *batch = NULL;
    CHECK_STATUS(ie_batch_create(embedder, &batch_options, &batch, &error), expected);
    ie_batch_destroy(batch);

    // Filled as far as this header goes, and not a byte further.
    ie_image *image = NULL;
    CHECK_STATUS(ie_image_decode_file(argv[2], NULL, &image, &error), IE_OK);
    struct {
      ie_frame frame;
      unsigned char after[64];
    } filled;
    memset(&filled, 0x5a, sizeof filled);
    filled.frame.struct_size = sizeof filled.frame;
    CHECK(ie_image_frame(image, &filled.frame) == IE_OK);
    CHECK(filled.frame.struct_size == sizeof filled.frame && filled.frame.plane_count == 1);
#ifdef ADDED
    CHECK(filled.frame.added == 0);
#endif
    for (size_t index = 0; index < sizeof filled.after; index++) CHECK(filled.after[index] == 0x5a);
    ie_image_destroy(image);
    ie_embedder_destroy(embedder);

    ie_duplicate_options duplicate_options = {0};
    duplicate_options.struct_size = sizeof duplicate_options;
    SET_ADDED(duplicate_options, added);
    const char *twice[] = {argv[2], argv[2]};
    ie_duplicates *duplicates = NULL;
    CHECK_STATUS(ie_duplicates_find_files(twice, 2, &duplicate_options, &duplicates, &error),
                 expected);
    if (duplicates == NULL) {
      SET_ADDED(duplicate_options, 0);
      CHECK_STATUS(ie_duplicates_find_files(twice, 2, &duplicate_options, &duplicates, &error),
                   IE_OK);
    }
    CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
    struct {
      ie_duplicate_picture picture;
      unsigned char after[64];
    } described;
    memset(&described, 0x5a, sizeof described);
    described.picture.struct_size = sizeof described.picture;
    CHECK(ie_duplicates_picture(duplicates, 0, &described.picture) == IE_OK);
    CHECK(strcmp(described.picture.path, argv[2]) == 0);
#ifdef ADDED
    CHECK(described.picture.added == 0);
#endif
    for (size_t index = 0; index < sizeof described.after; index++)
      CHECK(described.after[index] == 0x5a);
    // One file by two names is no pair, and this header's structs are taken all the same.
    ie_duplicate_pair pair = {0};
    pair.struct_size = sizeof pair;
    CHECK(ie_duplicates_pair(duplicates, 0, &pair) == IE_OUT_OF_RANGE);
    ie_duplicate_group group = {0};
    group.struct_size = sizeof group;
    CHECK(ie_duplicates_group(duplicates, 0, &group) == IE_OUT_OF_RANGE);
    ie_duplicates_close(duplicates);
  }
  return failure_count == 0 ? 0 : 1;
}
