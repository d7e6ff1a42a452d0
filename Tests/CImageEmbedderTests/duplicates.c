// Looks for duplicates among files and in a store, to the end and not, and in a forked child.
//
// usage: duplicates FOLDER_OF_TEST_MODELS

// For mkdtemp, mkfifo, fork and threads.
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"

static char folder[4096];

static const char *in_folder(const char *name) {
  static char path[2][8192];
  static int turn = 0;
  turn = !turn;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

/// Writes 64 x 48 pixels: patches that differ by the seed, or of one colour for 0.
static void write_picture(const char *name, unsigned seed, const char *comment) {
  FILE *file = fopen(in_folder(name), "wb");
  CHECK(file != NULL);
  if (file == NULL) return;
  fprintf(file, "P6\n%s64 48\n255\n", comment);
  for (unsigned row = 0; row < 48; row++) {
    for (unsigned byte = 0; byte < 64 * 3; byte++) {
      const unsigned patch = row / 8 * 100 + byte / 24;
      fputc(seed == 0 ? 200 : (int)((patch * patch * 31 + patch * seed * 97 + seed) % 251), file);
    }
  }
  CHECK(fclose(file) == 0);
}

static ie_duplicate_options options_of(uint32_t tiers) {
  ie_duplicate_options options = {0};
  options.struct_size = sizeof options;
  options.tiers = tiers;
  return options;
}

static ie_duplicate_picture picture_of(const ie_duplicates *duplicates, size_t number) {
  ie_duplicate_picture picture = {0};
  picture.struct_size = sizeof picture;
  CHECK(ie_duplicates_picture(duplicates, number, &picture) == IE_OK);
  return picture;
}

/// Whether a picture has a name below the folder of pictures.
static bool is_named(const ie_duplicates *duplicates, size_t number, const char *name) {
  const ie_duplicate_picture picture = picture_of(duplicates, number);
  return strcmp(picture.path, in_folder(name)) == 0 &&
         strcmp(picture.absolute_path, picture.path) == 0 && picture.row == -1;
}

/// What is found among the files of a folder, in the order of their names: a.ppm, b.ppm,
/// edited.ppm, flat.ppm, other.ppm, torn.ppm, x\xff.ppm.
static void check_found(ie_duplicates *duplicates) {
  CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, 0, &error), IE_OK);
  CHECK(ie_duplicates_picture_count(duplicates) == 7);
  CHECK(is_named(duplicates, 0, "a.ppm") && is_named(duplicates, 6, "x\xff.ppm"));
  const ie_duplicate_picture first = picture_of(duplicates, 0);
  CHECK(first.width == 64 && first.height == 48 && !first.is_flat && first.problem == NULL);
  CHECK(picture_of(duplicates, 3).is_flat);

  // Each with each of a.ppm, b.ppm, edited.ppm and x\xff.ppm; edited.ppm has other bytes.
  CHECK(ie_duplicates_pair_count(duplicates) == 6);
  const size_t expected[6][2] = {{0, 1}, {0, 2}, {0, 6}, {1, 2}, {1, 6}, {2, 6}};
  for (size_t number = 0; number < 6; number++) {
    ie_duplicate_pair pair = {0};
    pair.struct_size = sizeof pair;
    CHECK(ie_duplicates_pair(duplicates, number, &pair) == IE_OK);
    CHECK(pair.a == expected[number][0] && pair.b == expected[number][1]);
    const bool is_edited = pair.a == 2 || pair.b == 2;
    CHECK(pair.tier == (is_edited ? IE_DUPLICATE_TIER_PIXELS : IE_DUPLICATE_TIER_BYTES));
    CHECK(isnan(pair.cosine) && pair.correlation == 1 && strcmp(pair.transform, "none") == 0);
    CHECK(strcmp(pair.reason, is_edited ? "the pixels are the same, and the files are not"
                                        : "the files hold the same bytes") == 0);
  }
  CHECK(ie_duplicates_group_count(duplicates) == 1);
  ie_duplicate_group group = {0};
  group.struct_size = sizeof group;
  CHECK(ie_duplicates_group(duplicates, 0, &group) == IE_OK);
  CHECK(group.tier == IE_DUPLICATE_TIER_PIXELS && group.keep == 2 && group.member_count == 4);
  const size_t members[] = {0, 1, 2, 6};
  CHECK(group.members != NULL && memcmp(group.members, members, sizeof members) == 0);
  CHECK(strcmp(group.reason, "it has more bytes") == 0);

  size_t count = 7;
  const size_t *flat = ie_duplicates_flat(duplicates, &count);
  CHECK(count == 1 && flat != NULL && flat[0] == 3);
  const size_t *failed = ie_duplicates_failed(duplicates, &count);
  CHECK(count == 1 && failed != NULL && failed[0] == 5);
  CHECK(strstr(picture_of(duplicates, 5).problem, "it cannot be decoded") != NULL);
  CHECK(ie_duplicates_warning(duplicates, 0) == NULL);

  ie_duplicate_pair past = {0};
  past.struct_size = sizeof past;
  past.a = 7;
  CHECK(ie_duplicates_pair(duplicates, 6, &past) == IE_OUT_OF_RANGE && past.a == 0);
  CHECK(ie_duplicates_group(duplicates, 1, &group) == IE_OUT_OF_RANGE && group.members == NULL);
  ie_duplicate_picture picture = {0};
  CHECK(ie_duplicates_picture(duplicates, 0, &picture) == IE_INVALID_ARGUMENT);
  picture.struct_size = sizeof picture;
  CHECK(ie_duplicates_picture(duplicates, SIZE_MAX, &picture) == IE_OUT_OF_RANGE);
  CHECK(ie_duplicates_picture(duplicates, 0, NULL) == IE_INVALID_ARGUMENT);
}

static void check_script(ie_duplicates *duplicates) {
  size_t count = 7;
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, NULL, &count, &error),
               IE_INVALID_ARGUMENT);
  CHECK(count == 0);
  // Nothing that is not such a script is replaced.
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, in_folder("a.ppm"), &count, &error),
               IE_FAILED_PRECONDITION);
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, folder, &count, &error),
               IE_FAILED_PRECONDITION);
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, "/nowhere/move.sh", &count, &error),
               IE_NOT_FOUND);
  for (int times = 0; times < 2; times++) {
    CHECK_STATUS(ie_duplicates_write_move_script(duplicates, in_folder("move.sh"), &count, &error),
                 IE_OK);
    CHECK(count == 3);
  }
  // What was cancelled before does not count.
  CHECK(ie_duplicates_cancel(duplicates) == IE_OK);
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, in_folder("move.sh"), NULL, &error),
               IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
  // One that is to be kept is gone, and nobody knows its digest.
  CHECK(remove(in_folder("edited.ppm")) == 0);
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, in_folder("no.sh"), &count, &error),
               IE_NOT_FOUND);
  CHECK(count == 0);
  write_picture("edited.ppm", 1, "# edited\n");
}

static void check_files(void) {
  write_picture("a.ppm", 1, "");
  write_picture("b.ppm", 1, "");
  write_picture("x\xff.ppm", 1, "");
  write_picture("edited.ppm", 1, "# edited\n");
  write_picture("other.ppm", 5, "");
  write_picture("flat.ppm", 0, "");
  FILE *torn = fopen(in_folder("torn.ppm"), "wb");
  CHECK(torn != NULL && fputs("P6\n64", torn) >= 0 && fclose(torn) == 0);

  const char *paths[] = {folder};
  ie_duplicates *duplicates = NULL;
  CHECK_STATUS(ie_duplicates_find_files(paths, 1, NULL, &duplicates, &error), IE_OK);
  check_found(duplicates);
  check_script(duplicates);
  ie_duplicates_close(duplicates);

  ie_duplicate_options options = options_of(IE_DUPLICATE_TIER_BYTES);
  CHECK_STATUS(ie_duplicates_find_files(paths, 1, &options, &duplicates, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, INFINITY, &error), IE_OK);
  CHECK(ie_duplicates_pair_count(duplicates) == 3);
  CHECK(ie_duplicates_flat(duplicates, NULL) == NULL);
  ie_duplicates_close(duplicates);

  // What somebody has looked at is left out.
  FILE *refusals = fopen(in_folder("no.jsonl"), "wb");
  CHECK(refusals != NULL);
  if (refusals == NULL) return;
  fprintf(refusals, "{\"a\":\"%s\",", in_folder("b.ppm"));
  fprintf(refusals, "\"b\":\"%s\"}\n", in_folder("a.ppm"));
  CHECK(fclose(refusals) == 0);
  const char *files[] = {in_folder("no.jsonl")};
  options.not_duplicates = files;
  options.not_duplicates_count = 1;
  CHECK_STATUS(ie_duplicates_find_files(paths, 1, &options, &duplicates, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
  for (size_t number = 0; number < ie_duplicates_pair_count(duplicates); number++) {
    ie_duplicate_pair pair = {0};
    pair.struct_size = sizeof pair;
    CHECK(ie_duplicates_pair(duplicates, number, &pair) == IE_OK);
    CHECK(pair.a != 0 || pair.b != 1);
  }
  ie_duplicates_close(duplicates);

  CHECK_STATUS(ie_duplicates_find_files(NULL, 0, NULL, &duplicates, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
  CHECK(ie_duplicates_picture_count(duplicates) == 0);
  ie_duplicates_close(duplicates);

  const char *missing[] = {"/nowhere.png", NULL};
  CHECK_STATUS(ie_duplicates_find_files(missing, 1, NULL, &duplicates, &error), IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
  size_t count = 0;
  CHECK(ie_duplicates_failed(duplicates, &count) != NULL && count == 1);
  CHECK(strstr(picture_of(duplicates, 0).problem, "not there") != NULL);
  ie_duplicates_close(duplicates);
  CHECK_STATUS(ie_duplicates_find_files(missing, 2, NULL, &duplicates, &error),
               IE_INVALID_ARGUMENT);
}

/// Begins a search that waits for somebody to end what it reads.
///
/// A pipe and a file of no bytes are of one size, and read for their digests.
static ie_duplicates *begin_waiting(int *writer) {
  const char *paths[] = {in_folder("pipe"), in_folder("empty")};
  ie_duplicate_options options = options_of(0);
  options.thread_count = 1;
  ie_duplicates *duplicates = NULL;
  CHECK_STATUS(ie_duplicates_find_files(paths, 2, &options, &duplicates, &error), IE_OK);
  // Waits for the search to read.
  *writer = open(in_folder("pipe"), O_WRONLY | O_CLOEXEC);
  CHECK(*writer >= 0);
  return duplicates;
}

static void check_running(ie_duplicates *duplicates) {
  CHECK_STATUS(ie_duplicates_wait(duplicates, 0, &error), IE_DEADLINE_EXCEEDED);
  CHECK_STATUS(ie_duplicates_wait(duplicates, 0.001, &error), IE_DEADLINE_EXCEEDED);
  CHECK_STATUS(ie_duplicates_wait(duplicates, NAN, &error), IE_INVALID_ARGUMENT);
  const char *stage = NULL;
  size_t done = 7, total = 0;
  CHECK(ie_duplicates_progress(duplicates, &stage, &done, &total) == IE_OK);
  CHECK(stage != NULL && strcmp(stage, "looking at files") == 0 && done == 0 && total == 2);
  CHECK(ie_duplicates_progress(duplicates, NULL, NULL, NULL) == IE_OK);
  CHECK(ie_duplicates_picture_count(duplicates) == 0);
  ie_duplicate_picture picture = {0};
  picture.struct_size = sizeof picture;
  CHECK(ie_duplicates_picture(duplicates, 0, &picture) == IE_OUT_OF_RANGE);
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, in_folder("no.sh"), NULL, &error),
               IE_FAILED_PRECONDITION);
}

/// A child has not the threads of its parent's search, and says so.
static void check_forked(ie_duplicates *duplicates) {
  const pid_t child = fork();
  if (child == 0) {
    failure_count = 0;
    CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_FAILED_PRECONDITION);
    CHECK_STATUS(ie_duplicates_write_move_script(duplicates, "x", NULL, &error),
                 IE_FAILED_PRECONDITION);
    CHECK(ie_duplicates_progress(duplicates, NULL, NULL, NULL) == IE_FAILED_PRECONDITION);
    CHECK(ie_duplicates_cancel(duplicates) == IE_FAILED_PRECONDITION);
    CHECK(ie_duplicates_pair_count(duplicates) == 0);
    ie_duplicates_close(duplicates);
    // One of its own.
    const char *paths[] = {in_folder("a.ppm"), in_folder("b.ppm")};
    CHECK_STATUS(ie_duplicates_find_files(paths, 2, NULL, &duplicates, &error), IE_OK);
    CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
    CHECK(ie_duplicates_pair_count(duplicates) == 1);
    ie_duplicates_close(duplicates);
    _exit(failure_count == 0 ? 0 : 1);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void *close_elsewhere(void *duplicates) {
  ie_duplicates_close(duplicates);
  return NULL;
}

static void check_ends(void) {
  CHECK(mkfifo(in_folder("pipe"), 0600) == 0);
  FILE *empty = fopen(in_folder("empty"), "wb");
  CHECK(empty != NULL && fclose(empty) == 0);
  int writer = -1;

  ie_duplicates *duplicates = begin_waiting(&writer);
  check_running(duplicates);
  check_forked(duplicates);
  CHECK(close(writer) == 0);
  CHECK_STATUS(ie_duplicates_wait(duplicates, 600, &error), IE_OK);
  size_t count = 0;
  CHECK(ie_duplicates_failed(duplicates, &count) != NULL && count == 2);
  CHECK(strstr(picture_of(duplicates, 0).problem, "it cannot be read") != NULL);
  ie_duplicates_close(duplicates);
  CHECK_STATUS(ie_duplicates_wait(duplicates, 0, &error), IE_INVALID_ARGUMENT);

  duplicates = begin_waiting(&writer);
  CHECK(ie_duplicates_cancel(duplicates) == IE_OK);
  CHECK_STATUS(ie_duplicates_wait(duplicates, 0, &error), IE_DEADLINE_EXCEEDED);
  CHECK(close(writer) == 0);
  for (int times = 0; times < 2; times++)
    CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_CANCELLED);
  CHECK(ie_duplicates_picture_count(duplicates) == 0);
  CHECK_STATUS(ie_duplicates_write_move_script(duplicates, in_folder("no.sh"), NULL, &error),
               IE_FAILED_PRECONDITION);
  ie_duplicates_close(duplicates);

  // Closed in the middle of the work, which ends.
  duplicates = begin_waiting(&writer);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, close_elsewhere, duplicates) == 0);
  CHECK(close(writer) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_STATUS(ie_duplicates_wait(duplicates, 0, &error), IE_INVALID_ARGUMENT);
}

/// The store is one that 0.1.0 wrote: twelve pictures of 8 x 6 pixels, whose paths belong to the
/// working directory.
static void check_store(const char *models) {
  char stores[4096];
  snprintf(stores, sizeof stores, "%s/../Stores/0.1.0", models);
  CHECK(chdir(stores) == 0);
  // A file of small pictures is written into the store.
  char command[16384];
  snprintf(command, sizeof command, "cp -r plain '%s'", folder);
  CHECK(system(command) == 0);
  ie_store *store = NULL;
  CHECK_STATUS(ie_store_open(in_folder("plain"), &store, &error), IE_OK);
  ie_duplicates *duplicates = NULL;
  CHECK_STATUS(ie_duplicates_find(store, NULL, &duplicates, &error), IE_OK);
  ie_store_close(store);
  CHECK_STATUS(ie_duplicates_wait(duplicates, -1, &error), IE_OK);
  CHECK(ie_duplicates_picture_count(duplicates) == 12);
  size_t count = 7;
  CHECK(ie_duplicates_failed(duplicates, &count) == NULL && count == 0);
  const ie_duplicate_picture picture = picture_of(duplicates, 7);
  CHECK(strcmp(picture.path, "in/7.ppm") == 0 && picture.row == 7);
  CHECK(picture.width == 8 && picture.height == 6);
  CHECK(picture.absolute_path[0] == '/' && strstr(picture.absolute_path, "/in/7.ppm") != NULL);
  // All vectors are alike enough to be looked at, and no cosine is missing.
  for (size_t number = 0; number < ie_duplicates_pair_count(duplicates); number++) {
    ie_duplicate_pair pair = {0};
    pair.struct_size = sizeof pair;
    CHECK(ie_duplicates_pair(duplicates, number, &pair) == IE_OK);
    CHECK(pair.a < pair.b && pair.cosine > 0 && pair.reason != NULL);
  }
  ie_duplicates_close(duplicates);

  // A folder of vectors has no pictures, and is not taken for one without duplicates.
  const char *paths[] = {in_folder("plain")};
  CHECK_STATUS(ie_duplicates_find_files(paths, 1, NULL, &duplicates, &error), IE_INVALID_ARGUMENT);
  CHECK(duplicates == NULL);
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  const char *models = argv[1];
  snprintf(folder, sizeof folder, "%s/duplicates-XXXXXX",
           getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
  if (mkdtemp(folder) == NULL) return 1;
  check_files();
  check_ends();
  check_store(models);
  char command[8192];
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  CHECK(system(command) == 0);
  if (failure_count == 0) puts("duplicates are found");
  return failure_count == 0 ? 0 : 1;
}
