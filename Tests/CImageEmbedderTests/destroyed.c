// Uses every kind of handle after its end, as handles of another kind, from other threads, in a
// forked child and at exit: each use says so, and nothing crashes.
//
// usage: destroyed FOLDER_OF_TEST_MODELS IMAGE

// For fork and threads.
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"

static const char *image_path;
static char model_path[4096];
static char store_path[4096];
static uint8_t pixels[8 * 6 * 3];

static ie_frame small_frame(void) {
  ie_frame frame = {0};
  frame.struct_size = sizeof frame;
  frame.width = 8;
  frame.height = 6;
  frame.format = IE_FORMAT_RGB;
  frame.plane_count = 1;
  frame.planes[0].data = pixels;
  frame.planes[0].byte_count = sizeof pixels;
  return frame;
}

static ie_item frame_item(const ie_frame *frame) {
  ie_item item = {0};
  item.struct_size = sizeof item;
  item.frame = frame;
  return item;
}

/// One handle of each kind.
typedef struct handles {
  ie_embedder *embedder;
  ie_image *image;
  ie_result *result;
  ie_batch *batch;
  ie_store *store;
  ie_index *index;
  ie_pairs *pairs;
  ie_duplicates *duplicates;
} handles;

static handles make_handles(void) {
  handles made = {0};
  ie_options options = {0};
  options.struct_size = sizeof options;
  options.model = model_path;
  ie_frame frame = small_frame();
  CHECK_STATUS(ie_embedder_create(&options, &made.embedder, &error), IE_OK);
  CHECK_STATUS(ie_image_decode_file(image_path, NULL, &made.image, &error), IE_OK);
  CHECK_STATUS(ie_embedder_embed_frame(made.embedder, &frame, NULL, &made.result, &error), IE_OK);
  CHECK_STATUS(ie_batch_create(made.embedder, NULL, &made.batch, &error), IE_OK);
  CHECK_STATUS(ie_store_open(store_path, &made.store, &error), IE_OK);
  CHECK_STATUS(ie_index_open(made.store, NULL, &made.index, &error), IE_OK);
  CHECK_STATUS(ie_index_pairs(made.index, NULL, &made.pairs, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_find_files(&image_path, 1, NULL, &made.duplicates, &error), IE_OK);
  return made;
}

static void destroy_handles(handles made) {
  ie_duplicates_close(made.duplicates);
  ie_pairs_close(made.pairs);
  ie_index_close(made.index);
  ie_store_close(made.store);
  ie_batch_destroy(made.batch);
  ie_result_destroy(made.result);
  ie_image_destroy(made.image);
  ie_embedder_destroy(made.embedder);
}

/// Checks that a call fails, and that its message holds a word.
#define CHECK_TOLD(call, word)                                                        \
  do {                                                                                \
    char *error = NULL;                                                               \
    CHECK((call) == IE_INVALID_ARGUMENT);                                             \
    CHECK(error != NULL && strstr(error, word) != NULL);                              \
    if (error != NULL && strstr(error, word) == NULL) fprintf(stderr, "%s\n", error); \
    ie_string_free(error);                                                            \
  } while (0)

/// Does so with those of stores.
static void check_refused_stores(handles given, const char *word) {
  ie_index *index = NULL;
  ie_pairs *pairs = NULL;
  ie_duplicates *duplicates = NULL;
  float vector[144] = {1};
  const ie_vector query = {vector, NULL, 144};
  ie_answer answer;
  ie_pair near;
  size_t count = 7;

  CHECK(ie_store_count(given.store) == 0);
  CHECK(ie_store_head_count(given.store) == 0);
  CHECK(ie_store_head_dimension(given.store, 0) == -1);
  CHECK(ie_store_fingerprint(given.store) == NULL);
  CHECK_TOLD(ie_store_row(given.store, 0, NULL, NULL, NULL, &error), word);
  CHECK_TOLD(ie_store_vector(given.store, 0, 0, vector, 144, &error), word);
  CHECK_TOLD(ie_index_open(given.store, NULL, &index, &error), word);
  CHECK_TOLD(ie_duplicates_find(given.store, NULL, &duplicates, &error), word);

  CHECK(ie_index_warning(given.index) == NULL);
  CHECK_TOLD(ie_index_search(given.index, &query, 1, 1, NULL, &answer, &count, &error), word);
  CHECK_TOLD(ie_index_pairs(given.index, NULL, &pairs, &error), word);
  CHECK_TOLD(ie_pairs_next(given.pairs, -1, &near, 1, &count, &error), word);
  CHECK(index == NULL && pairs == NULL && duplicates == NULL && count == 0);

  ie_duplicate_picture picture = {0};
  ie_duplicate_pair pair = {0};
  ie_duplicate_group group = {0};
  picture.struct_size = sizeof picture;
  pair.struct_size = sizeof pair;
  group.struct_size = sizeof group;
  CHECK_TOLD(ie_duplicates_wait(given.duplicates, -1, &error), word);
  CHECK_TOLD(ie_duplicates_write_move_script(given.duplicates, "x", NULL, &error), word);
  CHECK(ie_duplicates_progress(given.duplicates, NULL, NULL, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_cancel(given.duplicates) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_picture_count(given.duplicates) == 0);
  CHECK(ie_duplicates_pair_count(given.duplicates) == 0);
  CHECK(ie_duplicates_group_count(given.duplicates) == 0);
  CHECK(ie_duplicates_picture(given.duplicates, 0, &picture) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_pair(given.duplicates, 0, &pair) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_group(given.duplicates, 0, &group) == IE_INVALID_ARGUMENT);
  CHECK(ie_duplicates_flat(given.duplicates, NULL) == NULL);
  CHECK(ie_duplicates_failed(given.duplicates, NULL) == NULL);
  CHECK(ie_duplicates_warning(given.duplicates, 0) == NULL);
}

/// Calls every function with handles of which none is of the right kind and alive.
static void check_refused(handles given, const char *word) {
  ie_embedder *embedder = given.embedder;
  ie_image *image = given.image;
  ie_result *result = given.result;
  ie_batch *batch = given.batch;
  ie_frame frame = small_frame();
  ie_item item = frame_item(&frame);
  ie_vector vector;
  ie_element_type type;
  ie_result *made = NULL;
  ie_batch *begun = NULL;
  float three[3];

  CHECK_TOLD(ie_embedder_embed_frame(embedder, &frame, NULL, &made, &error), word);
  CHECK_TOLD(ie_embedder_embed_file(embedder, image_path, NULL, &made, &error), word);
  CHECK_TOLD(ie_embedder_embed_encoded(embedder, "x", 1, NULL, &made, &error), word);
  CHECK_TOLD(ie_embedder_embed_image(embedder, image, NULL, &made, &error), word);
  CHECK_TOLD(ie_embedder_embed_batch(embedder, &item, 1, NULL, &made, &error), word);
  CHECK_TOLD(ie_batch_create(embedder, NULL, &begun, &error), word);
  CHECK(made == NULL && begun == NULL);
  CHECK(ie_embedder_head_count(embedder) == 0);
  CHECK(ie_embedder_head_name(embedder, 0) == NULL);
  CHECK(ie_embedder_head_dimension(embedder, 0) == -1);
  CHECK(ie_embedder_head_type(embedder, 0, &type) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_input(embedder, NULL, NULL, NULL) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_normalization(embedder, three, three) == IE_INVALID_ARGUMENT);
  CHECK(ie_embedder_metadata(embedder, IE_METADATA_NAME) == NULL);
  CHECK(ie_embedder_model_name(embedder) == NULL);
  CHECK(ie_embedder_model_byte_count(embedder) == 0);
  CHECK(ie_embedder_model_digest(embedder) == NULL);

  CHECK(ie_image_frame(image, &frame) == IE_INVALID_ARGUMENT);
  CHECK(ie_image_channel_count(image) == 0);
  CHECK(ie_image_format_name(image) == NULL);
  CHECK(ie_image_warning(image, 0) == NULL);

  CHECK(ie_result_status(result) == IE_INVALID_ARGUMENT);
  CHECK(ie_result_message(result) == NULL);
  CHECK(ie_result_index(result) == 0);
  CHECK(ie_result_count(result) == 0);
  CHECK(ie_result_vector(result, 0, &vector) == IE_INVALID_ARGUMENT);
  CHECK(vector.floats == NULL && vector.quantized == NULL && vector.count == 0);
  CHECK(ie_result_width(result) == 0);
  CHECK(ie_result_height(result) == 0);
  CHECK(ie_result_warning(result, 0) == NULL);

  CHECK_TOLD(ie_batch_add(batch, &item, &error), word);
  CHECK(ie_batch_finish(batch) == IE_INVALID_ARGUMENT);
  CHECK_TOLD(ie_batch_next(batch, -1, &made, &error), word);
  CHECK(ie_batch_stop(batch) == IE_INVALID_ARGUMENT);
  CHECK(ie_batch_cancel(batch) == IE_INVALID_ARGUMENT);
  check_refused_stores(given, word);
}

static handles gone;

/// Everything again with what is gone, and destroying it once more.
static void check_gone(void) {
  check_refused(gone, "destroyed");
  destroy_handles(gone);
}

static void *check_gone_elsewhere(void *unused) {
  check_gone();
  return unused;
}

/// A destroyed handle stays so, however many new ones take its memory.
static void check_new_handles(void) {
  for (int times = 0; times < 100; times++) {
    handles made = make_handles();
    CHECK(made.embedder != gone.embedder && made.result != gone.result);
    CHECK(ie_result_status(gone.result) == IE_INVALID_ARGUMENT);
    CHECK(ie_result_status(made.result) == IE_OK);
    ie_result_destroy(gone.result);
    CHECK(ie_result_status(made.result) == IE_OK);
    destroy_handles(made);
  }
}

static void check_other_kinds(void) {
  handles made = make_handles();
  const handles others = {(ie_embedder *)made.image, (ie_image *)made.result,
                          (ie_result *)made.batch,   (ie_batch *)made.embedder,
                          (ie_store *)made.index,    (ie_index *)made.pairs,
                          (ie_pairs *)made.store,    (ie_duplicates *)made.index};
  check_refused(others, "something else");
  const handles never = {(ie_embedder *)pixels, (ie_image *)pixels,     (ie_result *)pixels,
                         (ie_batch *)pixels,    (ie_store *)pixels,     (ie_index *)pixels,
                         (ie_pairs *)pixels,    (ie_duplicates *)pixels};
  check_refused(never, "never made");
  // Nor is it destroyed by the function of another kind.
  ie_embedder_destroy((ie_embedder *)made.result);
  ie_result_destroy((ie_result *)made.embedder);
  ie_image_destroy((ie_image *)made.batch);
  ie_batch_destroy((ie_batch *)made.image);
  ie_store_close((ie_store *)made.duplicates);
  ie_index_close((ie_index *)made.store);
  ie_pairs_close((ie_pairs *)made.index);
  ie_duplicates_close((ie_duplicates *)made.pairs);
  CHECK(ie_result_status(made.result) == IE_OK);
  CHECK(ie_embedder_head_count(made.embedder) == 1);
  CHECK(ie_image_channel_count(made.image) > 0);
  CHECK(ie_batch_finish(made.batch) == IE_OK);
  CHECK(ie_store_count(made.store) == 12);
  size_t count = 0;
  ie_pair near;
  CHECK_STATUS(ie_pairs_next(made.pairs, -1, &near, 1, &count, &error), IE_OK);
  ie_pairs *pairs = NULL;
  CHECK_STATUS(ie_index_pairs(made.index, NULL, &pairs, &error), IE_OK);
  ie_pairs_close(pairs);
  CHECK_STATUS(ie_duplicates_wait(made.duplicates, -1, &error), IE_OK);
  CHECK(ie_duplicates_picture_count(made.duplicates) == 1);
  destroy_handles(made);
}

static ie_embedder *shared;
static atomic_bool is_refused;

static void *embed_until_refused(void *unused) {
  ie_frame frame = small_frame();
  ie_status status = IE_OK;
  while (status == IE_OK) {
    ie_result *result = NULL;
    ie_vector vector;
    status = ie_embedder_embed_frame(shared, &frame, NULL, &result, NULL);
    if (status == IE_OK) CHECK(ie_result_vector(result, 0, &vector) == IE_OK);
    ie_result_destroy(result);
  }
  CHECK(status == IE_INVALID_ARGUMENT);
  return unused;
}

/// Destroyed in the middle of the work of others, an embedder lives for the calls that have begun.
static void check_destroyed_in_use(void) {
  for (int times = 0; times < 20; times++) {
    handles made = make_handles();
    shared = made.embedder;
    pthread_t threads[4];
    for (int index = 0; index < 4; index++)
      pthread_create(&threads[index], NULL, embed_until_refused, NULL);
    ie_frame frame = small_frame();
    ie_result *result = NULL;
    CHECK_STATUS(ie_embedder_embed_frame(shared, &frame, NULL, &result, &error), IE_OK);
    ie_result_destroy(result);
    destroy_handles(made);
    for (int index = 0; index < 4; index++) pthread_join(threads[index], NULL);
  }
}

static void *make_and_destroy(void *unused) {
  while (!is_refused) {
    ie_image *image = NULL;
    ie_image_decode_file(image_path, NULL, &image, NULL);
    for (int times = 0; times < 1000; times++) ie_image_channel_count(image);
    ie_image_destroy(image);
  }
  return unused;
}

/// In a child what is gone is gone, a parent's batch and search say whose they are, and nothing
/// waits for threads that are not there; not even for one that held a lock when the process was
/// forked.
static void check_forked(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, make_and_destroy, NULL);
  handles made = make_handles();
  for (int times = 0; times < 20; times++) {
    pid_t child = fork();
    if (child == 0) {
      failure_count = 0;
      check_gone();
      ie_frame frame = small_frame();
      ie_item item = frame_item(&frame);
      ie_result *result = NULL;
      CHECK_STATUS(ie_batch_add(made.batch, &item, &error), IE_FAILED_PRECONDITION);
      CHECK_STATUS(ie_batch_next(made.batch, -1, &result, &error), IE_FAILED_PRECONDITION);
      CHECK_STATUS(ie_duplicates_wait(made.duplicates, -1, &error), IE_FAILED_PRECONDITION);
      CHECK(ie_duplicates_picture_count(made.duplicates) == 0);
      CHECK(ie_store_count(made.store) == 12);
      CHECK(ie_result_status(made.result) == IE_OK);
      destroy_handles(made);
      CHECK(ie_result_status(made.result) == IE_INVALID_ARGUMENT);
      _exit(failure_count == 0 ? 0 : 1);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
  }
  is_refused = true;
  pthread_join(thread, NULL);
  CHECK(ie_result_status(made.result) == IE_OK);
  destroy_handles(made);
}

static void check_at_exit(void) {
  check_gone();
  if (failure_count != 0) _exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  snprintf(model_path, sizeof model_path, "%s/identity_uint8_8x6.tflite", argv[1]);
  snprintf(store_path, sizeof store_path, "%s/../Stores/0.1.0/plain", argv[1]);
  image_path = argv[2];
  atexit(check_at_exit);
  gone = make_handles();
  destroy_handles(gone);
  check_gone();
  check_new_handles();
  check_other_kinds();
  pthread_t thread;
  pthread_create(&thread, NULL, check_gone_elsewhere, NULL);
  pthread_join(thread, NULL);
  check_destroyed_in_use();
  check_forked();
  if (failure_count == 0) puts("what was destroyed says so");
  return failure_count == 0 ? 0 : 1;
}
