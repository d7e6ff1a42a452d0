// Image Embedder for C++17: image_embedder.h with owners in place of destroy functions.
//
//   auto embedder = image_embedder::Embedder::Create();
//   if (!embedder.ok()) return Fail(embedder.status());
//   auto result = embedder->EmbedFile("photo.jpg");
//   if (!result.ok()) return Fail(result.status());
//   const float *features = result->vector(0).floats;
//
// Header only, without exceptions. Every type that owns something is moved and not copied; one that
// was moved from answers with kInvalidArgument, 0 or nothing. image_embedder/tflite_task.hpp has
// the names of the TensorFlow Lite Task Library.

#ifndef IMAGE_EMBEDDER_HPP
#define IMAGE_EMBEDDER_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image_embedder.h"

namespace image_embedder {

/// The canonical status codes, with the numbers of absl::StatusCode.
enum class StatusCode : int {
  kOk = IE_OK,
  kCancelled = IE_CANCELLED,
  kUnknown = IE_UNKNOWN,
  kInvalidArgument = IE_INVALID_ARGUMENT,
  kDeadlineExceeded = IE_DEADLINE_EXCEEDED,
  kNotFound = IE_NOT_FOUND,
  kAlreadyExists = IE_ALREADY_EXISTS,
  kPermissionDenied = IE_PERMISSION_DENIED,
  kResourceExhausted = IE_RESOURCE_EXHAUSTED,
  kFailedPrecondition = IE_FAILED_PRECONDITION,
  kAborted = IE_ABORTED,
  kOutOfRange = IE_OUT_OF_RANGE,
  kUnimplemented = IE_UNIMPLEMENTED,
  kInternal = IE_INTERNAL,
  kUnavailable = IE_UNAVAILABLE,
  kDataLoss = IE_DATA_LOSS,
  kUnauthenticated = IE_UNAUTHENTICATED
};

namespace internal {

/// How Status and StatusOr become types of other libraries; see image_embedder/absl.hpp.
template <typename T>
struct Foreign;

}  // namespace internal

/// Success, or why there is none.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string &message() const { return message_; }

  /// "OK", or such as "NOT_FOUND: cannot open …".
  std::string ToString() const {
    if (ok()) return "OK";
    return std::string(ie_status_name(static_cast<ie_status>(code_))) + ": " + message_;
  }

  /// The same in another library's type, where its bridge is included.
  template <typename T, typename = decltype(internal::Foreign<T>::From(std::declval<Status>()))>
  operator T() const {
    return internal::Foreign<T>::From(*this);
  }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

/// A value, or why there is none.
///
/// value(), `*` and `->` end the program where there is no value, with the status on the standard
/// error; ask ok() first.
template <typename T>
class [[nodiscard]] StatusOr {
 public:
  /// A failure; a status that is OK counts as one too, since there is no value.
  StatusOr(Status status) : status_(std::move(status)) {
    if (status_.ok())
      status_ = Status(StatusCode::kInternal, "there is neither a value nor an error");
  }
  StatusOr(T value) : value_(std::move(value)) {}

  bool ok() const { return value_.has_value(); }
  const Status &status() const { return status_; }

  T &value() & { return Checked(), *value_; }
  const T &value() const & { return Checked(), *value_; }
  T &&value() && { return Checked(), *std::move(value_); }
  T &operator*() & { return value(); }
  const T &operator*() const & { return value(); }
  T &&operator*() && { return std::move(*this).value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }

  /// The same in another library's type, where its bridge is included.
  template <typename U,
            typename = decltype(internal::Foreign<U>::From(std::declval<StatusOr<T>>()))>
  operator U() && {
    return internal::Foreign<U>::From(std::move(*this));
  }

  /// The value, or `other` where there is none.
  template <typename U>
  T value_or(U &&other) const & {
    return ok() ? *value_ : static_cast<T>(std::forward<U>(other));
  }
  template <typename U>
  T value_or(U &&other) && {
    return ok() ? *std::move(value_) : static_cast<T>(std::forward<U>(other));
  }

 private:
  void Checked() const {
    if (ok()) return;
    std::fprintf(stderr, "a value was asked of a failure: %s\n", status_.ToString().c_str());
    std::abort();
  }

  Status status_;
  std::optional<T> value_;
};

namespace internal {

/// Takes over the message of a call, which failed or not.
inline Status TakeStatus(ie_status status, char *error) {
  Status result;
  if (status != IE_OK) {
    result = Status(static_cast<StatusCode>(status), error != nullptr ? error : "");
  }
  ie_string_free(error);
  return result;
}

inline std::string OrEmpty(const char *text) { return text != nullptr ? text : ""; }

struct Destroy {
  void operator()(ie_embedder *handle) const { ie_embedder_destroy(handle); }
  void operator()(ie_result *handle) const { ie_result_destroy(handle); }
  void operator()(ie_image *handle) const { ie_image_destroy(handle); }
  void operator()(ie_batch *handle) const { ie_batch_destroy(handle); }
  void operator()(ie_store *handle) const { ie_store_close(handle); }
  void operator()(ie_index *handle) const { ie_index_close(handle); }
  void operator()(ie_pairs *handle) const { ie_pairs_close(handle); }
  void operator()(ie_duplicates *handle) const { ie_duplicates_close(handle); }
};

template <typename T>
using Owner = std::unique_ptr<T, Destroy>;

/// A struct of image_embedder.h with its size and zeros.
template <typename T>
T Sized() {
  T result = {};
  result.struct_size = sizeof(T);
  return result;
}

/// The sentences that a function gives one after another.
template <typename T>
std::vector<std::string> Sentences(const char *(*function)(const T *, size_t), const T *handle) {
  std::vector<std::string> result;
  while (const char *sentence = function(handle, result.size())) result.emplace_back(sentence);
  return result;
}

}  // namespace internal

/// A rectangle of whole pixels; never clamped.
using Region = ie_region;

/// A feature vector that a Result owns: floats or signed bytes.
using Vector = ie_vector;

/// Describes pixels in one piece of memory, which stay where they are.
///
/// @param row_stride   The bytes from row to row of the first plane; 0 where rows are packed.
/// @param orientation  How the frame is brought upright, by the numbers of EXIF.
inline ie_frame Frame(const void *data, size_t byte_count, int width, int height,
                      ie_format format = IE_FORMAT_RGB, size_t row_stride = 0,
                      int orientation = 1) {
  ie_frame frame = internal::Sized<ie_frame>();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  frame.orientation = orientation;
  frame.plane_count = 1;
  frame.planes[0] = {data, byte_count, row_stride, 0};
  return frame;
}

/// How an embedder works; each member is explained in ie_options.
struct Options {
  std::string model;        ///< A path or a built-in name.
  std::string model_bytes;  ///< The content of a TFLite file; comes first if not empty.
  std::optional<ie_file_part> model_file_part;  ///< Comes last.
  bool l2_normalize = false;
  bool quantize = false;
  int thread_count = 1;
  std::vector<float> normalization_mean;
  std::vector<float> normalization_std;
  bool ignores_orientation = false;
  bool allows_truncated = false;
  int rotation = 0;
  int64_t max_pixels = 0;
  int64_t max_file_bytes = 0;
  ie_decoding decoding = IE_DECODING_EXACT;
  std::string preset;
  ie_alpha alpha = IE_ALPHA_DROP;
  std::string litert_path;
  std::string worker_path;
  int worker_timeout_seconds = 0;
  std::string signature;
  ie_pooling pooling = IE_POOLING_NONE;
  ie_layout map_layout = IE_LAYOUT_AS_INPUT;
  ie_accelerator accelerator = IE_ACCELERATOR_CPU;
  std::string accelerator_library;
  ie_precision precision = IE_PRECISION_FLOAT32;
};

namespace internal {

/// The same for C, valid as long as `options`.
inline ie_options Lent(const Options &options) {
  auto text = [](const std::string &string) { return string.empty() ? nullptr : string.c_str(); };
  ie_options result = Sized<ie_options>();
  result.model = text(options.model);
  result.model_bytes = options.model_bytes.data();
  result.model_byte_count = options.model_bytes.size();
  result.model_file_part = options.model_file_part ? &*options.model_file_part : nullptr;
  result.l2_normalize = options.l2_normalize;
  result.quantize = options.quantize;
  result.thread_count = options.thread_count;
  // Where the lengths differ, which Validate tells, there is nothing that could be read too far.
  if (!options.normalization_mean.empty() &&
      options.normalization_mean.size() == options.normalization_std.size()) {
    result.normalization_mean = options.normalization_mean.data();
    result.normalization_std = options.normalization_std.data();
    result.normalization_count = options.normalization_mean.size();
  }
  result.ignores_orientation = options.ignores_orientation;
  result.allows_truncated = options.allows_truncated;
  result.rotation = options.rotation;
  result.max_pixels = options.max_pixels;
  result.max_file_bytes = options.max_file_bytes;
  result.decoding = options.decoding;
  result.preset = text(options.preset);
  result.alpha = options.alpha;
  result.litert_path = text(options.litert_path);
  result.worker_path = text(options.worker_path);
  result.worker_timeout_seconds = options.worker_timeout_seconds;
  result.signature = text(options.signature);
  result.pooling = options.pooling;
  result.map_layout = options.map_layout;
  result.accelerator = options.accelerator;
  result.accelerator_library = text(options.accelerator_library);
  result.precision = options.precision;
  return result;
}

/// What C cannot see: vectors of different lengths.
inline Status Validate(const Options &options) {
  if (options.normalization_mean.size() == options.normalization_std.size()) return Status();
  return Status(StatusCode::kInvalidArgument,
                "there are " + std::to_string(options.normalization_mean.size()) + " mean and " +
                    std::to_string(options.normalization_std.size()) +
                    " std values; as many of one as of the other are needed");
}

}  // namespace internal

/// What became of one image.
class Result {
 public:
  /// Takes over a result of image_embedder.h.
  explicit Result(ie_result *handle) : handle_(handle) {}

  /// Whether the image was embedded, as in every result but some of a batch.
  Status status() const {
    const ie_status status = ie_result_status(handle_.get());
    if (status == IE_OK) return Status();
    const char *message = ie_result_message(handle_.get());
    return Status(static_cast<StatusCode>(status),
                  message != nullptr ? message : "the result was moved away");
  }
  bool ok() const { return ie_result_status(handle_.get()) == IE_OK; }

  /// The number of the item in its batch, from 0.
  size_t index() const { return ie_result_index(handle_.get()); }
  /// The number of vectors: one for each output of the model.
  size_t size() const { return ie_result_count(handle_.get()); }
  /// The vector of an output, valid as long as the result; all zeros where there is none.
  Vector vector(size_t head) const {
    Vector vector;
    ie_result_vector(handle_.get(), head, &vector);
    return vector;
  }
  int width() const { return ie_result_width(handle_.get()); }
  int height() const { return ie_result_height(handle_.get()); }
  std::vector<std::string> warnings() const {
    return internal::Sentences(ie_result_warning, handle_.get());
  }
  ie_result *get() const { return handle_.get(); }

 private:
  internal::Owner<ie_result> handle_;
};

/// A decoded image file.
class Image {
 public:
  /// Decodes an image file; of the options its limits and what concerns files count.
  static StatusOr<Image> DecodeFile(const std::string &path, const Options &options = {}) {
    return Make([&](ie_image **image, char **error) {
      const ie_options lent = internal::Lent(options);
      return ie_image_decode_file(path.c_str(), &lent, image, error);
    });
  }

  /// Decodes an image file in memory.
  static StatusOr<Image> Decode(const void *bytes, size_t byte_count, const Options &options = {}) {
    return Make([&](ie_image **image, char **error) {
      const ie_options lent = internal::Lent(options);
      return ie_image_decode(bytes, byte_count, &lent, image, error);
    });
  }

  /// The pixels as they are stored, valid as long as the image.
  ie_frame frame() const {
    ie_frame frame = internal::Sized<ie_frame>();
    static_cast<void>(ie_image_frame(handle_.get(), &frame));
    return frame;
  }
  /// The bytes of a pixel: 1 gray, 3 RGB, 4 RGBA.
  int channel_count() const { return ie_image_channel_count(handle_.get()); }
  std::string format_name() const { return internal::OrEmpty(ie_image_format_name(handle_.get())); }
  std::vector<std::string> warnings() const {
    return internal::Sentences(ie_image_warning, handle_.get());
  }
  ie_image *get() const { return handle_.get(); }

 private:
  explicit Image(ie_image *handle) : handle_(handle) {}

  template <typename Call>
  static StatusOr<Image> Make(Call call) {
    ie_image *image = nullptr;
    char *error = nullptr;
    const ie_status status = call(&image, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Image(image);
  }

  internal::Owner<ie_image> handle_;
};

/// Computes the cosine of the angle between two vectors.
inline StatusOr<double> CosineSimilarity(const Vector &u, const Vector &v) {
  double similarity = 0;
  char *error = nullptr;
  const ie_status status = ie_cosine_similarity(&u, &v, &similarity, &error);
  Status taken = internal::TakeStatus(status, error);
  if (!taken.ok()) return taken;
  return similarity;
}

/// A model that is ready to embed images, from any number of threads.
class Embedder {
 public:
  /// Loads a model and makes it ready.
  static StatusOr<Embedder> Create(const Options &options = {}) {
    Status valid = internal::Validate(options);
    if (!valid.ok()) return valid;
    const ie_options lent = internal::Lent(options);
    ie_embedder *embedder = nullptr;
    char *error = nullptr;
    const ie_status status = ie_embedder_create(&lent, &embedder, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Embedder(embedder);
  }

  /// Embeds pixels, or a region in pixels of the stored frame.
  StatusOr<Result> EmbedFrame(const ie_frame &frame, const Region *region = nullptr) const {
    return Embed([&](ie_result **result, char **error) {
      return ie_embedder_embed_frame(handle_.get(), &frame, region, result, error);
    });
  }

  /// Embeds an image file, or a region in pixels of the upright picture.
  StatusOr<Result> EmbedFile(const std::string &path, const Region *region = nullptr) const {
    return Embed([&](ie_result **result, char **error) {
      return ie_embedder_embed_file(handle_.get(), path.c_str(), region, result, error);
    });
  }

  /// Embeds an image file in memory.
  StatusOr<Result> EmbedEncoded(const void *bytes, size_t byte_count,
                                const Region *region = nullptr) const {
    return Embed([&](ie_result **result, char **error) {
      return ie_embedder_embed_encoded(handle_.get(), bytes, byte_count, region, result, error);
    });
  }

  /// Embeds a decoded image.
  StatusOr<Result> EmbedImage(const Image &image, const Region *region = nullptr) const {
    return Embed([&](ie_result **result, char **error) {
      return ie_embedder_embed_image(handle_.get(), image.get(), region, result, error);
    });
  }

  /// Embeds many images on all cores and waits for all of them; each has a status of its own.
  StatusOr<std::vector<Result>> EmbedBatch(const std::vector<ie_item> &items,
                                           int worker_count = 0) const {
    ie_batch_options options = internal::Sized<ie_batch_options>();
    options.worker_count = worker_count;
    std::vector<ie_result *> handles(items.size());
    char *error = nullptr;
    const ie_status status = ie_embedder_embed_batch(handle_.get(), items.data(), items.size(),
                                                     &options, handles.data(), &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    std::vector<Result> results;
    results.reserve(handles.size());
    for (ie_result *handle : handles) results.emplace_back(handle);
    return results;
  }

  size_t head_count() const { return ie_embedder_head_count(handle_.get()); }
  std::string head_name(size_t head) const {
    return internal::OrEmpty(ie_embedder_head_name(handle_.get(), head));
  }
  /// The number of components of an output's vectors; -1 where there is no such output.
  int64_t head_dimension(size_t head) const {
    return ie_embedder_head_dimension(handle_.get(), head);
  }
  /// What the model says about itself; empty where it says nothing.
  std::string metadata(ie_metadata key) const {
    return internal::OrEmpty(ie_embedder_metadata(handle_.get(), key));
  }
  std::string model_name() const {
    return internal::OrEmpty(ie_embedder_model_name(handle_.get()));
  }
  /// The SHA-256 of the model file.
  std::string model_digest() const {
    return internal::OrEmpty(ie_embedder_model_digest(handle_.get()));
  }
  /// What makes the vectors, in 64 digits: vectors of different fingerprints must not be compared.
  std::string fingerprint() const {
    return internal::OrEmpty(ie_embedder_fingerprint(handle_.get()));
  }
  ie_embedder *get() const { return handle_.get(); }

 private:
  explicit Embedder(ie_embedder *handle) : handle_(handle) {}

  template <typename Call>
  static StatusOr<Result> Embed(Call call) {
    ie_result *result = nullptr;
    char *error = nullptr;
    const ie_status status = call(&result, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Result(result);
  }

  internal::Owner<ie_embedder> handle_;
};

/// What a copy of a model is to say of itself; each member is explained in ie_annotations.
struct Annotations {
  std::vector<float> normalization_mean;
  std::vector<float> normalization_std;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> version;
  std::optional<std::string> author;
  std::optional<std::string> license;
  std::vector<std::string> head_names;
};

/// Writes a copy of a model with annotations.
///
/// @param options  Names the model; the rest of it does not count.
/// @param output   The copy's path, which ends in ".tflite".
inline Status Annotate(const Options &options, const Annotations &annotations,
                       const std::string &output) {
  Options model;
  model.model = options.model;
  model.model_bytes = options.model_bytes;
  model.model_file_part = options.model_file_part;
  model.normalization_mean = annotations.normalization_mean;
  model.normalization_std = annotations.normalization_std;
  Status valid = internal::Validate(model);
  if (!valid.ok()) return valid;
  const ie_options lent = internal::Lent(model);
  auto text = [](const std::optional<std::string> &string) {
    return string ? string->c_str() : nullptr;
  };
  std::vector<const char *> names;
  for (const std::string &name : annotations.head_names) names.push_back(name.c_str());
  ie_annotations result = internal::Sized<ie_annotations>();
  result.normalization_mean = lent.normalization_mean;
  result.normalization_std = lent.normalization_std;
  result.normalization_count = lent.normalization_count;
  result.name = text(annotations.name);
  result.description = text(annotations.description);
  result.version = text(annotations.version);
  result.author = text(annotations.author);
  result.license = text(annotations.license);
  result.head_names = names.empty() ? nullptr : names.data();
  result.head_name_count = names.size();
  char *error = nullptr;
  const ie_status status = ie_model_annotate(&lent, &result, output.c_str(), &error);
  return internal::TakeStatus(status, error);
}

/// One image of a batch: the file at a path.
inline ie_item FileItem(const char *path, const Region *region = nullptr) {
  ie_item item = internal::Sized<ie_item>();
  item.path = path;
  item.region = region;
  return item;
}

/// One image of a batch: an image file in memory.
inline ie_item EncodedItem(const void *bytes, size_t byte_count, const Region *region = nullptr) {
  ie_item item = internal::Sized<ie_item>();
  item.bytes = bytes;
  item.byte_count = byte_count;
  item.region = region;
  return item;
}

/// One image of a batch: pixels.
inline ie_item FrameItem(const ie_frame *frame, const Region *region = nullptr) {
  ie_item item = internal::Sized<ie_item>();
  item.frame = frame;
  item.region = region;
  return item;
}

/// Images on their way to vectors, on threads of their own.
class Batch {
 public:
  /// Begins a batch, without items.
  ///
  /// @param borrows_memory  Whether items' bytes and pixels are read where they are, and stay there
  ///   until their result was taken or the batch is gone.
  static StatusOr<Batch> Create(const Embedder &embedder, int worker_count = 0,
                                bool borrows_memory = false) {
    ie_batch_options options = internal::Sized<ie_batch_options>();
    options.worker_count = worker_count;
    options.borrows_memory = borrows_memory;
    ie_batch *batch = nullptr;
    char *error = nullptr;
    const ie_status status = ie_batch_create(embedder.get(), &options, &batch, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Batch(batch);
  }

  /// Adds an image; never waits.
  Status Add(const ie_item &item) {
    char *error = nullptr;
    const ie_status status = ie_batch_add(handle_.get(), &item, &error);
    return internal::TakeStatus(status, error);
  }

  /// Says that no more images are added.
  void Finish() { static_cast<void>(ie_batch_finish(handle_.get())); }

  /// Waits for the next result, in the order of the items.
  ///
  /// @return The result; nothing after the last; kDeadlineExceeded when it did not come within
  ///   `timeout_seconds`, of which a negative number has no end.
  StatusOr<std::optional<Result>> Next(double timeout_seconds = -1) {
    ie_result *result = nullptr;
    char *error = nullptr;
    const ie_status status = ie_batch_next(handle_.get(), timeout_seconds, &result, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    if (result == nullptr) return std::optional<Result>();
    return std::optional<Result>(Result(result));
  }

  /// Takes no more images into work; results of those in work still come.
  void Stop() { static_cast<void>(ie_batch_stop(handle_.get())); }

  /// Takes no more images into work and forgets the others.
  void Cancel() { static_cast<void>(ie_batch_cancel(handle_.get())); }

 private:
  explicit Batch(ie_batch *handle) : handle_(handle) {}

  internal::Owner<ie_batch> handle_;
};

/// What a store says of a row beside its vectors.
struct StoredRow {
  std::string path;  ///< The image's path as it was given.
  int width = 0;     ///< The width of the upright picture, in pixels.
  int height = 0;    ///< Its height.
};

/// A folder of vectors that `image-embedder embed --output FOLDER` wrote, to be read from any
/// number of threads; see ie_store.
class Store {
 public:
  /// Opens a folder.
  ///
  /// @return kNotFound for a folder without run.json; kDataLoss for a record that cannot be read or
  ///   a part that does not fit it; kUnimplemented for a record of a later version.
  static StatusOr<Store> Open(const std::string &path) {
    ie_store *store = nullptr;
    char *error = nullptr;
    const ie_status status = ie_store_open(path.c_str(), &store, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Store(store);
  }

  /// The number of rows.
  size_t size() const { return ie_store_count(handle_.get()); }
  size_t head_count() const { return ie_store_head_count(handle_.get()); }
  /// The number of components of a head's vectors; -1 where there is no such head.
  int64_t head_dimension(size_t head) const { return ie_store_head_dimension(handle_.get(), head); }
  /// What made the vectors, as Embedder::fingerprint has it.
  std::string fingerprint() const { return internal::OrEmpty(ie_store_fingerprint(handle_.get())); }

  /// What is stored of a row, from 0, beside its vectors.
  StatusOr<StoredRow> row(size_t number) const {
    char *path = nullptr;
    char *error = nullptr;
    int32_t width = 0, height = 0;
    const ie_status status = ie_store_row(handle_.get(), number, &path, &width, &height, &error);
    StoredRow row{internal::OrEmpty(path), width, height};
    ie_string_free(path);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return row;
  }

  /// A row's vector: floats, also those that are stored with 16 bits; of quantized vectors the
  /// numbers -128 to 127.
  StatusOr<std::vector<float>> vector(size_t number, size_t head = 0) const {
    const int64_t dimension = head_dimension(head);
    std::vector<float> components(dimension < 0 ? 0 : static_cast<size_t>(dimension));
    // An empty vector has no memory, and C is to tell what is wrong with the head.
    float none = 0;
    char *error = nullptr;
    const ie_status status =
        ie_store_vector(handle_.get(), number, head, components.empty() ? &none : components.data(),
                        components.size(), &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return components;
  }

  /// Removes the rows of images from a folder, which no run may be writing; see
  /// ie_store_remove_rows.
  ///
  /// @return The number of rows that were removed; stores that are open do not see it.
  static StatusOr<size_t> RemoveRows(const std::string &path,
                                     const std::vector<std::string> &images) {
    std::vector<const char *> paths;
    paths.reserve(images.size());
    for (const std::string &image : images) paths.push_back(image.c_str());
    size_t removed_count = 0;
    char *error = nullptr;
    const ie_status status =
        ie_store_remove_rows(path.c_str(), paths.data(), paths.size(), &removed_count, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return removed_count;
  }

  ie_store *get() const { return handle_.get(); }

 private:
  explicit Store(ie_store *handle) : handle_(handle) {}

  internal::Owner<ie_store> handle_;
};

/// A row of a store and how near it is to a query.
using Answer = ie_answer;

/// Two rows of a store and how near they are to each other.
using Pair = ie_pair;

/// A search for pairs of rows that are near each other; see ie_pairs.
class Pairs {
 public:
  /// The next pairs, some thousands at most, in the order of the first row and then of the second.
  ///
  /// @return None after the last; kDataLoss where the store was damaged meanwhile.
  StatusOr<std::vector<Pair>> Next() {
    std::vector<Pair> pairs(4096);
    size_t count = 0;
    char *error = nullptr;
    const ie_status status =
        ie_pairs_next(handle_.get(), -1, pairs.data(), pairs.size(), &count, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    pairs.resize(count);
    return pairs;
  }

  ie_pairs *get() const { return handle_.get(); }

 private:
  friend class Index;

  explicit Pairs(ie_pairs *handle) : handle_(handle) {}

  internal::Owner<ie_pairs> handle_;
};

/// Exact search among the vectors of a store, from any number of threads; see ie_index.
class Index {
 public:
  /// Prepares for searching a head of a store, which need not outlive the index.
  ///
  /// @param thread_count  The threads that search; 0 for one for each core.
  /// @return kOutOfRange where there is no such head; kDataLoss where the store was damaged.
  static StatusOr<Index> Open(const Store &store, size_t head = 0, int thread_count = 0) {
    ie_index_options options = internal::Sized<ie_index_options>();
    options.head = head;
    options.thread_count = thread_count;
    ie_index *index = nullptr;
    char *error = nullptr;
    const ie_status status = ie_index_open(store.get(), &options, &index, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Index(index, store.size());
  }

  /// Why the file beside the store could not be made or used; empty where all is well.
  std::string warning() const { return internal::OrEmpty(ie_index_warning(handle_.get())); }

  /// The rows with the largest cosines to a query, best first.
  ///
  /// @param query       A vector of the store's dimension.
  /// @param count       The most answers.
  /// @param min_cosine  The least cosine of an answer.
  /// @return kInvalidArgument for a query that cannot be compared; kDataLoss where the store was
  ///   damaged meanwhile.
  StatusOr<std::vector<Answer>> Search(const std::vector<float> &query, size_t count,
                                       std::optional<double> min_cosine = std::nullopt) const {
    ie_vector vector = {};
    vector.floats = query.data();
    vector.count = query.size();
    return Search(vector, count, min_cosine);
  }

  /// The same for a quantized query.
  StatusOr<std::vector<Answer>> Search(const std::vector<int8_t> &query, size_t count,
                                       std::optional<double> min_cosine = std::nullopt) const {
    ie_vector vector = {};
    vector.quantized = query.data();
    vector.count = query.size();
    return Search(vector, count, min_cosine);
  }

  /// Prepares to look for every pair of rows whose cosine is large enough.
  ///
  /// @param min_cosine  The least cosine of a pair.
  /// @param rows        The rows of which both of a pair are; all by default.
  /// @return kInvalidArgument for a least cosine that is no number.
  StatusOr<Pairs> FindPairs(double min_cosine,
                            const std::optional<std::vector<size_t>> &rows = std::nullopt) const {
    // An empty list is not the same as none.
    const size_t none = 0;
    ie_search_options options = internal::Sized<ie_search_options>();
    options.has_min_cosine = true;
    options.min_cosine = min_cosine;
    if (rows.has_value()) {
      options.rows = rows->empty() ? &none : rows->data();
      options.row_count = rows->size();
    }
    ie_pairs *pairs = nullptr;
    char *error = nullptr;
    const ie_status status = ie_index_pairs(handle_.get(), &options, &pairs, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Pairs(pairs);
  }

  ie_index *get() const { return handle_.get(); }

 private:
  Index(ie_index *handle, size_t size) : handle_(handle), size_(size) {}

  StatusOr<std::vector<Answer>> Search(const ie_vector &query, size_t count,
                                       std::optional<double> min_cosine) const {
    ie_search_options options = internal::Sized<ie_search_options>();
    options.has_min_cosine = min_cosine.has_value();
    options.min_cosine = min_cosine.value_or(0);
    // More places than rows are never filled.
    count = std::min(count, std::max<size_t>(size_, 1));
    std::vector<Answer> answers(count);
    size_t found = 0;
    char *error = nullptr;
    const ie_status status =
        ie_index_search(handle_.get(), &query, 1, count, &options, answers.data(), &found, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    answers.resize(found);
    return answers;
  }

  internal::Owner<ie_index> handle_;
  size_t size_;
};

/// How surely two pictures are one, the surest first; see ie_duplicate_tier.
enum class DuplicateTier : int {
  kBytes = IE_DUPLICATE_TIER_BYTES,
  kPixels = IE_DUPLICATE_TIER_PIXELS,
  kCopies = IE_DUPLICATE_TIER_COPIES,
  kUnsure = IE_DUPLICATE_TIER_UNSURE,
  kSimilar = IE_DUPLICATE_TIER_SIMILAR
};

/// The name of a tier, such as "copies".
inline std::string DuplicateTierName(DuplicateTier tier) {
  return internal::OrEmpty(ie_duplicate_tier_name(static_cast<ie_duplicate_tier>(tier)));
}

/// What is looked for among pictures; each member is explained in ie_duplicate_options.
struct DuplicateOptions {
  std::vector<DuplicateTier> tiers;  ///< Empty for all that can be.
  int thread_count = 0;
  size_t head = 0;
  double similar_cosine = 0.9;
  std::vector<std::string> preferred_folders;
  std::vector<std::string> not_duplicates;
};

/// One picture among those that are compared.
struct DuplicatePicture {
  std::string path;           ///< As it was given, or as the store has it.
  std::string absolute_path;  ///< The same from the root.
  std::optional<size_t> row;  ///< The store's row; none without a store.
  int width = 0;              ///< Of the upright picture; 0 where nobody needed to know.
  int height = 0;             ///< Likewise.
  bool is_flat = false;       ///< Whether the picture shows nothing.
  std::string problem;        ///< Why the picture was not compared; empty where it was.
};

/// Two pictures that belong together, by their numbers.
struct DuplicatePair {
  size_t a = 0;
  size_t b = 0;
  DuplicateTier tier = DuplicateTier::kSimilar;
  std::optional<double> cosine;       ///< Of the stored vectors; none without a store.
  std::optional<double> correlation;  ///< Of the small pictures; none where nobody looked.
  std::string transform;              ///< How b becomes a; empty for pictures that are no copies.
  std::string reason;                 ///< What the tier rests on.
};

/// Pictures of which every two meet a tier, by their numbers.
struct DuplicateGroup {
  DuplicateTier tier = DuplicateTier::kSimilar;
  std::vector<size_t> members;  ///< In order.
  size_t keep = 0;              ///< The one that is best kept, which is advice and no more.
  std::string reason;           ///< Why that one.
};

/// How far a search for duplicates is.
struct DuplicateProgress {
  std::string stage;  ///< What is being done, such as "reading pictures"; empty at the beginning.
  size_t done = 0;    ///< What is done of that stage.
  size_t total = 0;   ///< How much there is to do, as far as that is known.
};

/// A search for pictures that are there more than once, and then what it found; see ie_duplicates.
///
/// Where it goes out of scope before its end, it is ended.
class Duplicates {
 public:
  /// Begins to look among the pictures of a store, which need not outlive the search.
  ///
  /// @return kOutOfRange where there is no such head; kInvalidArgument for options that cannot be.
  static StatusOr<Duplicates> Find(const Store &store, const DuplicateOptions &options = {}) {
    return Make(options,
                [&](const ie_duplicate_options *lent, ie_duplicates **duplicates, char **error) {
                  return ie_duplicates_find(store.get(), lent, duplicates, error);
                });
  }

  /// Begins to look among files, and those in folders, for equal bytes and equal pixels.
  ///
  /// @return kInvalidArgument for tiers that need vectors, and for a folder of vectors.
  static StatusOr<Duplicates> FindFiles(const std::vector<std::string> &paths,
                                        const DuplicateOptions &options = {}) {
    const std::vector<const char *> lent_paths = Texts(paths);
    return Make(options,
                [&](const ie_duplicate_options *lent, ie_duplicates **duplicates, char **error) {
                  return ie_duplicates_find_files(lent_paths.data(), lent_paths.size(), lent,
                                                  duplicates, error);
                });
  }

  /// Waits for the end of the search.
  ///
  /// @param timeout_seconds  How long; negative without end.
  /// @return What became of the search; kDeadlineExceeded while it goes on.
  Status Wait(double timeout_seconds = -1) const {
    char *error = nullptr;
    const ie_status status = ie_duplicates_wait(handle_.get(), timeout_seconds, &error);
    return internal::TakeStatus(status, error);
  }

  /// How far the search is.
  DuplicateProgress progress() const {
    const char *stage = nullptr;
    DuplicateProgress result;
    static_cast<void>(ie_duplicates_progress(handle_.get(), &stage, &result.done, &result.total));
    result.stage = internal::OrEmpty(stage);
    return result;
  }

  /// Ends the search, or the writing of a move script, soon.
  void Cancel() const { static_cast<void>(ie_duplicates_cancel(handle_.get())); }

  /// The number of pictures; before the search has ended well there are none, nor anything else.
  size_t picture_count() const { return ie_duplicates_picture_count(handle_.get()); }
  /// The picture with a number, from 0; all empty where there is none.
  DuplicatePicture picture(size_t number) const {
    ie_duplicate_picture picture = internal::Sized<ie_duplicate_picture>();
    DuplicatePicture result;
    if (ie_duplicates_picture(handle_.get(), number, &picture) != IE_OK) return result;
    result.path = internal::OrEmpty(picture.path);
    result.absolute_path = internal::OrEmpty(picture.absolute_path);
    if (picture.row >= 0) result.row = static_cast<size_t>(picture.row);
    result.width = picture.width;
    result.height = picture.height;
    result.is_flat = picture.is_flat;
    result.problem = internal::OrEmpty(picture.problem);
    return result;
  }

  /// The pairs, in the order of the pictures. Of a group of more than a hundred each member is
  /// paired with the one to keep alone.
  std::vector<DuplicatePair> pairs() const {
    std::vector<DuplicatePair> result(ie_duplicates_pair_count(handle_.get()));
    for (size_t number = 0; number < result.size(); ++number) {
      ie_duplicate_pair pair = internal::Sized<ie_duplicate_pair>();
      static_cast<void>(ie_duplicates_pair(handle_.get(), number, &pair));
      result[number] = {pair.a,
                        pair.b,
                        static_cast<DuplicateTier>(pair.tier),
                        Number(pair.cosine),
                        Number(pair.correlation),
                        internal::OrEmpty(pair.transform),
                        internal::OrEmpty(pair.reason)};
    }
    return result;
  }

  /// The groups: of duplicates, then of similar pictures.
  std::vector<DuplicateGroup> groups() const {
    std::vector<DuplicateGroup> result(ie_duplicates_group_count(handle_.get()));
    for (size_t number = 0; number < result.size(); ++number) {
      ie_duplicate_group group = internal::Sized<ie_duplicate_group>();
      static_cast<void>(ie_duplicates_group(handle_.get(), number, &group));
      result[number] = {static_cast<DuplicateTier>(group.tier),
                        std::vector<size_t>(group.members, group.members + group.member_count),
                        group.keep, internal::OrEmpty(group.reason)};
    }
    return result;
  }

  /// The pictures that show nothing, which are compared by bytes and pixels only.
  std::vector<size_t> flat() const { return Numbers(ie_duplicates_flat); }
  /// The pictures that could not be compared; their problems say why.
  std::vector<size_t> failed() const { return Numbers(ie_duplicates_failed); }
  /// What else is to be known of what was found.
  std::vector<std::string> warnings() const {
    return internal::Sentences(ie_duplicates_warning, handle_.get());
  }

  /// Writes a script that moves all duplicates but those that are best kept into a folder; see
  /// ie_duplicates_write_move_script.
  ///
  /// @return The number of pictures that it moves; kFailedPrecondition where the search has not
  ///   ended well, and where another file has the name.
  StatusOr<size_t> WriteMoveScript(const std::string &path) const {
    size_t moved_count = 0;
    char *error = nullptr;
    const ie_status status =
        ie_duplicates_write_move_script(handle_.get(), path.c_str(), &moved_count, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return moved_count;
  }

  ie_duplicates *get() const { return handle_.get(); }

 private:
  explicit Duplicates(ie_duplicates *handle) : handle_(handle) {}

  static std::vector<const char *> Texts(const std::vector<std::string> &strings) {
    std::vector<const char *> texts;
    texts.reserve(strings.size());
    for (const std::string &string : strings) texts.push_back(string.c_str());
    return texts;
  }

  static std::optional<double> Number(double number) {
    return std::isnan(number) ? std::nullopt : std::optional<double>(number);
  }

  std::vector<size_t> Numbers(const size_t *(*function)(const ie_duplicates *, size_t *)) const {
    size_t count = 0;
    const size_t *numbers = function(handle_.get(), &count);
    return std::vector<size_t>(numbers, numbers + count);
  }

  template <typename Call>
  static StatusOr<Duplicates> Make(const DuplicateOptions &options, Call call) {
    const std::vector<const char *> folders = Texts(options.preferred_folders);
    const std::vector<const char *> files = Texts(options.not_duplicates);
    ie_duplicate_options lent = internal::Sized<ie_duplicate_options>();
    for (DuplicateTier tier : options.tiers) lent.tiers |= static_cast<uint32_t>(tier);
    lent.thread_count = options.thread_count;
    lent.head = options.head;
    // Zero is the default in C, and no cosine to be similar from.
    lent.similar_cosine = options.similar_cosine == 0 ? -1 : options.similar_cosine;
    lent.preferred_folders = folders.data();
    lent.preferred_folder_count = folders.size();
    lent.not_duplicates = files.data();
    lent.not_duplicates_count = files.size();
    ie_duplicates *duplicates = nullptr;
    char *error = nullptr;
    const ie_status status = call(&lent, &duplicates, &error);
    Status taken = internal::TakeStatus(status, error);
    if (!taken.ok()) return taken;
    return Duplicates(duplicates);
  }

  internal::Owner<ie_duplicates> handle_;
};

/// The version of the library.
inline std::string Version() { return ie_version(); }

}  // namespace image_embedder

#endif
