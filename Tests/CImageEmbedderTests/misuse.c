// Calls every function as it must not be called: each says so, and nothing crashes.
//
// usage: misuse FOLDER_OF_TEST_MODELS IMAGE

// For fileno.
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stddef.h>

#include "checks.h"

static ie_options options_for(const char *model) {
  ie_options options = {0};
  options.struct_size = sizeof options;
  options.model = model;
  return options;
}

static ie_frame frame_of(const void *pixels, size_t byte_count, int width, int height) {
  ie_frame frame = {0};
  frame.struct_size = sizeof frame;
  frame.width = width;
  frame.height = height;
  frame.format = IE_FORMAT_RGB;
  frame.plane_count = 1;
  frame.planes[0].data = pixels;
  frame.planes[0].byte_count = byte_count;
  return frame;
}

static void check_nulls(const char *image_path) {
  ie_vector vector;
  ie_element_type type;
  float three[3];
  double similarity;
  ie_frame frame = frame_of("", 0, 1, 1);

  CHECK_STATUS(ie_embedder_create(NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_create(NULL, NULL, NULL) == IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_frame(NULL, NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_file(NULL, NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_encoded(NULL, NULL, 0, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_image(NULL, NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_batch(NULL, NULL, 1, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_head_count(NULL) == 0);
  CHECK(ie_embedder_head_name(NULL, 0) == NULL);
  CHECK(ie_embedder_head_dimension(NULL, 0) == -1);
  CHECK(ie_embedder_head_type(NULL, 0, &type) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_input(NULL, NULL, NULL, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_normalization(NULL, three, three) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_metadata(NULL, IE_METADATA_NAME) == NULL);
  CHECK(ie_embedder_model_name(NULL) == NULL);
  CHECK(ie_embedder_model_byte_count(NULL) == 0);
  CHECK(ie_embedder_model_digest(NULL) == NULL);
  CHECK(ie_embedder_fingerprint(NULL) == NULL);
  ie_embedder_destroy(NULL);

  CHECK_STATUS(ie_store_open(NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_row(NULL, 0, NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_vector(NULL, 0, 0, three, 3, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_store_count(NULL) == 0);
  CHECK(ie_store_head_count(NULL) == 0);
  CHECK(ie_store_head_dimension(NULL, 0) == -1);
  CHECK(ie_store_fingerprint(NULL) == NULL);
  CHECK_STATUS(ie_store_remove_rows(NULL, NULL, 0, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_remove_rows("/nope", NULL, 1, NULL, &error), IE_INVALID_ARGUMENT);
  ie_store_close(NULL);

  CHECK_STATUS(ie_index_open(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_index_warning(NULL) == NULL);
  CHECK_STATUS(ie_index_search(NULL, NULL, 0, 1, NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  ie_index_close(NULL);

  ie_pair pair;
  size_t pair_count = 7;
  CHECK_STATUS(ie_index_pairs(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_pairs_next(NULL, -1, &pair, 1, &pair_count, &error), IE_INVALID_ARGUMENT);
  CHECK(pair_count == 0);
  ie_pairs_close(NULL);

  size_t count = 7;
  ie_duplicate_picture picture = {0};
  ie_duplicate_pair duplicate_pair = {0};
  ie_duplicate_group group = {0};
  CHECK_STATUS(ie_duplicates_find(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_find_files(NULL, 0, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_wait(NULL, -1, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_write_move_script(NULL, NULL, &count, &error), IE_INVALID_ARGUMENT);
  CHECK(count == 0);
  CHECK(ie_duplicates_progress(NULL, NULL, NULL, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_cancel(NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_picture_count(NULL) == 0);
  CHECK(ie_duplicates_pair_count(NULL) == 0);
  CHECK(ie_duplicates_group_count(NULL) == 0);
  CHECK(ie_duplicates_picture(NULL, 0, &picture) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_pair(NULL, 0, &duplicate_pair) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_group(NULL, 0, &group) == IE_INVALID_ARGUMENT);
  count = 7;
  CHECK(ie_duplicates_flat(NULL, &count) == NULL && count == 0);
  count = 7;
  CHECK(ie_duplicates_failed(NULL, &count) == NULL && count == 0);
  CHECK(ie_duplicates_warning(NULL, 0) == NULL);
  ie_duplicates_close(NULL);
  CHECK(strcmp(ie_duplicate_tier_name(IE_DUPLICATE_TIER_COPIES), "copies") == 0);
  CHECK(ie_duplicate_tier_name((ie_duplicate_tier)3) == NULL);

  CHECK_STATUS(ie_image_decode_file(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_image_decode_file(image_path, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_image_decode(NULL, 1, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_image_frame(NULL, &frame) == IE_INVALID_ARGUMENT);
  CHECK(ie_image_channel_count(NULL) == 0);
  CHECK(ie_image_format_name(NULL) == NULL);
  CHECK(ie_image_warning(NULL, 0) == NULL);
  ie_image_destroy(NULL);

  CHECK(ie_result_status(NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_result_message(NULL) == NULL);
  CHECK(ie_result_index(NULL) == 0);
  CHECK(ie_result_count(NULL) == 0);
  CHECK(ie_result_vector(NULL, 0, &vector) == IE_INVALID_ARGUMENT);
  CHECK(ie_result_width(NULL) == 0);
  CHECK(ie_result_height(NULL) == 0);
  CHECK(ie_result_warning(NULL, 0) == NULL);
  ie_result_destroy(NULL);

  CHECK_STATUS(ie_batch_create(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_batch_add(NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_batch_finish(NULL) == IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_batch_next(NULL, 0, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK(ie_batch_stop(NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_batch_cancel(NULL) == IE_INVALID_ARGUMENT);
  ie_batch_destroy(NULL);

  CHECK_STATUS(ie_cosine_similarity(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_cosine_similarity(NULL, NULL, &similarity, &error), IE_INVALID_ARGUMENT);
  CHECK(isnan(similarity));
  ie_string_free(NULL);

  CHECK(strcmp(ie_version(), IE_VERSION) == 0);
  CHECK(strcmp(ie_status_name(IE_NOT_FOUND), "NOT_FOUND") == 0);
  CHECK(strcmp(ie_status_name((ie_status)99), "UNKNOWN") == 0);
  CHECK(strcmp(ie_built_in_model_name(0), "efficientnet-lite0") == 0);
  CHECK(ie_built_in_model_name(SIZE_MAX) == NULL);
}

static void check_options(const char *model) {
  ie_embedder *embedder = NULL;
  float value = 1, zero = 0;

#define CHECK_OPTION(statement, expected)                                    \
  do {                                                                       \
    ie_options options = options_for(model);                                 \
    statement;                                                               \
    CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), expected); \
    CHECK((embedder != NULL) == ((expected) == IE_OK));                      \
    ie_embedder_destroy(embedder);                                           \
  } while (0)

  CHECK_OPTION((void)0, IE_OK);
  CHECK_OPTION(options.struct_size = 0, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.struct_size = 8, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.struct_size--, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.struct_size = SIZE_MAX, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.thread_count = -1, IE_OK);
  CHECK_OPTION(options.thread_count = -2, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.thread_count = INT32_MAX, IE_OK);
  CHECK_OPTION(options.thread_count = INT32_MIN, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.rotation = 45, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.alpha = (ie_alpha)3, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.decoding = IE_DECODING_FAST, IE_OK);
  CHECK_OPTION(options.decoding = IE_DECODING_TASK_LIBRARY, IE_OK);
  CHECK_OPTION(options.decoding = (ie_decoding)3, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.preset = "antialiased-v1", IE_OK);
  CHECK_OPTION(options.preset = "", IE_OK);
  CHECK_OPTION(options.preset = "sharp", IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.preset = "\xff", IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.max_pixels = -1, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.max_file_bytes = INT64_MIN, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.worker_timeout_seconds = -1, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.reserved = 1, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.litert_path = "/nowhere/libLiteRt.so", IE_NOT_FOUND);
  CHECK_OPTION(options.accelerator = (ie_accelerator)3, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.accelerator = (ie_accelerator)-1, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.accelerator_library = "", IE_OK);
  CHECK_OPTION(options.accelerator_library = "/nowhere/library.so", IE_INVALID_ARGUMENT);
  for (int number = IE_ACCELERATOR_OPENVINO; number <= IE_ACCELERATOR_GPU; number++) {
    CHECK_OPTION((options.accelerator = (ie_accelerator)number,
                  options.accelerator_library = "/nowhere/library.so"),
                 IE_NOT_FOUND);
  }
  // Of an older program, whose header does not have it: what lies there is none of the struct.
  CHECK_OPTION((options.struct_size = offsetof(ie_options, accelerator),
                options.accelerator = (ie_accelerator)99,
                options.accelerator_library = "/nowhere/library.so"),
               IE_OK);
  CHECK_OPTION(options.precision = IE_PRECISION_FLOAT32, IE_OK);
  CHECK_OPTION(options.precision = (ie_precision)2, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.precision = (ie_precision)-1, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.precision = IE_PRECISION_BFLOAT16, IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.precision = IE_PRECISION_BFLOAT16, options.accelerator = IE_ACCELERATOR_GPU,
                options.accelerator_library = "/nowhere/library.so"),
               IE_INVALID_ARGUMENT);
  CHECK_OPTION(
      (options.precision = IE_PRECISION_BFLOAT16, options.accelerator = IE_ACCELERATOR_OPENVINO,
       options.accelerator_library = "/nowhere/library.so"),
      IE_NOT_FOUND);
  CHECK_OPTION(options.reserved2 = 1, IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.struct_size = offsetof(ie_options, precision),
                options.precision = (ie_precision)99, options.reserved2 = 1),
               IE_OK);
  CHECK_OPTION(options.model = "/nowhere/model.tflite", IE_NOT_FOUND);
  CHECK_OPTION(options.model = "\xff", IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.model = "/", IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.model_byte_count = 1, IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.model_bytes = "x", options.model_byte_count = 1), IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.model_bytes = "x", options.model_byte_count = SIZE_MAX),
               IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.model_bytes = "x", options.model_byte_count = 0), IE_OK);
  CHECK_OPTION(options.normalization_count = 1, IE_INVALID_ARGUMENT);
  CHECK_OPTION(options.normalization_mean = &value, IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.normalization_mean = &value, options.normalization_count = SIZE_MAX),
               IE_INVALID_ARGUMENT);
  CHECK_OPTION((options.normalization_mean = &value, options.normalization_std = &zero,
                options.normalization_count = 1),
               IE_INVALID_ARGUMENT);

  // A newer program: members that are not known here must be zeros.
  struct {
    ie_options options;
    char newer[64];
  } newer = {0};
  newer.options = options_for(model);
  newer.options.struct_size = sizeof newer;
  CHECK_STATUS(ie_embedder_create(&newer.options, &embedder, &error), IE_OK);
  ie_embedder_destroy(embedder);
  newer.newer[63] = 1;
  CHECK_STATUS(ie_embedder_create(&newer.options, &embedder, &error), IE_INVALID_ARGUMENT);
}

/// Sentences speak of what the options are called in C.
static void check_words(const char *folder) {
  char model[4096];
  ie_embedder *embedder = NULL;
  char *error = NULL;
  float value = 1;

#define CHECK_WORDS(file, statement, words)                                                   \
  do {                                                                                        \
    snprintf(model, sizeof model, "%s/%s", folder, file);                                     \
    ie_options options = options_for(model);                                                  \
    statement;                                                                                \
    CHECK(ie_embedder_create(&options, &embedder, &error) != IE_OK);                          \
    CHECK(error != NULL && strstr(error, words) != NULL);                                     \
    CHECK(error != NULL && strstr(error, "--") == NULL && strstr(error, "scripts/") == NULL); \
    CHECK(error != NULL && strstr(error, "Options.") == NULL);                                \
    ie_string_free(error);                                                                    \
  } while (0)

  CHECK_WORDS("identity_float_8x6_no_metadata.tflite", (void)0,
              "normalization_mean and normalization_std");
  CHECK_WORDS("identity_uint8_8x6.tflite",
              (options.normalization_mean = options.normalization_std = &value,
               options.normalization_count = 1),
              "normalization_mean and normalization_std");
  CHECK_WORDS("identity_uint8_8x6.tflite", options.thread_count = -2, "thread_count is -2");
  CHECK_WORDS("identity_uint8_8x6.tflite", options.litert_path = "/nowhere/libLiteRt.so",
              "litert_path or IMAGE_EMBEDDER_LITERT");
  CHECK_WORDS("identity_uint8_8x6.tflite", options.accelerator_library = "/nowhere/library.so",
              "accelerator_library is '/nowhere/library.so'");
  for (int number = IE_ACCELERATOR_OPENVINO; number <= IE_ACCELERATOR_GPU; number++) {
    CHECK_WORDS("identity_uint8_8x6.tflite",
                (options.accelerator = (ie_accelerator)number,
                 options.accelerator_library = "/nowhere/library.so"),
                "accelerator_library or IMAGE_EMBEDDER_");
    CHECK_WORDS("identity_uint8_8x6.tflite",
                (options.accelerator = (ie_accelerator)number,
                 options.accelerator_library = "/nowhere/library.so"),
                "/nowhere/library.so");
  }
  CHECK_WORDS("identity_uint8_8x6.tflite", options.precision = IE_PRECISION_BFLOAT16,
              "precision is bfloat16; the accelerator openvino");
  // A library that is none of OpenVINO's.
  CHECK_WORDS(
      "identity_uint8_8x6.tflite",
      (options.accelerator = IE_ACCELERATOR_OPENVINO, options.accelerator_library = "libc.so.6"),
      "install the Python package");
  // A library that is none of the runtime's.
  CHECK_WORDS("identity_uint8_8x6.tflite", options.litert_path = "libc.so.6",
              "that version is needed");
}

/// Makes a struct of a size that states it, with nothing behind it; the caller frees it.
static void *struct_of_size(size_t size, const void *first, size_t first_size) {
  char *memory = calloc(1, size < sizeof size ? sizeof size : size);
  if (memory == NULL) abort();
  if (size > sizeof size) memcpy(memory, first, size < first_size ? size : first_size);
  memcpy(memory, &size, sizeof size);
  return memory;
}

/// Structs of every size: those from the first version's to a page are read, the rest is refused.
static void check_sizes(const ie_embedder *embedder, const char *image_path) {
  uint8_t pixels[48 * 3] = {0};
  ie_image *image = NULL;
  CHECK_STATUS(ie_image_decode_file(image_path, NULL, &image, &error), IE_OK);
  const ie_options options = options_for(NULL);
  const ie_frame frame = frame_of(pixels, sizeof pixels, 8, 6);
  const ie_item item = {.struct_size = sizeof item, .frame = &frame};
  const ie_batch_options batch_options = {.struct_size = sizeof batch_options, .worker_count = 1};
  const size_t first_options = offsetof(ie_options, reserved) + sizeof options.reserved;
  const size_t first_frame = offsetof(ie_frame, planes) + sizeof frame.planes;
  const size_t first_item = offsetof(ie_item, region) + sizeof item.region;
  const ie_duplicate_options duplicate_options = {.struct_size = sizeof duplicate_options};
  const size_t first_duplicates = offsetof(ie_duplicate_options, not_duplicates_count) +
                                  sizeof duplicate_options.not_duplicates_count;
  const size_t first_picture =
      offsetof(ie_duplicate_picture, problem) + sizeof((ie_duplicate_picture *)0)->problem;
  ie_duplicates *one = NULL;
  CHECK_STATUS(ie_duplicates_find_files(&image_path, 1, NULL, &one, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(one, -1, &error), IE_OK);
  const size_t first_batch = offsetof(ie_batch_options, reserved) + sizeof batch_options.reserved;

  for (size_t size = 0; size <= 8192; size++) {
#define EXPECTED(first) \
  (size >= (first) && size <= 4096 && size % sizeof(void *) == 0 ? IE_OK : IE_INVALID_ARGUMENT)
    ie_image *decoded = NULL;
    ie_result *result = NULL;
    ie_batch *batch = NULL;
    ie_options *sized_options = struct_of_size(size, &options, first_options);
    sized_options->struct_size = size;
    // A model that is not there is looked for once the struct is taken.
    if (size >= first_options) sized_options->model = "/nowhere.tflite";
    ie_embedder *made = NULL;
    CHECK_STATUS(ie_embedder_create(sized_options, &made, &error),
                 EXPECTED(first_options) == IE_OK ? IE_NOT_FOUND : IE_INVALID_ARGUMENT);
    if (size % 512 == 0) {
      CHECK_STATUS(ie_image_decode_file(image_path, sized_options, &decoded, &error),
                   EXPECTED(first_options));
      ie_image_destroy(decoded);
    }
    free(sized_options);

    ie_frame *sized_frame = struct_of_size(size, &frame, first_frame);
    CHECK_STATUS(ie_embedder_embed_frame(embedder, sized_frame, NULL, &result, &error),
                 EXPECTED(first_frame));
    ie_result_destroy(result);
    // What is filled need not be zeros before.
    if (size > sizeof size) memset((char *)sized_frame + sizeof size, 0x5a, size - sizeof size);
    CHECK(ie_image_frame(image, sized_frame) == EXPECTED(first_frame));
    CHECK(sized_frame->struct_size == size);
    if (EXPECTED(first_frame) == IE_OK) {
      CHECK(sized_frame->plane_count == 1 && sized_frame->planes[0].data != NULL);
      for (size_t index = sizeof frame; index < size; index++)
        CHECK(((const char *)sized_frame)[index] == 0);
    }
    free(sized_frame);

    ie_item *sized_item = struct_of_size(size, &item, first_item);
    CHECK_STATUS(ie_embedder_embed_batch(embedder, sized_item, 1, NULL, &result, &error),
                 EXPECTED(first_item));
    ie_result_destroy(result);
    free(sized_item);

    ie_batch_options *sized_batch = struct_of_size(size, &batch_options, first_batch);
    CHECK_STATUS(ie_batch_create(embedder, sized_batch, &batch, &error), EXPECTED(first_batch));
    ie_batch_destroy(batch);
    free(sized_batch);

    ie_duplicate_options *sized = struct_of_size(size, &duplicate_options, first_duplicates);
    ie_duplicates *duplicates = NULL;
    CHECK_STATUS(ie_duplicates_find_files(NULL, 0, sized, &duplicates, &error),
                 EXPECTED(first_duplicates));
    ie_duplicates_close(duplicates);
    free(sized);

    const ie_duplicate_picture none = {.struct_size = sizeof none};
    ie_duplicate_picture *picture = struct_of_size(size, &none, first_picture);
    if (size > sizeof size) memset((char *)picture + sizeof size, 0x5a, size - sizeof size);
    CHECK(ie_duplicates_picture(one, 0, picture) == EXPECTED(first_picture));
    if (EXPECTED(first_picture) == IE_OK) {
      CHECK(strcmp(picture->path, image_path) == 0 && picture->problem == NULL);
      for (size_t index = sizeof none; index < size; index++)
        CHECK(((const char *)picture)[index] == 0);
    }
    free(picture);
  }
  ie_duplicates_close(one);
  ie_image_destroy(image);
}

static void check_file_parts(const char *model) {
  ie_embedder *embedder = NULL;
  FILE *file = fopen(model, "rb");
  CHECK(file != NULL);
  if (file == NULL) return;
  ie_file_part part = {fileno(file), 0, 0};
  ie_options options = options_for(NULL);
  options.model_file_part = &part;
  CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_OK);
  CHECK(ie_embedder_head_count(embedder) == 1);
  ie_embedder_destroy(embedder);
  fseek(file, 0, SEEK_END);
  int64_t size = ftell(file);
  const ie_file_part wrong[] = {
      {-1, 0, 0},
      {part.descriptor, size, 0},
      {part.descriptor, -1, 0},
      {part.descriptor, 0, size + 1},
      {part.descriptor, 1, 0},
      {part.descriptor, INT64_MAX, INT64_MAX},
  };
  for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
    part = wrong[index];
    CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_INVALID_ARGUMENT);
  }
  part = (ie_file_part){fileno(file), 0, 0};
  fclose(file);
  CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_FAILED_PRECONDITION);
}

static void check_frames(const ie_embedder *embedder) {
  ie_result *result = NULL;
  uint8_t pixels[48 * 4] = {0};

#define CHECK_FRAME(statement, expected)                                                      \
  do {                                                                                        \
    ie_frame frame = frame_of(pixels, sizeof pixels, 8, 6);                                   \
    statement;                                                                                \
    CHECK_STATUS(ie_embedder_embed_frame(embedder, &frame, NULL, &result, &error), expected); \
    CHECK((result != NULL) == ((expected) == IE_OK));                                         \
    ie_result_destroy(result);                                                                \
  } while (0)

  CHECK_STATUS(ie_embedder_embed_frame(embedder, NULL, NULL, &result, &error), IE_INVALID_ARGUMENT);
  CHECK_FRAME((void)0, IE_OK);
  CHECK_FRAME(frame.struct_size = 1, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.width = 0, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.height = -1, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.width = INT32_MAX, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.height = INT32_MIN, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.height = 9, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.format = (ie_format)7, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.format = (ie_format)-1, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.orientation = 8, IE_OK);
  CHECK_FRAME(frame.orientation = 9, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.orientation = -1, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.orientation = 257, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.plane_count = 0, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.plane_count = 2, IE_INVALID_ARGUMENT);
  CHECK_FRAME((frame.planes[1] = frame.planes[2] = frame.planes[0], frame.plane_count = 3),
              IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.plane_count = SIZE_MAX, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].data = NULL, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].byte_count = 0, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].byte_count = 48 * 3 - 1, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].byte_count = SIZE_MAX, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].row_stride = 23, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].row_stride = 32, IE_OK);
  CHECK_FRAME(frame.planes[0].row_stride = 64, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].row_stride = SIZE_MAX, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].row_stride = SIZE_MAX / 2, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].pixel_stride = 3, IE_OK);
  CHECK_FRAME(frame.planes[0].pixel_stride = 4, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.planes[0].pixel_stride = SIZE_MAX, IE_INVALID_ARGUMENT);
  CHECK_FRAME(frame.format = IE_FORMAT_RGBA, IE_OK);
  CHECK_FRAME(frame.format = IE_FORMAT_GRAY, IE_OK);

  const ie_region regions[] = {{0, 0, 0, 0},
                               {0, 0, 9, 6},
                               {8, 0, 1, 1},
                               {-1, 0, 8, 6},
                               {0, 0, -8, -6},
                               {INT32_MAX, 0, INT32_MAX, 1},
                               {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN}};
  ie_frame frame = frame_of(pixels, sizeof pixels, 8, 6);
  for (size_t index = 0; index < sizeof regions / sizeof *regions; index++) {
    CHECK_STATUS(ie_embedder_embed_frame(embedder, &frame, &regions[index], &result, &error),
                 IE_INVALID_ARGUMENT);
    CHECK(result == NULL);
  }

  // All formats, in one, two and three planes.
  uint8_t y[48] = {0}, u[13] = {0}, v[12] = {0}, uv[24] = {0};
  for (int format = IE_FORMAT_NV12; format <= IE_FORMAT_YV21; format++) {
    bool is_interleaved = format == IE_FORMAT_NV12 || format == IE_FORMAT_NV21;
    CHECK_FRAME(frame.format = (ie_format)format, IE_OK);
    CHECK_FRAME((frame.format = (ie_format)format, frame.plane_count = 2,
                 frame.planes[0] = (ie_plane){y, sizeof y, 0, 0},
                 frame.planes[1] = (ie_plane){uv, sizeof uv, 8, 2}),
                is_interleaved ? IE_OK : IE_INVALID_ARGUMENT);
    CHECK_FRAME(
        (frame.format = (ie_format)format, frame.plane_count = 3,
         frame.planes[0] = (ie_plane){y, sizeof y, 8, 1}, frame.planes[1] = (ie_plane){u, 12, 4, 1},
         frame.planes[2] = (ie_plane){v, sizeof v, 4, 1}),
        IE_OK);
    CHECK_FRAME((frame.format = (ie_format)format, frame.plane_count = 3,
                 frame.planes[0] = (ie_plane){y, sizeof y, 8, 1},
                 frame.planes[1] = (ie_plane){uv, 23, 8, 2},
                 frame.planes[2] = (ie_plane){uv + 1, 23, 8, 2}),
                IE_OK);
    // Chroma with other strides, other pixel strides, planes that are not one, too few bytes.
    CHECK_FRAME(
        (frame.format = (ie_format)format, frame.plane_count = 3,
         frame.planes[1] = (ie_plane){u, 13, 4, 1}, frame.planes[2] = (ie_plane){u, 13, 5, 1}),
        IE_INVALID_ARGUMENT);
    CHECK_FRAME((frame.format = (ie_format)format, frame.plane_count = 3,
                 frame.planes[1] = frame.planes[2] = (ie_plane){uv, 24, 8, 3}),
                IE_INVALID_ARGUMENT);
    CHECK_FRAME((frame.format = (ie_format)format, frame.plane_count = 3,
                 frame.planes[1] = frame.planes[2] = (ie_plane){uv, 24, 8, 2}),
                IE_INVALID_ARGUMENT);
    CHECK_FRAME((frame.format = (ie_format)format, frame.plane_count = 3,
                 frame.planes[1] = frame.planes[2] = (ie_plane){u, 11, 4, 1}),
                IE_INVALID_ARGUMENT);
    CHECK_FRAME((frame.format = (ie_format)format, frame.plane_count = 3), IE_INVALID_ARGUMENT);
  }
}

static void check_images(const ie_embedder *embedder, const char *image_path) {
  ie_result *result = NULL;
  ie_image *image = NULL;
  ie_vector vector;
  ie_options options = options_for(NULL);
  const ie_region outside = {0, 0, 100000, 1};

  CHECK_STATUS(ie_embedder_embed_file(embedder, NULL, NULL, &result, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_file(embedder, "", NULL, &result, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_file(embedder, "/nowhere.jpg", NULL, &result, &error),
               IE_NOT_FOUND);
  CHECK_STATUS(ie_embedder_embed_file(embedder, "\xff\xfe", NULL, &result, &error), IE_NOT_FOUND);
  CHECK_STATUS(ie_embedder_embed_file(embedder, "/", NULL, &result, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_file(embedder, image_path, &outside, &result, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_file(embedder, image_path, NULL, NULL, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_encoded(embedder, NULL, 9, NULL, &result, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_encoded(embedder, "", 0, NULL, &result, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_encoded(embedder, "no image", 8, NULL, &result, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_encoded(embedder, "x", SIZE_MAX, NULL, &result, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_image(embedder, NULL, NULL, &result, &error), IE_INVALID_ARGUMENT);

  options.max_pixels = 4;
  CHECK_STATUS(ie_image_decode_file(image_path, &options, &image, &error), IE_RESOURCE_EXHAUSTED);
  CHECK(image == NULL);
  options.max_pixels = 0;
  options.max_file_bytes = 4;
  CHECK_STATUS(ie_image_decode_file(image_path, &options, &image, &error), IE_RESOURCE_EXHAUSTED);
  CHECK_STATUS(ie_image_decode_file(image_path, NULL, &image, &error), IE_OK);
  CHECK(ie_image_frame(image, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_image_warning(image, SIZE_MAX) == NULL);
  ie_frame frame = {0};
  CHECK(ie_image_frame(image, &frame) == IE_INVALID_ARGUMENT);
  frame.struct_size = sizeof frame;
  CHECK(ie_image_frame(image, &frame) == IE_OK);
  CHECK(frame.plane_count == 1);
  CHECK(frame.planes[0].pixel_stride == (size_t)ie_image_channel_count(image));
  CHECK_STATUS(ie_embedder_embed_image(embedder, image, &outside, &result, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_image(embedder, image, NULL, &result, &error), IE_OK);
  ie_image_destroy(image);

  CHECK(ie_result_status(result) == IE_OK);
  CHECK(ie_result_message(result) == NULL);
  CHECK(ie_result_width(result) == frame.width);
  CHECK(ie_result_vector(result, 0, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_result_vector(result, SIZE_MAX, &vector) == IE_OUT_OF_RANGE);
  CHECK(vector.floats == NULL && vector.count == 0);
  CHECK(ie_result_vector(result, 0, &vector) == IE_OK);
  CHECK(vector.floats != NULL && vector.quantized == NULL && vector.count > 0);
  CHECK(ie_result_warning(result, SIZE_MAX) == NULL);
  ie_result_destroy(result);

  CHECK(ie_embedder_head_dimension(embedder, SIZE_MAX) == -1);
  CHECK(ie_embedder_head_name(embedder, SIZE_MAX) == NULL);
  ie_element_type type;
  CHECK(ie_embedder_head_type(embedder, 1, &type) == IE_OUT_OF_RANGE);
  CHECK(ie_embedder_head_type(embedder, 0, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_metadata(embedder, (ie_metadata)-1) == NULL);
}

static void check_pairs(const ie_index *index) {
  ie_pairs *pairs = NULL;
  ie_pair places[5];
  size_t count = 7;
  CHECK_STATUS(ie_index_pairs(index, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  ie_search_options options = {0};
  CHECK_STATUS(ie_index_pairs(index, &options, &pairs, &error), IE_INVALID_ARGUMENT);
  options.struct_size = sizeof options;
  options.has_min_cosine = true;
  options.min_cosine = NAN;
  CHECK_STATUS(ie_index_pairs(index, &options, &pairs, &error), IE_INVALID_ARGUMENT);
  CHECK(pairs == NULL);
  CHECK_STATUS(ie_index_pairs((const ie_index *)&options, NULL, &pairs, &error),
               IE_INVALID_ARGUMENT);

  CHECK_STATUS(ie_index_pairs(index, NULL, &pairs, &error), IE_OK);
  CHECK_STATUS(ie_pairs_next(pairs, -1, NULL, 5, &count, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_pairs_next(pairs, -1, places, 5, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_pairs_next(pairs, -1, places, 0, &count, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_pairs_next(pairs, NAN, places, 5, &count, &error), IE_INVALID_ARGUMENT);
  // Twelve rows have 66 pairs: thirteen times five and one, of which no call has lost any.
  size_t total = 0;
  do {
    CHECK_STATUS(ie_pairs_next(pairs, -1, places, 5, &count, &error), IE_OK);
    for (size_t place = 0; place < count; place++)
      CHECK(places[place].first < places[place].second);
    total += count;
  } while (count > 0);
  CHECK(total == 66);
  ie_pairs_close(pairs);
  CHECK_STATUS(ie_pairs_next(pairs, -1, places, 5, &count, &error), IE_INVALID_ARGUMENT);

  const size_t rows[] = {3, 9};
  options.rows = rows;
  options.row_count = 2;
  options.min_cosine = 2;
  CHECK_STATUS(ie_index_pairs(index, &options, &pairs, &error), IE_OK);
  // After the only rows without a pair there may be more, as far as this call knows.
  CHECK_STATUS(ie_pairs_next(pairs, 0, places, 5, &count, &error), IE_DEADLINE_EXCEEDED);
  CHECK(count == 0);
  CHECK_STATUS(ie_pairs_next(pairs, 0, places, 5, &count, &error), IE_OK);
  CHECK(count == 0);
  ie_pairs_close(pairs);
}

// The vector is the store's row 7.
static void check_search(const ie_store *store, const float *vector) {
  ie_index *index = NULL;
  ie_index_options index_options = {0};
  CHECK_STATUS(ie_index_open(store, &index_options, &index, &error), IE_INVALID_ARGUMENT);
  index_options.struct_size = sizeof index_options;
  CHECK_STATUS(ie_index_open(store, &index_options, NULL, &error), IE_INVALID_ARGUMENT);
  index_options.thread_count = -1;
  CHECK_STATUS(ie_index_open(store, &index_options, &index, &error), IE_INVALID_ARGUMENT);
  index_options.thread_count = 0;
  index_options.reserved = 1;
  CHECK_STATUS(ie_index_open(store, &index_options, &index, &error), IE_INVALID_ARGUMENT);
  index_options.reserved = 0;
  index_options.head = SIZE_MAX;
  CHECK_STATUS(ie_index_open(store, &index_options, &index, &error), IE_OUT_OF_RANGE);
  CHECK(index == NULL);
  CHECK_STATUS(ie_index_open(store, NULL, &index, &error), IE_OK);
  CHECK(ie_index_warning(index) == NULL);
  check_pairs(index);

  ie_vector queries[2] = {{vector, NULL, 144}, {vector, NULL, 144}};
  ie_answer answers[40];
  size_t counts[2] = {0};
  CHECK_STATUS(ie_index_search(index, queries, 2, 20, NULL, answers, counts, &error), IE_OK);
  CHECK(counts[0] == 12 && counts[1] == 12);
  CHECK(answers[0].row == 7 && answers[0].cosine > 0.999999 && answers[20].row == 7);
  CHECK(answers[11].cosine <= answers[10].cosine);

  const size_t rows[] = {3, 9};
  ie_search_options options = {0};
  options.struct_size = sizeof options;
  options.rows = rows;
  options.row_count = 2;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, &options, answers, counts, &error), IE_OK);
  CHECK(counts[0] == 2 && answers[0].row + answers[1].row == 12);
  options.has_min_cosine = true;
  options.min_cosine = 2;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, &options, answers, counts, &error), IE_OK);
  CHECK(counts[0] == 0);
  options.min_cosine = NAN;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, &options, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  options.has_min_cosine = false;
  options.rows = NULL;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, &options, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  options.row_count = 0;
  options.reserved = 1;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, &options, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  options.struct_size = 3;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, &options, answers, counts, &error),
               IE_INVALID_ARGUMENT);

  CHECK_STATUS(ie_index_search(index, queries, 0, 20, NULL, NULL, NULL, &error), IE_OK);
  CHECK_STATUS(ie_index_search(index, NULL, 1, 20, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, NULL, NULL, counts, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, NULL, answers, NULL, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_index_search(index, queries, SIZE_MAX, 20, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_index_search(index, queries, 1, 0, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_index_search(index, queries, 4, SIZE_MAX / 4, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  queries[0].count = 143;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  queries[0].floats = NULL;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  int8_t quantized[144] = {1};
  queries[0].quantized = quantized;
  queries[0].count = 144;
  CHECK_STATUS(ie_index_search(index, queries, 1, 20, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  queries[0].floats = vector;
  queries[0].quantized = NULL;
  // Of another kind, and closed.
  const ie_index *other = (const ie_index *)store;
  CHECK_STATUS(ie_index_search(other, queries, 1, 20, NULL, answers, counts, &error),
               IE_INVALID_ARGUMENT);
  ie_index *made = NULL;
  CHECK_STATUS(ie_index_open((const ie_store *)index, NULL, &made, &error), IE_INVALID_ARGUMENT);
  ie_index_close(index);
}

/// An index outlives its store, and nothing is done with one that is closed.
static void check_closed_index(const char *folder, const float *vector) {
  ie_store *store = NULL;
  ie_index *index = NULL;
  CHECK_STATUS(ie_store_open(folder, &store, &error), IE_OK);
  CHECK_STATUS(ie_index_open(store, NULL, &index, &error), IE_OK);
  ie_store_close(store);
  ie_vector query = {vector, NULL, 144};
  ie_answer answer;
  size_t count = 0;
  CHECK_STATUS(ie_index_search(index, &query, 1, 1, NULL, &answer, &count, &error), IE_OK);
  CHECK(count == 1 && answer.row == 7);
  ie_index_close(index);
  CHECK_STATUS(ie_index_search(index, &query, 1, 1, NULL, &answer, &count, &error),
               IE_INVALID_ARGUMENT);
  CHECK(ie_index_warning(index) == NULL);
  ie_index_close(index);
  CHECK_STATUS(ie_index_open(store, NULL, &index, &error), IE_INVALID_ARGUMENT);
}

/// What a search for duplicates cannot be asked; what it finds, duplicates.c knows.
static void check_duplicates(const ie_store *store, const char *image_path) {
  ie_duplicates *duplicates = NULL;
  ie_duplicate_options options = {0};
  CHECK_STATUS(ie_duplicates_find(store, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_find((const ie_store *)&options, NULL, &duplicates, &error),
               IE_INVALID_ARGUMENT);
  options.struct_size = sizeof options;
  options.tiers = 32;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.tiers = IE_DUPLICATE_TIER_BYTES;
  options.thread_count = -1;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.thread_count = 0;
  options.head = 1;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_OUT_OF_RANGE);
  options.head = SIZE_MAX;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_OUT_OF_RANGE);
  options.head = 0;
  const double cosines[] = {-0.5, 1.5, NAN, INFINITY};
  for (size_t index = 0; index < sizeof cosines / sizeof *cosines; index++) {
    options.similar_cosine = cosines[index];
    CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  }
  options.similar_cosine = 0;

  const char *missing[] = {"/nope.jsonl", NULL};
  const char *pictures[] = {image_path};
  options.preferred_folder_count = 1;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.preferred_folders = missing;
  options.preferred_folder_count = 2;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.preferred_folder_count = SIZE_MAX;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.preferred_folder_count = 0;
  options.not_duplicates_count = 1;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.not_duplicates = missing;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_NOT_FOUND);
  options.not_duplicates = pictures;
  CHECK_STATUS(ie_duplicates_find(store, &options, &duplicates, &error), IE_INVALID_ARGUMENT);
  options.not_duplicates_count = 0;

  CHECK_STATUS(ie_duplicates_find_files(NULL, 1, NULL, &duplicates, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_find_files(pictures, SIZE_MAX, NULL, &duplicates, &error),
               IE_INVALID_ARGUMENT);
  const uint32_t tiers[] = {IE_DUPLICATE_TIER_COPIES, IE_DUPLICATE_TIER_UNSURE,
                            IE_DUPLICATE_TIER_BYTES | IE_DUPLICATE_TIER_SIMILAR};
  for (size_t index = 0; index < sizeof tiers / sizeof *tiers; index++) {
    options.tiers = tiers[index];
    CHECK_STATUS(ie_duplicates_find_files(pictures, 1, &options, &duplicates, &error),
                 IE_INVALID_ARGUMENT);
  }
  CHECK(duplicates == NULL);
  // No search needs more threads than there are cores, and none starts so many.
  options.tiers = 0;
  options.thread_count = INT32_MAX;
  CHECK_STATUS(ie_duplicates_find_files(pictures, 1, &options, &duplicates, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, NAN, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_duplicates_wait(duplicates, INFINITY, &error), IE_OK);
  ie_duplicates_close(duplicates);
}

// The store is one that 0.1.0 wrote: twelve pictures of 8 x 6 pixels, whose vectors are their
// pixels.
static void check_stores(const ie_embedder *embedder, const char *models, const char *image_path) {
  char folder[4096];
  ie_store *store = NULL;
  CHECK_STATUS(ie_store_open(models, &store, &error), IE_NOT_FOUND);
  CHECK(store == NULL);
  CHECK_STATUS(ie_store_open("/nope", &store, &error), IE_NOT_FOUND);
  snprintf(folder, sizeof folder, "%s/../Stores/0.1.0/plain", models);
  CHECK_STATUS(ie_store_open(folder, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_open(folder, &store, &error), IE_OK);
  CHECK(ie_store_count(store) == 12);
  CHECK(ie_store_head_count(store) == 1);
  CHECK(ie_store_head_dimension(store, 0) == 144);
  CHECK(ie_store_head_dimension(store, SIZE_MAX) == -1);
  CHECK(strlen(ie_store_fingerprint(store)) == 64);
  CHECK(strlen(ie_embedder_fingerprint(embedder)) == 64);

  char *path = NULL;
  int32_t width = 0, height = 0;
  CHECK_STATUS(ie_store_row(store, 7, &path, &width, &height, &error), IE_OK);
  CHECK(path != NULL && strcmp(path, "in/7.ppm") == 0 && width == 8 && height == 6);
  ie_string_free(path);
  CHECK_STATUS(ie_store_row(store, 7, NULL, NULL, NULL, &error), IE_OK);
  CHECK_STATUS(ie_store_row(store, 12, &path, NULL, NULL, &error), IE_OUT_OF_RANGE);
  CHECK(path == NULL);
  CHECK_STATUS(ie_store_row(store, SIZE_MAX, &path, NULL, NULL, &error), IE_OUT_OF_RANGE);

  float vector[144];
  unsigned char picture[155];
  snprintf(folder, sizeof folder, "%s/../Stores/0.1.0/in/7.ppm", models);
  FILE *file = fopen(folder, "rb");
  CHECK(file != NULL && fread(picture, 1, sizeof picture, file) == sizeof picture);
  if (file != NULL) fclose(file);
  CHECK_STATUS(ie_store_vector(store, 7, 0, vector, 144, &error), IE_OK);
  for (int i = 0; i < 144; i++) CHECK(vector[i] == (float)picture[11 + i]);
  CHECK_STATUS(ie_store_vector(store, 7, 0, vector, 143, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_vector(store, 7, 0, NULL, 144, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_vector(store, 7, 1, vector, 144, &error), IE_OUT_OF_RANGE);
  CHECK_STATUS(ie_store_vector(store, SIZE_MAX, 0, vector, 144, &error), IE_OUT_OF_RANGE);
  check_search(store, vector);
  check_duplicates(store, image_path);
  ie_store_close(store);
  snprintf(folder, sizeof folder, "%s/../Stores/0.1.0/plain", models);
  check_closed_index(folder, vector);

  const char *images[] = {"in/7.ppm", NULL};
  size_t removed_count = 7;
  CHECK_STATUS(ie_store_remove_rows("/nope", NULL, 0, &removed_count, &error), IE_NOT_FOUND);
  CHECK(removed_count == 0);
  snprintf(folder, sizeof folder, "%s/../Stores/0.1.0/plain", models);
  CHECK_STATUS(ie_store_remove_rows(folder, images, 1, NULL, &error), IE_FAILED_PRECONDITION);
  CHECK_STATUS(ie_store_remove_rows(folder, images, 2, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_store_remove_rows(folder, images, SIZE_MAX, NULL, &error), IE_INVALID_ARGUMENT);
}

static void check_similarity(void) {
  float floats[] = {1, 2};
  int8_t bytes[] = {1, 2};
  float zeros[] = {0, 0};
  double similarity = 0;
  const ie_vector f = {floats, NULL, 2}, q = {NULL, bytes, 2}, both = {floats, bytes, 2};
  const ie_vector none = {NULL, NULL, 2}, empty = {NULL, NULL, 0}, shorter = {floats, NULL, 1};
  const ie_vector zero = {zeros, NULL, 2}, endless = {floats, NULL, SIZE_MAX};

  CHECK_STATUS(ie_cosine_similarity(&f, &f, &similarity, &error), IE_OK);
  CHECK(similarity == 1);
  CHECK_STATUS(ie_cosine_similarity(&q, &q, &similarity, &error), IE_OK);
  CHECK(similarity == 1);
  const ie_vector *wrong[][2] = {
      {&f, &q},       {&q, &f},    {&both, &f}, {&f, &none},          {&empty, &empty},
      {&f, &shorter}, {&f, &zero}, {&zero, &f}, {&endless, &endless}, {&f, &empty}};
  for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
    similarity = 0;
    CHECK_STATUS(ie_cosine_similarity(wrong[index][0], wrong[index][1], &similarity, &error),
                 IE_INVALID_ARGUMENT);
    CHECK(isnan(similarity));
  }
}

static void check_batches(const ie_embedder *embedder, const char *image_path) {
  ie_batch *batch = NULL;
  ie_result *result = NULL;
  ie_batch_options options = {0};
  CHECK_STATUS(ie_batch_create(embedder, &options, &batch, &error), IE_INVALID_ARGUMENT);
  options.struct_size = sizeof options;
  options.worker_count = -1;
  CHECK_STATUS(ie_batch_create(embedder, &options, &batch, &error), IE_INVALID_ARGUMENT);
  CHECK(batch == NULL);
  options.worker_count = 2;
  options.reserved[2] = 1;
  CHECK_STATUS(ie_batch_create(embedder, &options, &batch, &error), IE_INVALID_ARGUMENT);
  options.reserved[2] = 0;
  CHECK_STATUS(ie_batch_create(embedder, &options, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_batch_create(embedder, &options, &batch, &error), IE_OK);

  ie_item item = {0};
  CHECK_STATUS(ie_batch_add(batch, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_INVALID_ARGUMENT);
  item.struct_size = sizeof item;
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_INVALID_ARGUMENT);
  ie_frame frame = frame_of("", 1, 8, 6);
  item.frame = &frame;
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_INVALID_ARGUMENT);
  item.frame = NULL;
  CHECK_STATUS(ie_batch_next(batch, 0, &result, &error), IE_DEADLINE_EXCEEDED);
  CHECK_STATUS(ie_batch_next(batch, NAN, &result, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_batch_next(batch, 0, NULL, &error), IE_INVALID_ARGUMENT);

  item.path = image_path;
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_OK);
  item.path = "/nowhere.jpg";
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_OK);
  item.bytes = "no image";
  item.byte_count = 8;
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_OK);
  CHECK(ie_batch_finish(batch) == IE_OK);
  CHECK(ie_batch_finish(batch) == IE_OK);
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_FAILED_PRECONDITION);
  const ie_status expected[] = {IE_OK, IE_NOT_FOUND, IE_INVALID_ARGUMENT};
  for (size_t index = 0; index < 3; index++) {
    CHECK_STATUS(ie_batch_next(batch, -1, &result, &error), IE_OK);
    CHECK(ie_result_index(result) == index);
    CHECK(ie_result_status(result) == expected[index]);
    CHECK((ie_result_message(result) == NULL) == (index == 0));
    CHECK(ie_result_count(result) == (index == 0 ? 1u : 0u));
    ie_result_destroy(result);
  }
  for (int times = 0; times < 2; times++) {
    CHECK_STATUS(ie_batch_next(batch, INFINITY, &result, &error), IE_OK);
    CHECK(result == NULL);
  }
  CHECK(ie_batch_cancel(batch) == IE_OK);
  CHECK(ie_batch_stop(batch) == IE_OK);
  ie_batch_destroy(batch);

  ie_result *results[2] = {NULL, NULL};
  CHECK_STATUS(ie_embedder_embed_batch(embedder, NULL, 0, NULL, NULL, &error), IE_OK);
  CHECK_STATUS(ie_embedder_embed_batch(embedder, NULL, 2, NULL, results, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_batch(embedder, &item, 1, NULL, NULL, &error),
               IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_embedder_embed_batch(embedder, &item, SIZE_MAX, NULL, results, &error),
               IE_INVALID_ARGUMENT);
  ie_item items[2] = {item, item};
  items[1].struct_size = 3;
  CHECK_STATUS(ie_embedder_embed_batch(embedder, items, 2, NULL, results, &error),
               IE_INVALID_ARGUMENT);
  CHECK(results[0] == NULL && results[1] == NULL);
}

static void check_annotating(const char *model) {
  ie_options options = options_for(model);
  ie_annotations annotations = {0};
  float mean[] = {1, 2, 3}, std[] = {1, 0, 3};
  const char *names[] = {"one", NULL, "not \xff"};
  CHECK_STATUS(ie_model_annotate(NULL, NULL, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
               IE_INVALID_ARGUMENT);
  annotations.struct_size = sizeof annotations;
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
               IE_INVALID_ARGUMENT);
  annotations.name = "not \xff";
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
               IE_INVALID_ARGUMENT);
  annotations.name = "a name";
  CHECK_STATUS(ie_model_annotate(&options, &annotations, NULL, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "", &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_model_annotate(&options, &annotations, model, &error), IE_INVALID_ARGUMENT);
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "/missing/out.tflite", &error),
               IE_NOT_FOUND);
  annotations.normalization_mean = mean;
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
               IE_INVALID_ARGUMENT);
  annotations.normalization_std = std;
  for (size_t count = 0; count < 5; count++) {
    annotations.normalization_count = count;
    CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
                 IE_INVALID_ARGUMENT);
  }
  annotations.normalization_mean = annotations.normalization_std = NULL;
  annotations.normalization_count = 0;
  annotations.head_name_count = 2;
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
               IE_INVALID_ARGUMENT);
  annotations.head_names = names;
  for (size_t count = 2; count < 4; count++) {
    annotations.head_name_count = count;
    CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
                 IE_INVALID_ARGUMENT);
  }
  annotations.head_name_count = SIZE_MAX;
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "out.tflite", &error),
               IE_INVALID_ARGUMENT);
  annotations.head_name_count = 1;
  CHECK_STATUS(ie_model_annotate(&options, &annotations, "annotated.tflite", &error), IE_OK);
  options.model = "annotated.tflite";
  ie_embedder *embedder = NULL;
  CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_OK);
  CHECK(strcmp(ie_embedder_head_name(embedder, 0), "one") == 0);
  CHECK(strcmp(ie_embedder_metadata(embedder, IE_METADATA_NAME), "a name") == 0);
  ie_embedder_destroy(embedder);
  CHECK(remove("annotated.tflite") == 0);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  char model[4096];
  snprintf(model, sizeof model, "%s/identity_uint8_8x6.tflite", argv[1]);
  ie_options options = options_for(model);
  ie_embedder *embedder = NULL;
  CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_OK);
  check_nulls(argv[2]);
  check_options(model);
  check_words(argv[1]);
  check_annotating(model);
  check_sizes(embedder, argv[2]);
  check_file_parts(model);
  check_frames(embedder);
  check_images(embedder, argv[2]);
  check_similarity();
  check_stores(embedder, argv[1], argv[2]);
  check_batches(embedder, argv[2]);
  ie_embedder_destroy(embedder);
  if (failure_count == 0) puts("misuse is always told");
  return failure_count == 0 ? 0 : 1;
}
