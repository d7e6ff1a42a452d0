// Makes and destroys everything many times; at the end the process is as large as after the first
// tenth.
//
// usage: loop TIMES MODEL IMAGE

// For sysconf.
#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include "checks.h"

static long resident_pages(void) {
  long size = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file != NULL && fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
  if (file != NULL) fclose(file);
  return resident;
}

static void use_everything(const char *model, const char *path) {
  ie_options options = {0};
  options.struct_size = sizeof options;
  options.model = model;
  ie_embedder *embedder = NULL;
  ie_image *image = NULL;
  ie_result *result = NULL;
  ie_batch *batch = NULL;
  CHECK_STATUS(ie_embedder_create(&options, &embedder, &error), IE_OK);
  CHECK_STATUS(ie_image_decode_file(path, NULL, &image, &error), IE_OK);
  CHECK_STATUS(ie_embedder_embed_image(embedder, image, NULL, &result, &error), IE_OK);
  ie_result_destroy(result);
  CHECK_STATUS(ie_embedder_embed_file(embedder, "/nowhere.jpg", NULL, &result, &error),
               IE_NOT_FOUND);
  ie_frame frame = {0};
  frame.struct_size = sizeof frame;
  CHECK(ie_image_frame(image, &frame) == IE_OK);
  ie_item item = {0};
  item.struct_size = sizeof item;
  item.frame = &frame;
  CHECK_STATUS(ie_batch_create(embedder, NULL, &batch, &error), IE_OK);
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_OK);
  CHECK_STATUS(ie_batch_add(batch, &item, &error), IE_OK);
  CHECK_STATUS(ie_batch_next(batch, -1, &result, &error), IE_OK);
  ie_result_destroy(result);
  // The embedder goes first, with an image in work.
  ie_embedder_destroy(embedder);
  ie_batch_destroy(batch);
  ie_image_destroy(image);
}

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  long times = strtol(argv[1], NULL, 10), before = 0;
  for (long number = 0; number < times; number++) {
    if (number == times / 10) before = resident_pages();
    use_everything(argv[2], argv[3]);
  }
  long growth = (resident_pages() - before) * sysconf(_SC_PAGESIZE);
  printf("%ld times: grown by %ld kB\n", times, growth / 1024);
  // A leak of a tenth of the small model in each round would be more.
  CHECK(times < 100 || growth < 8 << 20);
  return failure_count == 0 ? 0 : 1;
}
