// What an embedder's time is held against: the same work by the libraries alone, in plain C.

#ifndef CBASELINE_H
#define CBASELINE_H

#include <stddef.h>
#include <stdint.h>

/// A compiled model with the buffers of its one input and one output, and nothing around it.
///
/// Options and memory are those of the room LiteRtRuntime: the processor, XNNPACK's defaults, host
/// memory aligned to 64 bytes.
typedef struct BareModel {
  /// The input tensor's memory, to be written.
  void *input;
  size_t input_byte_count;
  /// The output tensor's memory, to be read after a run.
  void *output;
  size_t output_byte_count;
  /// What the runtime made, for the functions below.
  struct BareModelHandles *handles;
} BareModel;

/// Opens the runtime library, and reads and compiles a model, whose runs use `thread_count` threads.
///
/// Returns NULL, else the name of the call that failed (static storage).
const char *baseline_open(BareModel *model, const char *library_path, const char *model_path,
                          int thread_count);

/// Runs the model once; 0 is success.
int baseline_run(const BareModel *model);

/// Frees what an opened model holds.
void baseline_close(BareModel *model);

/// The same on OpenVINO: a compiled model with one request, and nothing around it.
///
/// Options are those of the room OpenVINORuntime: the processor, single precision, threads that are not
/// pinned.
typedef struct BareOpenVINOModel {
  /// What OpenVINO made, for the functions below.
  struct BareOpenVINOModelHandles *handles;
} BareOpenVINOModel;

/// Opens OpenVINO's library for C, and reads and compiles a model whose input is an RGB picture of
/// `side` squared in single precision, channels last; it is all zeros. Runs use `thread_count` threads.
///
/// Returns NULL, else the name of the call that failed (static storage).
const char *baseline_open_openvino(BareOpenVINOModel *model, const char *library_path,
                                   const char *model_path, int side, int thread_count);

/// Runs the model once; 0 is success.
int baseline_run_openvino(const BareOpenVINOModel *model);

/// Frees what an opened model holds.
void baseline_close_openvino(BareOpenVINOModel *model);

/// How pixels become the input's elements: `(byte - mean) / std`, for int8 then divided by `scale`,
/// rounded and moved by `zero_point`.
typedef struct BaselineEncoding {
  float mean;
  float std;
  int is_int8;
  float scale;
  int zero_point;
} BaselineEncoding;

/// Prepares packed RGB pixels as one would by hand: converts the whole frame to four bytes a pixel,
/// scales it, drops the fourth byte and encodes into `target` (`target_side` squared, three channels).
///
/// Keeps its memory for the next call; one thread at a time. 0 is success.
int baseline_preprocess(const uint8_t *rgb, int width, int height, int target_side,
                        BaselineEncoding encoding, void *target);

/// Decodes a PNG file to packed RGB; fails where that is more than `capacity` bytes. 0 is success.
int baseline_decode_png(const char *path, uint8_t *rgb, size_t capacity, int *width, int *height);

/// A JPEG decoder with the memory of its last picture.
typedef struct BareJPEGDecoder {
  void *handle;
  uint8_t *rgb;
  size_t capacity;
  int width;
  int height;
} BareJPEGDecoder;

/// Decodes a JPEG file's bytes to packed RGB with libjpeg-turbo, as the room ImageFiles does.
///
/// A `covered_side` above 0 lets it decode to the smallest of the library's scales whose width and
/// height are no less than that. Begin with a decoder of zeros. 0 is success.
int baseline_decode_jpeg(BareJPEGDecoder *decoder, const uint8_t *bytes, size_t byte_count,
                         int covered_side);

/// Frees what a decoder holds.
void baseline_close_jpeg(BareJPEGDecoder *decoder);

#endif
