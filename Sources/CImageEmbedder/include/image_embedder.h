// Image Embedder: images to feature vectors with a TFLite model, and their similarity.
//
// The interface for C11 and for whatever else can call C. C++ programs include image_embedder.hpp.
//
//   ie_embedder *embedder = NULL;
//   ie_result *result = NULL;
//   char *error = NULL;
//   if (ie_embedder_create(NULL, &embedder, &error) == IE_OK &&
//       ie_embedder_embed_file(embedder, "photo.jpg", NULL, &result, &error) == IE_OK) {
//     ie_vector vector;
//     ie_result_vector(result, 0, &vector);
//     printf("%zu floats, the first is %f\n", vector.count, vector.floats[0]);
//   } else {
//     fprintf(stderr, "%s\n", error);
//   }
//   ie_string_free(error);
//   ie_result_destroy(result);
//   ie_embedder_destroy(embedder);
//
// What holds for all functions:
//
// Status. A function that can fail returns a status; IE_OK is 0. Nothing aborts or throws, and
//   nothing prints but the LiteRT runtime: one line on the standard error with the first model. A
//   required pointer that is NULL is IE_INVALID_ARGUMENT; queries that return a value then return
//   0, -1 or NULL, as they say.
// Error. `char **error` may be NULL. Otherwise it is set in every call: to NULL, or on failure to a
//   sentence in UTF-8 that says what was found and what is needed; free that with ie_string_free.
// Results. What a function makes through a pointer to a handle is the caller's, to destroy with the
//   destroy function of its type. On failure the handle is set to NULL. Destroying NULL does
//   nothing.
// Borrowing. Strings, vectors and pixels that a function returns belong to the handle that it was
//   asked of, and are valid until that is destroyed. What is passed in is read during the call only
//   and copied where it is needed longer, but for `borrows_memory` of a batch.
// Structs. Set struct_size to the size of the struct and everything else to 0, then what is wanted:
//     ie_options options = {0};
//     options.struct_size = sizeof options;
//   Members are only ever added, at the end, and each that is 0 has its default. So a program that
//   was compiled against an older header runs with a newer library: what it does not know counts as
//   0. It runs with an older library too, unless it sets a member that is not known there, which is
//   IE_INVALID_ARGUMENT. A struct that a function fills, it fills up to the size that is stated.
// Threads. All functions may be called from any thread, and with one handle from many at once. What
//   is destroyed while another thread is in a call with it lives until that call returns.
// Handles. A handle is no address, and no two are ever equal. One that was destroyed, or is of
//   another type, is told from those that live: it is IE_INVALID_ARGUMENT, queries answer as for
//   NULL, and destroying it again does nothing.
// Processes. A child that was forked has its parent's images and results. Its parent's batches and
//   searches for duplicates are IE_FAILED_PRECONDITION there, because their threads are missing,
//   and destroying them or an embedder frees nothing.

#ifndef IMAGE_EMBEDDER_H
#define IMAGE_EMBEDDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- Status -------------------------------------------------------------------------------------

/// The canonical status codes, with the numbers of absl::StatusCode.
typedef enum ie_status {
  IE_OK = 0,
  IE_CANCELLED = 1,
  IE_UNKNOWN = 2,
  IE_INVALID_ARGUMENT = 3,
  IE_DEADLINE_EXCEEDED = 4,
  IE_NOT_FOUND = 5,
  IE_ALREADY_EXISTS = 6,
  IE_PERMISSION_DENIED = 7,
  IE_RESOURCE_EXHAUSTED = 8,
  IE_FAILED_PRECONDITION = 9,
  IE_ABORTED = 10,
  IE_OUT_OF_RANGE = 11,
  IE_UNIMPLEMENTED = 12,
  IE_INTERNAL = 13,
  IE_UNAVAILABLE = 14,
  IE_DATA_LOSS = 15,
  IE_UNAUTHENTICATED = 16
} ie_status;

/// Returns the canonical name, such as "INVALID_ARGUMENT"; "UNKNOWN" for other numbers.
///
/// Never NULL; valid for ever.
const char *ie_status_name(ie_status status);

/// Frees a string that a function gave through `char **error`. NULL is ignored.
void ie_string_free(char *string);

/// The version of this header.
#define IE_VERSION "0.1.0"

/// Returns the version of the library, such as "0.1.0". Never NULL; valid for ever.
const char *ie_version(void);

/// Returns the name of a model inside the library, usable as ie_options.model.
///
/// NULL past the last; the first, number 0, is the default. Valid for ever.
const char *ie_built_in_model_name(size_t index);

// --- Options ------------------------------------------------------------------------------------

/// What becomes of the transparent parts of an image.
typedef enum ie_alpha {
  IE_ALPHA_DROP = 0,   ///< Alpha is ignored.
  IE_ALPHA_WHITE = 1,  ///< The image is laid on white.
  IE_ALPHA_BLACK = 2   ///< The image is laid on black.
} ie_alpha;

/// How a file's picture is decoded.
typedef enum ie_decoding {
  IE_DECODING_EXACT = 0,  ///< All of it.
  IE_DECODING_FAST = 1,   ///< JPEG files at a half, quarter or eighth that still covers the input.
  /// All of it, JPEG files by the Task Library's own decoder: its pixels to the bit.
  IE_DECODING_TASK_LIBRARY = 2
} ie_decoding;

/// How a feature map or tokens become one vector. Outputs that are one vector stay as they are.
typedef enum ie_pooling {
  IE_POOLING_NONE = 0,    ///< Not at all: a map or tokens are an error.
  IE_POOLING_MEAN = 1,    ///< The mean of each channel.
  IE_POOLING_MAX = 2,     ///< The largest value of each channel.
  IE_POOLING_CLS = 3,     ///< The first of the tokens.
  IE_POOLING_FLATTEN = 4  ///< All numbers in their order.
} ie_pooling;

/// Where a feature map has its channels.
typedef enum ie_layout {
  IE_LAYOUT_AS_INPUT = 0,  ///< Where the model's input has them.
  IE_LAYOUT_NHWC = 1,      ///< Last.
  IE_LAYOUT_NCHW = 2       ///< Before height and width.
} ie_layout;

/// What computes a model's outputs. One that is missing, or cannot run the model, is an error: no
/// other takes its place. Vectors of different ones must not be compared.
typedef enum ie_accelerator {
  IE_ACCELERATOR_CPU = 0,       ///< LiteRT's kernels for processors: the reference's numbers.
  IE_ACCELERATOR_OPENVINO = 1,  ///< OpenVINO on the processor.
  IE_ACCELERATOR_GPU = 2        ///< LiteRT's WebGPU kernels on a graphics card.
} ie_accelerator;

/// The floating-point numbers that a model is computed in. What does not compute in them is an
/// error. Vectors of different ones must not be compared.
typedef enum ie_precision {
  IE_PRECISION_FLOAT32 = 0,  ///< 32 bits, as the reference.
  IE_PRECISION_BFLOAT16 = 1  ///< 16 bits, faster on some processors; IE_ACCELERATOR_OPENVINO alone.
} ie_precision;

/// A part of an open file.
typedef struct ie_file_part {
  int32_t descriptor;  ///< Stays open, and its position where it is.
  int64_t offset;      ///< The first byte.
  int64_t length;      ///< The number of bytes; 0 for all up to the end.
} ie_file_part;

/// How an embedder works. All zeros but for struct_size are the defaults.
typedef struct ie_options {
  size_t struct_size;  ///< sizeof(ie_options).

  // The model: the first of these that is there; the built-in efficientnet-lite0 when none is. Each
  // may be a bundle of MediaPipe (.task) with one model; of several the path chooses one by a name
  // behind '#': "bundle.task#model.tflite".
  const void *model_bytes;              ///< The content of a TFLite file, or NULL.
  size_t model_byte_count;              ///< Its size; 0 counts as not given.
  const char *model;                    ///< A path, or a built-in name; NULL or "" for none.
  const ie_file_part *model_file_part;  ///< A TFLite file inside an open file, or NULL.

  // The vectors.
  bool l2_normalize;  ///< Scale each vector to length 1.
  bool quantize;      ///< Turn each into signed bytes, after scaling.

  /// The threads of one inference: -1 and 0 mean 1; more than there are cores mean as many.
  int32_t thread_count;

  // Normalization in place of the model's own, `(byte - mean) / std`.
  const float *normalization_mean;  ///< Or NULL for the model's.
  const float *normalization_std;   ///< Given together with the mean.
  size_t normalization_count;       ///< 1 or 3 values in each.

  // Image files.
  bool ignores_orientation;  ///< Take pictures as they are stored, whatever EXIF says.
  bool allows_truncated;     ///< Embed what there is of a file that is cut short, with a warning.
  int32_t rotation;          ///< 0, 90, 180 or 270 degrees clockwise, after EXIF.
  int64_t max_pixels;        ///< Refuse larger images; 0 for 512 times 2^20.
  int64_t max_file_bytes;    ///< Refuse longer files; 0 for 2^30.
  ie_decoding decoding;      ///< How much of a picture is decoded, and by which decoder.

  // Files and frames.
  const char *preset;  ///< "task-library-v1", which is the default, or "antialiased-v1".
  ie_alpha alpha;      ///< What becomes of transparency.

  /// The file of the LiteRT library; NULL to look for it.
  const char *litert_path;

  // A process of its own for models that nobody trusts.
  const char *worker_path;         ///< The image-embedder executable; NULL for no such process.
  int32_t worker_timeout_seconds;  ///< For loading and for each image; 0 for 60.

  int32_t reserved;  ///< 0.

  // What is run of the model, and how its outputs become vectors.
  const char *signature;  ///< The signature to run; NULL or "" for the model's first.
  ie_pooling pooling;     ///< How maps and tokens become vectors.
  ie_layout map_layout;   ///< Where maps have their channels.

  // What computes the model's outputs.
  ie_accelerator accelerator;  ///< The processor by LiteRT, or something faster.
  /// The file of the accelerator's library; NULL to look for it, and always for IE_ACCELERATOR_CPU.
  const char *accelerator_library;
  ie_precision precision;  ///< What the accelerator computes in.

  int32_t reserved2;  ///< 0.
} ie_options;

// --- Pixels -------------------------------------------------------------------------------------

/// How pixels lie in memory, with the reference's numbers.
///
/// In YUV formats chroma has half the resolution of luma in both directions, rounded up, and values
/// have the limited range of BT.601.
typedef enum ie_format {
  IE_FORMAT_RGBA = 0,
  IE_FORMAT_RGB = 1,
  IE_FORMAT_NV12 = 2,  ///< Luma, then U and V in turn.
  IE_FORMAT_NV21 = 3,  ///< Luma, then V and U in turn.
  IE_FORMAT_YV12 = 4,  ///< Planes of luma, V and U.
  IE_FORMAT_YV21 = 5,  ///< Planes of luma, U and V; also known as I420.
  IE_FORMAT_GRAY = 6
} ie_format;

/// One plane of an image.
typedef struct ie_plane {
  const void *data;     ///< Row by row from the top left.
  size_t byte_count;    ///< The bytes that may be read from `data` on.
  size_t row_stride;    ///< The bytes from row to row; 0 where rows are packed.
  size_t pixel_stride;  ///< The bytes from pixel to pixel; 0 where they are side by side.
} ie_plane;

/// An image in memory that somebody else owns.
typedef struct ie_frame {
  size_t struct_size;   ///< sizeof(ie_frame).
  int32_t width;        ///< Columns, 1 to 32768.
  int32_t height;       ///< Rows, 1 to 32768.
  ie_format format;     ///< How pixels lie in memory.
  int32_t orientation;  ///< How it is brought upright, by the numbers 1 to 8 of EXIF; 0 is 1.
  size_t plane_count;   ///< 1: everything in planes[0]; or 2 for NV12 and NV21; or 3.
  /// The planes in the order of the format. Three planes of NV12 are luma, U and V, and of NV21
  /// luma, V and U; their chroma has a pixel stride of 2. With one plane chroma follows luma's last
  /// row.
  ie_plane planes[3];
} ie_frame;

/// A rectangle of whole pixels. It is never clamped: one that is empty or reaches outside is an
/// error.
typedef struct ie_region {
  int32_t x;
  int32_t y;
  int32_t width;
  int32_t height;
} ie_region;

/// A decoded image file.
typedef struct ie_image ie_image;

/// Decodes an image file, as its content says.
///
/// @param path     The file's path: bytes as the system has them.
/// @param options  Limits, allows_truncated, ignores_orientation and decoding (of which only
///   IE_DECODING_TASK_LIBRARY) count, the rest does not; NULL for the defaults.
/// @param image    Set to the image.
/// @return IE_OK; IE_NOT_FOUND, IE_PERMISSION_DENIED … for a file that cannot be read;
///   IE_INVALID_ARGUMENT for what is no sound image; IE_UNIMPLEMENTED for one of an unsupported
///   kind; IE_RESOURCE_EXHAUSTED beyond a limit.
ie_status ie_image_decode_file(const char *path, const ie_options *options, ie_image **image,
                               char **error);

/// Decodes an image file in memory; everything else as ie_image_decode_file.
ie_status ie_image_decode(const void *bytes, size_t byte_count, const ie_options *options,
                          ie_image **image, char **error);

/// Describes the pixels as they are stored in the file, with its own number of channels.
///
/// @param frame  Its struct_size is read, the rest of that size written: one plane, IE_FORMAT_GRAY,
///   IE_FORMAT_RGB or IE_FORMAT_RGBA, and the orientation that the file gives. The pixels belong
///   to the image.
ie_status ie_image_frame(const ie_image *image, ie_frame *frame);

/// Returns the number of bytes a pixel: 1 gray, 3 RGB, 4 RGBA; 0 for NULL.
int32_t ie_image_channel_count(const ie_image *image);

/// Returns the format of the file, such as "JPEG"; NULL for NULL.
const char *ie_image_format_name(const ie_image *image);

/// Returns what was odd about the file although it could be decoded; NULL past the last sentence.
const char *ie_image_warning(const ie_image *image, size_t index);

void ie_image_destroy(ie_image *image);

// --- Results ------------------------------------------------------------------------------------

/// A feature vector that somebody else owns: floats or signed bytes.
typedef struct ie_vector {
  const float *floats;      ///< Or NULL.
  const int8_t *quantized;  ///< Or NULL.
  size_t count;             ///< The number of components.
} ie_vector;

/// What became of one image.
typedef struct ie_result ie_result;

/// Returns IE_OK where the image was embedded, as in every result but some of a batch;
/// IE_INVALID_ARGUMENT for NULL.
ie_status ie_result_status(const ie_result *result);

/// Returns why the image could not be embedded; NULL where it was.
const char *ie_result_message(const ie_result *result);

/// Returns the number of the item in its batch, from 0; 0 outside of batches.
size_t ie_result_index(const ie_result *result);

/// Returns the number of vectors, one for each output of the model; 0 for a failed image or NULL.
size_t ie_result_count(const ie_result *result);

/// Gives one of the vectors, without a copy.
///
/// @param head    The number of the model's output, from 0.
/// @param vector  Set to the vector; all zeros on failure.
/// @return IE_OK, or IE_OUT_OF_RANGE where there is no such vector.
ie_status ie_result_vector(const ie_result *result, size_t head, ie_vector *vector);

/// Returns the width of the upright picture in pixels; 0 for a failed image or NULL.
int32_t ie_result_width(const ie_result *result);

/// Returns the height of the upright picture in pixels; 0 for a failed image or NULL.
int32_t ie_result_height(const ie_result *result);

/// Returns what was odd about the image although it was embedded; NULL past the last sentence.
const char *ie_result_warning(const ie_result *result, size_t index);

void ie_result_destroy(ie_result *result);

/// Computes the cosine of the angle between two vectors.
///
/// Products of floats are rounded to float and summed in double, as in the reference.
///
/// @param u           The first vector: floats or signed bytes, not both, or empty.
/// @param v           The second.
/// @param similarity  Set to the cosine, -1 to 1 up to rounding; NaN on failure.
/// @return IE_OK, or IE_INVALID_ARGUMENT for vectors that differ in kind or length, are empty, or
///   are all zeros.
ie_status ie_cosine_similarity(const ie_vector *u, const ie_vector *v, double *similarity,
                               char **error);

// --- Embedding ----------------------------------------------------------------------------------

/// A model that is ready to embed images.
typedef struct ie_embedder ie_embedder;

/// Loads a model and makes it ready.
///
/// @param options   NULL for the defaults. Nothing in it is needed after the call.
/// @param embedder  Set to the embedder.
/// @return IE_OK; IE_NOT_FOUND for a missing model, LiteRT library or accelerator, or a model that
///   says nothing of its normalization; IE_INVALID_ARGUMENT for a model that cannot be used or an
///   option out of range; IE_PERMISSION_DENIED, IE_UNKNOWN … for a file that cannot be read.
ie_status ie_embedder_create(const ie_options *options, ie_embedder **embedder, char **error);

/// Embeds pixels in memory. They are read during the call only, and not copied before.
///
/// @param frame   The pixels.
/// @param region  What is used of them, in pixels of the stored frame; NULL for all.
/// @param result  Set to the vectors.
/// @return IE_OK; IE_INVALID_ARGUMENT for a frame or a region that cannot be; IE_INTERNAL when the
///   runtime fails; IE_RESOURCE_EXHAUSTED without memory.
ie_status ie_embedder_embed_frame(const ie_embedder *embedder, const ie_frame *frame,
                                  const ie_region *region, ie_result **result, char **error);

/// Embeds an image file.
///
/// @param path    The file's path: bytes as the system has them.
/// @param region  What is used of the picture, in pixels after EXIF and before ie_options.rotation;
///   as stored with ignores_orientation. NULL for all.
/// @param result  Set to the vectors.
/// @return As ie_image_decode_file and ie_embedder_embed_frame.
ie_status ie_embedder_embed_file(const ie_embedder *embedder, const char *path,
                                 const ie_region *region, ie_result **result, char **error);

/// Embeds an image file in memory; everything else as ie_embedder_embed_file.
ie_status ie_embedder_embed_encoded(const ie_embedder *embedder, const void *bytes,
                                    size_t byte_count, const ie_region *region, ie_result **result,
                                    char **error);

/// Embeds a decoded image, as ie_embedder_embed_file would its file.
ie_status ie_embedder_embed_image(const ie_embedder *embedder, const ie_image *image,
                                  const ie_region *region, ie_result **result, char **error);

/// Frees the embedder as soon as no batch uses it any longer.
void ie_embedder_destroy(ie_embedder *embedder);

// --- The model ----------------------------------------------------------------------------------

/// The element types of tensors, with the numbers of the TFLite schema; only these are used.
typedef enum ie_element_type { IE_FLOAT32 = 0, IE_UINT8 = 3, IE_INT8 = 9 } ie_element_type;

/// What a model says about itself.
typedef enum ie_metadata {
  IE_METADATA_NAME = 0,
  IE_METADATA_DESCRIPTION = 1,
  IE_METADATA_VERSION = 2,
  IE_METADATA_AUTHOR = 3,
  IE_METADATA_LICENSE = 4,
  IE_METADATA_MINIMUM_PARSER_VERSION = 5
} ie_metadata;

/// Returns the number of the model's outputs; 0 for NULL.
size_t ie_embedder_head_count(const ie_embedder *embedder);

/// Returns an output's name in the metadata; NULL where there is none.
const char *ie_embedder_head_name(const ie_embedder *embedder, size_t head);

/// Returns the number of components of an output's vectors; -1 where there is no such output.
int64_t ie_embedder_head_dimension(const ie_embedder *embedder, size_t head);

/// Gives the element type of an output tensor, from which vectors are dequantized.
///
/// @return IE_OK, or IE_OUT_OF_RANGE where there is no such output.
ie_status ie_embedder_head_type(const ie_embedder *embedder, size_t head, ie_element_type *type);

/// Gives the size of the pictures that the model sees, and the type of its input.
///
/// @param width   Set to the columns, -1 where the picture keeps its own; may be NULL.
/// @param height  Set to the rows, likewise.
/// @param type    Set to the element type; may be NULL.
/// @return IE_OK.
ie_status ie_embedder_input(const ie_embedder *embedder, int32_t *width, int32_t *height,
                            ie_element_type *type);

/// Gives the normalization in force, for red, green and blue.
///
/// @return IE_OK, or IE_NOT_FOUND for a model that takes bytes as they are.
ie_status ie_embedder_normalization(const ie_embedder *embedder, float mean[3], float std[3]);

/// Returns what the model says about itself; NULL where it says nothing.
const char *ie_embedder_metadata(const ie_embedder *embedder, ie_metadata key);

/// Returns where the model came from: the built-in name, the path or the number of bytes.
///
/// NULL for NULL.
const char *ie_embedder_model_name(const ie_embedder *embedder);

/// Returns the size of the model file in bytes; 0 for NULL.
size_t ie_embedder_model_byte_count(const ie_embedder *embedder);

/// Returns the SHA-256 of the model file, 64 hexadecimal digits; NULL for NULL.
///
/// The first call takes some milliseconds for each megabyte of a model that is not built in.
const char *ie_embedder_model_digest(const ie_embedder *embedder);

/// Returns what made the embedder's vectors in one word of 64 hexadecimal digits: the SHA-256 of
/// the model's digest, the normalization and every option that is not at its default. The same in
/// every language; vectors of different fingerprints must not be compared. NULL for NULL.
const char *ie_embedder_fingerprint(const ie_embedder *embedder);

// --- Annotating ---------------------------------------------------------------------------------

/// What a copy of a model is to say of itself, in TFLite metadata. All zeros but for struct_size
/// change nothing; of texts NULL leaves what the model has, and "" takes it away.
typedef struct ie_annotations {
  size_t struct_size;  ///< sizeof(ie_annotations).

  // How pixels are normalized, `(byte - mean) / std`, for a model of float or int8 input.
  const float *normalization_mean;  ///< Or NULL.
  const float *normalization_std;   ///< Given together with the mean.
  size_t normalization_count;       ///< 1 or 3 values in each.

  // Texts in UTF-8, of at most 65,536 bytes each.
  const char *name;         ///< The model's name.
  const char *description;  ///< What it does.
  const char *version;      ///< Its version, in whatever form.
  const char *author;       ///< Who made it.
  const char *license;      ///< Its licence, by name or as the whole text.

  const char *const *head_names;  ///< The name of each output, or NULL.
  size_t head_name_count;         ///< As many as there are outputs.
} ie_annotations;

/// Writes a copy of a model with annotations. Its operators, weights and buffers stay byte for byte
/// what they are, and files that are associated with it stay readable. Needs no runtime.
///
/// @param options      Names the model; the rest of it does not count. NULL for the default model.
/// @param annotations  What the copy is to say.
/// @param output       The copy's path, which ends in ".tflite". It appears whole or not at all,
///   and replaces a TFLite model only.
/// @return IE_OK; IE_NOT_FOUND for a missing model; IE_INVALID_ARGUMENT for what is no sound model,
///   annotations that do not fit it, and an output that is the model or no model;
///   IE_RESOURCE_EXHAUSTED without memory or place on the disk; IE_PERMISSION_DENIED, IE_UNKNOWN …
///   for files that cannot be read or written.
ie_status ie_model_annotate(const ie_options *options, const ie_annotations *annotations,
                            const char *output, char **error);

// --- Batches ------------------------------------------------------------------------------------

/// One image of a batch: a frame, else bytes, else the file at `path`.
typedef struct ie_item {
  size_t struct_size;       ///< sizeof(ie_item).
  const char *path;         ///< The file; beside a frame or bytes their name in messages, or NULL.
  const void *bytes;        ///< An image file in memory, or NULL.
  size_t byte_count;        ///< Its size.
  const ie_frame *frame;    ///< Pixels, or NULL.
  const ie_region *region;  ///< What is used, as where a single image is embedded, or NULL.
} ie_item;

/// How a batch works. All zeros but for struct_size are the defaults.
typedef struct ie_batch_options {
  size_t struct_size;    ///< sizeof(ie_batch_options).
  int32_t worker_count;  ///< The images in work at once; 0 for one for each core.
  /// Whether `bytes` and the planes of frames are read where they are and not copied. They must
  /// then stay valid and unchanged until the item's result was taken or ie_batch_destroy has
  /// returned.
  bool borrows_memory;
  uint8_t reserved[3];  ///< Zeros.
} ie_batch_options;

/// Images on their way to vectors, on threads of their own.
///
/// One side adds items, one takes results; both may be the same thread, or any others. Memory is
/// flat where the adding side keeps the number of items without a result small.
typedef struct ie_batch ie_batch;

/// Begins a batch, without items.
///
/// @param options  NULL for the defaults.
/// @param batch    Set to the batch. It keeps the embedder alive.
/// @return IE_OK; IE_INVALID_ARGUMENT for a negative worker count; IE_RESOURCE_EXHAUSTED when the
///   system has no thread to give.
ie_status ie_batch_create(const ie_embedder *embedder, const ie_batch_options *options,
                          ie_batch **batch, char **error);

/// Adds an image; never waits.
///
/// A description that cannot be, such as a frame with too few bytes, is an error here and not
/// added; everything else is in the image's result.
///
/// @return IE_OK; IE_INVALID_ARGUMENT; IE_FAILED_PRECONDITION after finish, stop or cancel;
///   IE_RESOURCE_EXHAUSTED without memory for the copy.
ie_status ie_batch_add(ie_batch *batch, const ie_item *item, char **error);

/// Says that no more images are added; without it the results have no end.
ie_status ie_batch_finish(ie_batch *batch);

/// Waits for the next result, in the order in which items were added.
///
/// An image that could not be embedded has a result too, whose ie_result_status says why.
///
/// @param timeout_seconds  How long to wait; 0 not at all, negative without end. Wait in short
///   turns where the host must stay interruptible.
/// @param result           Set to the result, or to NULL after the last and on a timeout.
/// @return IE_OK, with a result or at the end; IE_DEADLINE_EXCEEDED when it did not come in time
///   and still may; IE_INVALID_ARGUMENT for NaN.
ie_status ie_batch_next(ie_batch *batch, double timeout_seconds, ie_result **result, char **error);

/// Takes no more images into work; results of those in work still come, then the end.
ie_status ie_batch_stop(ie_batch *batch);

/// Takes no more images into work and forgets the others; whoever waits is told that it is the end.
ie_status ie_batch_cancel(ie_batch *batch);

/// Cancels what is not finished and frees the batch.
///
/// It waits for the images in work, at most one for each worker, and for the batch's threads to
/// end; what they read is then free.
void ie_batch_destroy(ie_batch *batch);

/// Embeds many images on all cores and waits for all of them.
///
/// @param items    `count` items, one after another; their memory is not copied.
/// @param options  Its worker_count counts; NULL for the defaults.
/// @param results  `count` places that are set to the results in order, each the caller's to
///   destroy; all NULL on failure. An image that could not be embedded has a result that says why.
/// @return IE_OK, however many images failed; else as ie_batch_create and ie_batch_add.
ie_status ie_embedder_embed_batch(const ie_embedder *embedder, const ie_item *items, size_t count,
                                  const ie_batch_options *options, ie_result **results,
                                  char **error);

// --- Stores -------------------------------------------------------------------------------------

/// A folder of vectors that `image-embedder embed --output FOLDER` wrote, to be read.
///
/// May be used from many threads at once, and while the folder is written: what counted when it was
/// opened is seen. A part that somebody cuts or removes meanwhile is an error of the call.
typedef struct ie_store ie_store;

/// Opens a folder; its records, and the parts' sizes and headers, are looked at.
///
/// @param path   The folder.
/// @param store  Set to the store, to close with ie_store_close.
/// @return IE_OK; IE_NOT_FOUND for a folder without run.json; IE_DATA_LOSS for a record that cannot
///   be read or a part that does not fit it; IE_UNIMPLEMENTED for a record of a later version.
ie_status ie_store_open(const char *path, ie_store **store, char **error);

/// Returns the number of rows; 0 for NULL.
size_t ie_store_count(const ie_store *store);

/// Returns the number of heads, which are the model's outputs; 0 for NULL.
size_t ie_store_head_count(const ie_store *store);

/// Returns the number of components of a head's vectors; -1 where there is no such head.
int64_t ie_store_head_dimension(const ie_store *store, size_t head);

/// Returns the fingerprint of what made the vectors, as ie_embedder_fingerprint has it where no
/// region and no raw frames were given; NULL for NULL.
const char *ie_store_fingerprint(const ie_store *store);

/// Reads what is stored of a row beside its vectors.
///
/// @param row     From 0.
/// @param path    Set to the image's path as it was given, to free with ie_string_free; may be
///   NULL.
/// @param width   Set to the width of the upright picture; may be NULL.
/// @param height  Set to its height; may be NULL.
/// @return IE_OK; IE_OUT_OF_RANGE; IE_DATA_LOSS where the part was damaged meanwhile.
ie_status ie_store_row(const ie_store *store, size_t row, char **path, int32_t *width,
                       int32_t *height, char **error);

/// Reads a row's vector.
///
/// @param row         From 0.
/// @param head        From 0.
/// @param components  Set to the components: floats, also those that are stored with 16 bits; of
///   quantized vectors the numbers -128 to 127.
/// @param count       The places in `components`, which must be the head's dimension.
/// @return IE_OK; IE_OUT_OF_RANGE; IE_INVALID_ARGUMENT for another count; IE_DATA_LOSS where the
///   part was damaged meanwhile.
ie_status ie_store_vector(const ie_store *store, size_t row, size_t head, float *components,
                          size_t count, char **error);

/// Removes the rows of images from a folder, which no run may be writing.
///
/// Parts that lose rows are written anew one at a time: whatever ends the process, or the machine,
/// every other row is there exactly once. The image files are left alone; a run whose inputs they
/// still are embeds them again. Stores that were opened before do not see the change, and fail
/// where they read a part that was written anew.
///
/// @param path           The folder.
/// @param images         The images' paths, spelled in whatever way; those that have no row do not
///   matter. May be NULL where `count` is 0.
/// @param count          The number of images.
/// @param removed_count  Set to the number of rows that were removed; may be NULL.
/// @return IE_OK; as ie_store_open; IE_UNAVAILABLE where a run is writing the folder;
///   IE_FAILED_PRECONDITION for a folder of 0.1.0 that no run has gone on with;
///   IE_PERMISSION_DENIED or IE_UNKNOWN where the folder may not or cannot be written.
ie_status ie_store_remove_rows(const char *path, const char *const *images, size_t count,
                               size_t *removed_count, char **error);

/// Frees the store.
void ie_store_close(ie_store *store);

// --- Search -------------------------------------------------------------------------------------

/// Exact search among the vectors of a store.
///
/// May be used from many threads at once. What counted when the store was opened is searched.
typedef struct ie_index ie_index;

/// How an index is made. All zeros but for struct_size are the defaults.
typedef struct ie_index_options {
  size_t struct_size;    ///< sizeof(ie_index_options).
  size_t head;           ///< The head whose vectors are compared, from 0.
  int32_t thread_count;  ///< The threads that search; 0 for one for each core.
  int32_t reserved;      ///< 0.
} ie_index_options;

/// What is asked of a search. All zeros but for struct_size are the defaults.
typedef struct ie_search_options {
  size_t struct_size;   ///< sizeof(ie_search_options).
  const size_t *rows;   ///< The rows that may be answers, in any order; NULL for all.
  size_t row_count;     ///< Their number.
  double min_cosine;    ///< The least cosine of an answer, where has_min_cosine is set.
  bool has_min_cosine;  ///< Whether there is a least cosine.
  int32_t reserved;     ///< 0.
} ie_search_options;

/// A row and how near it is to a query.
typedef struct ie_answer {
  size_t row;     ///< From 0.
  double cosine;  ///< As ie_cosine_similarity has it, to the last bit.
} ie_answer;

/// Prepares for searching a store.
///
/// The first index writes a file `derived/search.int8` into the store's folder, which takes as long
/// as reading all vectors, and later ones extend it for new parts. Where it cannot be written, the
/// rows are kept in memory, and ie_index_warning says so.
///
/// @param store    It may be closed before the index.
/// @param options  NULL for the defaults.
/// @param index    Set to the index, to close with ie_index_close.
/// @return IE_OK; IE_OUT_OF_RANGE where there is no such head; IE_INVALID_ARGUMENT for a negative
///   thread_count; IE_DATA_LOSS where the store was damaged; IE_RESOURCE_EXHAUSTED without memory.
ie_status ie_index_open(const ie_store *store, const ie_index_options *options, ie_index **index,
                        char **error);

/// Returns why the file beside the store could not be made or used, in a sentence; NULL where all
/// is well, and for NULL.
const char *ie_index_warning(const ie_index *index);

/// Finds the rows with the largest cosines to each of some queries; several share a pass over the
/// rows.
///
/// Rows that are all zeros, or have components that are no numbers, are never answers.
///
/// @param queries        `query_count` vectors of the store's kind and dimension, one after
///   another. Floats are compared with a store of quantized vectors too.
/// @param count          The most answers of a query, 1 or more.
/// @param options        NULL for the defaults.
/// @param answers        `query_count` times `count` places; those of a query begin at `count`
///   times its number: best first, equal ones in the order of the rows.
/// @param answer_counts  Set to the number of answers of each query, which is less than `count`
///   where there are no more.
/// @return IE_OK; IE_INVALID_ARGUMENT for a query that is of another kind or dimension, or all
///   zeros or not of numbers; IE_DATA_LOSS where the store was damaged meanwhile.
ie_status ie_index_search(const ie_index *index, const ie_vector *queries, size_t query_count,
                          size_t count, const ie_search_options *options, ie_answer *answers,
                          size_t *answer_counts, char **error);

/// Frees the index.
void ie_index_close(ie_index *index);

/// A search for pairs of rows that are near each other. Calls from several threads take turns.
typedef struct ie_pairs ie_pairs;

/// Two rows and how near they are to each other.
typedef struct ie_pair {
  size_t first;   ///< From 0.
  size_t second;  ///< A later row.
  double cosine;  ///< As ie_cosine_similarity has it, to the last bit.
} ie_pair;

/// Prepares to look for every pair of rows whose cosine is at least `min_cosine`.
///
/// All rows are compared with all others: twice as many take four times as long. Nothing is
/// compared before ie_pairs_next asks for it.
///
/// @param index    It may be closed before the pairs.
/// @param options  The rows of which both of a pair are, and the least cosine of a pair; NULL for
///   all pairs of all rows.
/// @param pairs    Set to the search, to close with ie_pairs_close.
/// @return IE_OK; IE_INVALID_ARGUMENT for a least cosine that is no number.
ie_status ie_index_pairs(const ie_index *index, const ie_search_options *options, ie_pairs **pairs,
                         char **error);

/// Looks for the next pairs, in the order of the first row and then of the second.
///
/// @param timeout_seconds  How long to look; 0 for the next rows alone, negative without end. The
///   time is looked at between groups of rows, each of which takes as long as some searches. Look
///   in short turns where the host must stay interruptible.
/// @param places           `capacity` places, which are filled from the first on.
/// @param capacity         1 or more; what does not fit comes with the next call.
/// @param count            Set to the number of pairs; 0 after the last, and on a timeout.
/// @return IE_OK, with pairs or at the end; IE_DEADLINE_EXCEEDED when none came in time and some
///   may follow; IE_DATA_LOSS where the store was damaged meanwhile; IE_INVALID_ARGUMENT for NaN.
ie_status ie_pairs_next(ie_pairs *pairs, double timeout_seconds, ie_pair *places, size_t capacity,
                        size_t *count, char **error);

/// Frees the search for pairs.
void ie_pairs_close(ie_pairs *pairs);

// --- Duplicates ---------------------------------------------------------------------------------

/// How surely two pictures are one, the surest first. Each pair is in the surest tier that holds.
typedef enum ie_duplicate_tier {
  IE_DUPLICATE_TIER_BYTES = 1,   ///< The files hold the same bytes.
  IE_DUPLICATE_TIER_PIXELS = 2,  ///< The upright decoded pixels are the same.
  IE_DUPLICATE_TIER_COPIES = 4,  ///< One was made from the other, which their pixels prove.
  IE_DUPLICATE_TIER_UNSURE = 8,  ///< The pixels neither prove nor disprove it; comes with copies.
  /// The vectors are near each other, and nothing proves a copy, as of bursts: no duplicates.
  IE_DUPLICATE_TIER_SIMILAR = 16
} ie_duplicate_tier;

/// Returns the name of a tier: "bytes", "pixels", "copies", "unsure" or "similar"; NULL for other
/// numbers. Valid for ever.
const char *ie_duplicate_tier_name(ie_duplicate_tier tier);

/// What is looked for among pictures. All zeros but for struct_size are the defaults.
typedef struct ie_duplicate_options {
  size_t struct_size;     ///< sizeof(ie_duplicate_options).
  uint32_t tiers;         ///< The tiers that are looked for, added up; 0 for all that can be.
  int32_t thread_count;   ///< The threads at work; 0, and more than there are cores, for all cores.
  size_t head;            ///< The head whose vectors are compared, from 0.
  double similar_cosine;  ///< From which a pair without proof is similar, up to 1; 0 for 0.9.
  /// Folders whose pictures are best kept, the most preferred first; NULL for none.
  const char *const *preferred_folders;
  size_t preferred_folder_count;  ///< Their number.
  /// Files that name pairs which somebody has looked at and which are left out: JSON Lines, each an
  /// object with "a" and "b" or with "members", as `image-embedder duplicates --json` writes them.
  /// NULL for none.
  const char *const *not_duplicates;
  size_t not_duplicates_count;  ///< Their number.
} ie_duplicate_options;

/// A search for pictures that are there more than once, and then what it found.
///
/// The same for the same pictures, whatever the number of threads. Nothing is removed or changed
/// but files beside the store, of small pictures and of what they prove: `derived/thumbnails.luma`
/// and `derived/duplicates.proofs`.
typedef struct ie_duplicates ie_duplicates;

/// Begins to look among the pictures of a store, on threads of its own.
///
/// Pictures that are gone or have changed since they were embedded are not compared;
/// ie_duplicates_failed names them.
///
/// @param store       It may be closed before the search.
/// @param options     NULL for the defaults.
/// @param duplicates  Set to the search, to close with ie_duplicates_close.
/// @return IE_OK, and what becomes of the search by ie_duplicates_wait; IE_OUT_OF_RANGE where there
///   is no such head; IE_INVALID_ARGUMENT for options that cannot be, and for a line of
///   not_duplicates that names no pictures; IE_NOT_FOUND and others where such a file cannot be
///   read; IE_RESOURCE_EXHAUSTED when the system has no thread to give.
ie_status ie_duplicates_find(const ie_store *store, const ie_duplicate_options *options,
                             ie_duplicates **duplicates, char **error);

/// Begins to look among files, which needs neither a model nor vectors: for equal bytes and equal
/// pixels.
///
/// @param paths    The files, and folders of them: of these the files are taken whose names end as
///   those of images do, also in the folders below, and not what is hidden.
/// @param count    The number of paths.
/// @param options  As for ie_duplicates_find; its head and similar_cosine do not count.
/// @return As ie_duplicates_find; IE_INVALID_ARGUMENT for tiers that need vectors, and for a folder
///   of vectors, which is to be opened as a store.
ie_status ie_duplicates_find_files(const char *const *paths, size_t count,
                                   const ie_duplicate_options *options, ie_duplicates **duplicates,
                                   char **error);

/// Waits for the end of the search.
///
/// @param timeout_seconds  How long to wait; 0 not at all, negative without end. Wait in short
///   turns where the host must stay interruptible.
/// @return IE_OK, where the search has ended well; IE_DEADLINE_EXCEEDED while it goes on;
///   IE_CANCELLED; IE_DATA_LOSS where the store was damaged meanwhile; IE_RESOURCE_EXHAUSTED;
///   IE_INVALID_ARGUMENT for NaN. After the end the same each time.
ie_status ie_duplicates_wait(ie_duplicates *duplicates, double timeout_seconds, char **error);

/// Tells how far the search is; any of the places may be NULL.
///
/// @param stage  Set to what is being done, such as "reading pictures"; NULL at the very beginning.
///   Valid for ever.
/// @param done   Set to what is done of that stage.
/// @param total  Set to how much there is to do, as far as that is known.
/// @return IE_OK.
ie_status ie_duplicates_progress(const ie_duplicates *duplicates, const char **stage, size_t *done,
                                 size_t *total);

/// Ends the search, or the writing of a move script, soon; never waits. What was read of pictures
/// until then is kept beside the store. A search that has ended keeps what it found.
ie_status ie_duplicates_cancel(ie_duplicates *duplicates);

/// One picture among those that are compared. Its text belongs to the search.
typedef struct ie_duplicate_picture {
  size_t struct_size;         ///< sizeof(ie_duplicate_picture).
  const char *path;           ///< As it was given, or as the store has it: bytes, mostly UTF-8.
  const char *absolute_path;  ///< The same from the root, likewise.
  int64_t row;                ///< The store's row, from 0; -1 without a store.
  int32_t width;              ///< Of the upright picture; 0 where nobody needed to know.
  int32_t height;             ///< Likewise.
  bool is_flat;               ///< Whether the picture shows nothing: blank, or of one colour.
  const char *problem;        ///< Why the picture was not compared; NULL where it was.
} ie_duplicate_picture;

/// Two pictures that belong together. Its text belongs to the search.
typedef struct ie_duplicate_pair {
  size_t struct_size;      ///< sizeof(ie_duplicate_pair).
  size_t a;                ///< The number of the first picture.
  size_t b;                ///< The number of the second, a larger one.
  ie_duplicate_tier tier;  ///< The surest that holds.
  double cosine;           ///< Of the stored vectors; NaN without a store.
  double correlation;      ///< Of the small pictures, aligned, -1 to 1; NaN where nobody looked.
  /// How the second is brought onto the first: "none", or some of "mirror", "turn 90" (clockwise)
  /// and "crop"; NULL for pictures that are no copies.
  const char *transform;
  const char *reason;  ///< A few words on what the tier rests on.
} ie_duplicate_pair;

/// Pictures of which every two meet a tier. What it points to belongs to the search.
typedef struct ie_duplicate_group {
  size_t struct_size;  ///< sizeof(ie_duplicate_group).
  /// Copies where some are copies and others equal; similar where they are no duplicates.
  ie_duplicate_tier tier;
  const size_t *members;  ///< The numbers of the pictures, in order.
  size_t member_count;    ///< At least 2.
  size_t keep;            ///< The one that is best kept, which is advice and no more.
  const char *reason;     ///< Why that one.
} ie_duplicate_group;

// Before the search has ended well, and for NULL, there are no pictures, pairs and groups.

/// Returns the number of pictures that were compared, or should have been.
size_t ie_duplicates_picture_count(const ie_duplicates *duplicates);

/// Describes a picture.
///
/// @param number   From 0, in the order of the rows or of the paths.
/// @param picture  Its struct_size is read, the rest of that size written.
/// @return IE_OK; IE_OUT_OF_RANGE where there is no such picture.
ie_status ie_duplicates_picture(const ie_duplicates *duplicates, size_t number,
                                ie_duplicate_picture *picture);

/// Returns the number of pairs. Of a group of more than a hundred each member is paired with the
/// one to keep alone.
size_t ie_duplicates_pair_count(const ie_duplicates *duplicates);

/// Describes a pair, as ie_duplicates_picture does a picture; in the order of the pictures.
ie_status ie_duplicates_pair(const ie_duplicates *duplicates, size_t number,
                             ie_duplicate_pair *pair);

/// Returns the number of groups: of duplicates, then of similar pictures.
size_t ie_duplicates_group_count(const ie_duplicates *duplicates);

/// Describes a group, as ie_duplicates_picture does a picture.
ie_status ie_duplicates_group(const ie_duplicates *duplicates, size_t number,
                              ie_duplicate_group *group);

/// Returns the numbers of the pictures that show nothing, which are compared by bytes and pixels
/// only; NULL where there are none.
///
/// @param count  Set to how many there are; may be NULL.
const size_t *ie_duplicates_flat(const ie_duplicates *duplicates, size_t *count);

/// Returns the numbers of the pictures that could not be compared, in the same way; each has a
/// problem.
const size_t *ie_duplicates_failed(const ie_duplicates *duplicates, size_t *count);

/// Returns what else is to be known of what was found; NULL past the last sentence.
const char *ie_duplicates_warning(const ie_duplicates *duplicates, size_t index);

/// Writes a script for POSIX shells that moves all duplicates but those that are best kept into a
/// folder. It is to be read before it is run; it holds every file against its SHA-256 before it
/// moves the first, deletes nothing and replaces nothing. Similar pictures stay.
///
/// Files whose SHA-256 nobody needed so far are read, which may take long;
/// ie_duplicates_cancel of another thread ends it.
///
/// @param path         The script, which appears whole or not at all and replaces such a script
///   only.
/// @param moved_count  Set to the number of pictures that it moves; may be NULL.
/// @return IE_OK; IE_FAILED_PRECONDITION where the search has not ended well, and where another
///   file has the name; IE_NOT_FOUND, IE_PERMISSION_DENIED … for files that cannot be read or
///   written; IE_CANCELLED.
ie_status ie_duplicates_write_move_script(ie_duplicates *duplicates, const char *path,
                                          size_t *moved_count, char **error);

/// Ends the search, waits for its threads, which takes as long as a picture or two, and frees it.
void ie_duplicates_close(ie_duplicates *duplicates);

#ifdef __cplusplus
}
#endif

#endif
