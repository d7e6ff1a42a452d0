// What no program that embeds JPEG files by these libraries can beat: nothing but decoding and running
// the model, picture after picture, on every worker. One line of JSON says how long that took.

#define _GNU_SOURCE  // getopt_long, pthread_barrier_t

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "CBaseline.h"

enum { kWarmUpCount = 5, kModelSide = 224 };

typedef struct {
  uint8_t *bytes;
  size_t byte_count;
} File;

/// A model on one of the runtimes.
typedef struct {
  BareModel litert;
  BareOpenVINOModel openvino;
} Model;

/// What all workers share.
typedef struct {
  const char *library_path;
  /// In place of the former.
  const char *openvino_path;
  const char *model_path;
  /// NULL where nothing is decoded.
  const File *files;
  int file_count;
  int run_count;
  int covered_side;
  int threads_of_model;
  atomic_int next;
  pthread_barrier_t barrier;
} Work;

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "roofline: %s failed\n", what);
  exit(1);
}

static File read_file(const char *path) {
  FILE *stream = fopen(path, "rb");
  if (!stream) fail(path);
  long size = fseek(stream, 0, SEEK_END) == 0 ? ftell(stream) : -1;
  rewind(stream);
  File file = {.bytes = malloc(size > 0 ? (size_t)size : 1), .byte_count = (size_t)size};
  if (size <= 0 || !file.bytes || fread(file.bytes, 1, file.byte_count, stream) != file.byte_count) {
    fail(path);
  }
  fclose(stream);
  return file;
}

static void process(Work *work, BareJPEGDecoder *decoder, const Model *model, int index) {
  if (work->files) {
    const File *file = &work->files[index % work->file_count];
    if (baseline_decode_jpeg(decoder, file->bytes, file->byte_count, work->covered_side) != 0) {
      fail("decoding");
    }
  }
  if (model->litert.handles && baseline_run(&model->litert) != 0) fail("running the model");
  if (model->openvino.handles && baseline_run_openvino(&model->openvino) != 0) {
    fail("running the model");
  }
}

static void *run_worker(void *argument) {
  Work *work = argument;
  BareJPEGDecoder decoder = {0};
  Model model = {0};
  if (work->model_path) {
    const char *failed =
        work->library_path
            ? baseline_open(&model.litert, work->library_path, work->model_path,
                            work->threads_of_model)
            : baseline_open_openvino(&model.openvino, work->openvino_path, work->model_path,
                                     kModelSide, work->threads_of_model);
    if (failed) fail(failed);
  }
  for (int index = 0; index < kWarmUpCount; index++) process(work, &decoder, &model, index);
  // Once to say that the worker is ready, once more to begin when the time has been read.
  pthread_barrier_wait(&work->barrier);
  pthread_barrier_wait(&work->barrier);
  for (int index; (index = atomic_fetch_add(&work->next, 1)) < work->run_count;) {
    process(work, &decoder, &model, index);
  }
  pthread_barrier_wait(&work->barrier);
  baseline_close(&model.litert);
  baseline_close_openvino(&model.openvino);
  baseline_close_jpeg(&decoder);
  return NULL;
}

static double wall_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double processor_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void measure(Work *work, int worker_count) {
  pthread_t *threads = calloc((size_t)worker_count, sizeof *threads);
  pthread_barrier_init(&work->barrier, NULL, (unsigned)worker_count + 1);
  for (int index = 0; index < worker_count; index++) {
    if (!threads || pthread_create(&threads[index], NULL, run_worker, work) != 0) fail("a thread");
  }
  pthread_barrier_wait(&work->barrier);
  double processor_start = processor_seconds(), start = wall_seconds();
  pthread_barrier_wait(&work->barrier);
  pthread_barrier_wait(&work->barrier);
  double seconds = wall_seconds() - start, processor = processor_seconds() - processor_start;
  for (int index = 0; index < worker_count; index++) pthread_join(threads[index], NULL);
  free(threads);
  printf("{\"images\": %d, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", work->run_count, seconds,
         processor);
}

static _Noreturn void usage(void) {
  fputs(
      "usage: roofline [--library PATH | --openvino PATH] [--model PATH] [--workers N] [--threads N]\n"
      "                [--cover SIDE] --count N [JPEG...]\n\n"
      "Decodes JPEG files and runs a model, COUNT times in all. Without a model it only decodes,\n"
      "without files it only runs the model, on LiteRT's library or OpenVINO's for C. --threads are those of one run. With --cover the\n"
      "decoder may scale a picture down as long as it covers a square of that side.\n",
      stderr);
  exit(64);
}

static int positive(const char *text) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*end || value < 1 || value > 1000000) usage();
  return (int)value;
}

int main(int argument_count, char **arguments) {
  static const struct option options[] = {
      {"library", required_argument, NULL, 'l'}, {"openvino", required_argument, NULL, 'o'},
      {"model", required_argument, NULL, 'm'},
      {"workers", required_argument, NULL, 'w'}, {"threads", required_argument, NULL, 't'},
      {"cover", required_argument, NULL, 'c'},   {"count", required_argument, NULL, 'n'},
      {NULL, 0, NULL, 0}};
  Work work = {.threads_of_model = 1};
  int worker_count = 1;
  for (int option; (option = getopt_long(argument_count, arguments, "", options, NULL)) != -1;) {
    switch (option) {
      case 'l': work.library_path = optarg; break;
      case 'o': work.openvino_path = optarg; break;
      case 'm': work.model_path = optarg; break;
      case 'w': worker_count = positive(optarg); break;
      case 't': work.threads_of_model = positive(optarg); break;
      case 'c': work.covered_side = positive(optarg); break;
      case 'n': work.run_count = positive(optarg); break;
      default: usage();
    }
  }
  work.file_count = argument_count - optind;
  int library_count = (work.library_path != NULL) + (work.openvino_path != NULL);
  if (!work.run_count || library_count != (work.model_path != NULL) ||
      (!work.file_count && !work.model_path)) {
    usage();
  }
  File *files = calloc((size_t)work.file_count + 1, sizeof *files);
  if (!files) fail("calloc");
  for (int index = 0; index < work.file_count; index++) {
    files[index] = read_file(arguments[optind + index]);
  }
  if (work.file_count) work.files = files;
  measure(&work, worker_count);
  for (int index = 0; index < work.file_count; index++) free(files[index].bytes);
  free(files);
  return 0;
}
