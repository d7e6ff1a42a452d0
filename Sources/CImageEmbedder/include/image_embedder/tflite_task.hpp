// The names of the TensorFlow Lite Task Library's ImageEmbedder, for programs written for it.
//
// Change the includes to this one and build without Bazel. docs/c-and-cpp.md lists every
// difference. What the Task Library takes from Abseil and protobuf is here made of C++17: StatusOr
// and messages with the accessors that protobuf would generate.

#ifndef IMAGE_EMBEDDER_TFLITE_TASK_HPP
#define IMAGE_EMBEDDER_TFLITE_TASK_HPP

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../image_embedder.hpp"

namespace tflite {

namespace support {

using Status = image_embedder::Status;
using StatusCode = image_embedder::StatusCode;
template <typename T>
using StatusOr = image_embedder::StatusOr<T>;

}  // namespace support

namespace task {

namespace core {

/// An open file that holds a model.
class FileDescriptorMeta {
 public:
  int fd() const { return fd_; }
  bool has_fd() const { return has_fd_; }
  void set_fd(int fd) { fd_ = fd, has_fd_ = true; }
  int64_t length() const { return length_; }
  void set_length(int64_t length) { length_ = length; }
  int64_t offset() const { return offset_; }
  void set_offset(int64_t offset) { offset_ = offset; }

 private:
  int fd_ = 0;
  bool has_fd_ = false;
  int64_t length_ = 0;
  int64_t offset_ = 0;
};

/// Where a model is: its content if there is some, else its name, else an open file.
class ExternalFile {
 public:
  const std::string &file_name() const { return file_name_; }
  bool has_file_name() const { return !file_name_.empty(); }
  /// Takes a path, or the name of a built-in model.
  void set_file_name(std::string name) { file_name_ = std::move(name); }

  const std::string &file_content() const { return file_content_; }
  bool has_file_content() const { return !file_content_.empty(); }
  void set_file_content(std::string content) { file_content_ = std::move(content); }
  void set_file_content(const void *content, size_t byte_count) {
    file_content_.assign(static_cast<const char *>(content), byte_count);
  }
  std::string *mutable_file_content() { return &file_content_; }

  const FileDescriptorMeta &file_descriptor_meta() const { return file_descriptor_meta_; }
  bool has_file_descriptor_meta() const { return has_file_descriptor_meta_; }
  FileDescriptorMeta *mutable_file_descriptor_meta() {
    has_file_descriptor_meta_ = true;
    return &file_descriptor_meta_;
  }

 private:
  std::string file_name_;
  std::string file_content_;
  FileDescriptorMeta file_descriptor_meta_;
  bool has_file_descriptor_meta_ = false;
};

}  // namespace core

namespace vision {

/// How an embedder works.
class ImageEmbedderOptions {
 public:
  const core::ExternalFile &model_file_with_metadata() const { return model_; }
  bool has_model_file_with_metadata() const { return has_model_; }
  core::ExternalFile *mutable_model_file_with_metadata() {
    has_model_ = true;
    return &model_;
  }

  bool l2_normalize() const { return l2_normalize_; }
  void set_l2_normalize(bool l2_normalize) { l2_normalize_ = l2_normalize; }
  bool quantize() const { return quantize_; }
  void set_quantize(bool quantize) { quantize_ = quantize; }
  int num_threads() const { return num_threads_; }
  void set_num_threads(int num_threads) { num_threads_ = num_threads; }

 private:
  core::ExternalFile model_;
  bool has_model_ = false;
  bool l2_normalize_ = false;
  bool quantize_ = false;
  int num_threads_ = 1;
};

/// A rectangle in pixels of the stored frame; never clamped.
class BoundingBox {
 public:
  int origin_x() const { return region_.x; }
  void set_origin_x(int x) { region_.x = x; }
  int origin_y() const { return region_.y; }
  void set_origin_y(int y) { region_.y = y; }
  int width() const { return region_.width; }
  void set_width(int width) { region_.width = width; }
  int height() const { return region_.height; }
  void set_height(int height) { region_.height = height; }

 private:
  friend class ImageEmbedder;
  ie_region region_ = {};
};

/// Floats, or a string with one signed byte a component.
class FeatureVector {
 public:
  const std::vector<float> &value_float() const { return value_float_; }
  float value_float(int index) const { return value_float_[static_cast<size_t>(index)]; }
  int value_float_size() const { return static_cast<int>(value_float_.size()); }
  void add_value_float(float value) { value_float_.push_back(value); }
  std::vector<float> *mutable_value_float() { return &value_float_; }
  void clear_value_float() { value_float_.clear(); }

  const std::string &value_string() const { return value_string_; }
  bool has_value_string() const { return has_value_string_; }
  void set_value_string(std::string value) {
    value_string_ = std::move(value);
    has_value_string_ = true;
  }
  std::string *mutable_value_string() {
    has_value_string_ = true;
    return &value_string_;
  }
  void clear_value_string() {
    value_string_.clear();
    has_value_string_ = false;
  }

 private:
  friend class ImageEmbedder;

  /// The vector for C, valid as long as this.
  ie_vector lent() const {
    ie_vector vector = {};
    if (has_value_string_) {
      vector.quantized = reinterpret_cast<const int8_t *>(value_string_.data());
      vector.count = value_string_.size();
    } else if (!value_float_.empty()) {
      vector.floats = value_float_.data();
      vector.count = value_float_.size();
    }
    return vector;
  }

  std::vector<float> value_float_;
  std::string value_string_;
  bool has_value_string_ = false;
};

/// The feature vector of one output of the model.
class Embedding {
 public:
  const vision::FeatureVector &feature_vector() const { return feature_vector_; }
  bool has_feature_vector() const { return has_feature_vector_; }
  vision::FeatureVector *mutable_feature_vector() {
    has_feature_vector_ = true;
    return &feature_vector_;
  }
  int output_index() const { return output_index_; }
  void set_output_index(int index) { output_index_ = index; }

 private:
  vision::FeatureVector feature_vector_;
  bool has_feature_vector_ = false;
  int output_index_ = 0;
};

/// The embeddings of a result. An index out of range gives an empty Embedding.
class EmbeddingList {
 public:
  const Embedding &operator[](int index) const {
    static const Embedding nothing;
    return index >= 0 && index < size() ? embeddings_[static_cast<size_t>(index)] : nothing;
  }
  const Embedding &operator()(int index) const { return (*this)[index]; }
  const EmbeddingList &operator()() const { return *this; }
  int size() const { return static_cast<int>(embeddings_.size()); }
  bool empty() const { return embeddings_.empty(); }
  auto begin() const { return embeddings_.begin(); }
  auto end() const { return embeddings_.end(); }

 private:
  friend class EmbeddingResult;
  std::vector<Embedding> embeddings_;
};

/// What the model says of one image. `embeddings[0]` and `embeddings(0)` are the same.
class EmbeddingResult {
 public:
  EmbeddingList embeddings;

  int embeddings_size() const { return embeddings.size(); }
  Embedding *add_embeddings() { return &embeddings.embeddings_.emplace_back(); }
};

/// A StatusOr that also converts to the plain value, as older programs expect.
///
/// A failure converts to `T`'s own nothing: a result without embeddings, NaN for a number.
template <typename T>
class ValueOrStatus : public support::StatusOr<T> {
 public:
  using support::StatusOr<T>::StatusOr;
  ValueOrStatus(support::StatusOr<T> other) : support::StatusOr<T>(std::move(other)) {}

  operator T() const & { return this->ok() ? this->value() : Nothing(); }
  operator T() && { return this->ok() ? std::move(*this).value() : Nothing(); }

  /// As of a StatusOr; the conversion to the plain value must not be taken for it.
  template <typename U, typename = decltype(image_embedder::internal::Foreign<U>::From(
                            std::declval<support::StatusOr<T>>()))>
  operator U() && {
    return image_embedder::internal::Foreign<U>::From(support::StatusOr<T>(std::move(*this)));
  }

 private:
  static T Nothing() {
    if constexpr (std::numeric_limits<T>::has_quiet_NaN) {
      return std::numeric_limits<T>::quiet_NaN();
    } else {
      return T();
    }
  }
};

/// A view of pixels, which stay the caller's.
class FrameBuffer {
 public:
  /// The numbers of image_embedder.h.
  enum class Format { kRGBA, kRGB, kNV12, kNV21, kYV12, kYV21, kGRAY, kUNKNOWN };

  /// The numbers of EXIF: where row 0 and column 0 of the stored frame belong.
  enum class Orientation {
    kTopLeft = 1,
    kTopRight = 2,
    kBottomRight = 3,
    kBottomLeft = 4,
    kLeftTop = 5,
    kRightTop = 6,
    kRightBottom = 7,
    kLeftBottom = 8
  };

  struct Stride {
    int row_stride_bytes;
    int pixel_stride_bytes;
  };

  struct Plane {
    const uint8_t *buffer;
    Stride stride;
  };

  struct Dimension {
    int width;
    int height;
    bool operator==(const Dimension &other) const {
      return width == other.width && height == other.height;
    }
    bool operator!=(const Dimension &other) const { return !(*this == other); }
  };

  /// When the frame was taken; nothing here uses it.
  using Timestamp = std::chrono::system_clock::time_point;

  static std::unique_ptr<FrameBuffer> Create(std::vector<Plane> planes, Dimension dimension,
                                             Format format, Orientation orientation,
                                             Timestamp timestamp = Timestamp()) {
    return std::make_unique<FrameBuffer>(std::move(planes), dimension, format, orientation,
                                         timestamp);
  }

  FrameBuffer(std::vector<Plane> planes, Dimension dimension, Format format,
              Orientation orientation, Timestamp timestamp = Timestamp())
      : planes_(std::move(planes)),
        dimension_(dimension),
        format_(format),
        orientation_(orientation),
        timestamp_(timestamp) {}

  int plane_count() const { return static_cast<int>(planes_.size()); }
  Plane plane(int index) const {
    return index >= 0 && index < plane_count() ? planes_[static_cast<size_t>(index)]
                                               : Plane{nullptr, {0, 0}};
  }
  Dimension dimension() const { return dimension_; }
  Format format() const { return format_; }
  Orientation orientation() const { return orientation_; }
  Timestamp timestamp() const { return timestamp_; }

 private:
  friend class ImageEmbedder;

  bool IsInterleaved() const { return format_ == Format::kNV12 || format_ == Format::kNV21; }

  /// The bytes of a plane, which the caller vouches for: nothing says how long its memory is.
  size_t PlaneByteCount(size_t index) const {
    const int64_t width = dimension_.width, height = dimension_.height;
    if (width < 1 || height < 1 || width > 32768 || height > 32768) return 0;
    const int64_t chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
    const Stride stride = planes_[index].stride;
    const int64_t row = stride.row_stride_bytes;
    auto size = [](int64_t rows, int64_t stride_bytes, int64_t last) {
      return static_cast<size_t>((rows - 1) * (stride_bytes != 0 ? stride_bytes : last) + last);
    };
    if (index > 0) {
      const int64_t step = planes_.size() == 2 ? 2 : stride.pixel_stride_bytes;
      const int64_t last = planes_.size() == 2 ? 2 * chroma_width : (chroma_width - 1) * step + 1;
      return size(chroma_height, row, last);
    }
    if (format_ == Format::kRGB) return size(height, row, 3 * width);
    if (format_ == Format::kRGBA) return size(height, row, 4 * width);
    if (format_ == Format::kGRAY || planes_.size() > 1) return size(height, row, width);
    const int64_t luma_row = row != 0 ? row : width;
    if (IsInterleaved()) {
      const int64_t chroma_row = luma_row == width && width % 2 != 0 ? luma_row + 1 : luma_row;
      return static_cast<size_t>(luma_row * height) +
             size(chroma_height, chroma_row, 2 * chroma_width);
    }
    const int64_t chroma_row = (luma_row + 1) / 2;
    return static_cast<size_t>(luma_row * height + chroma_row * chroma_height) +
           size(chroma_height, chroma_row, chroma_width);
  }

  /// The frame for C, valid as long as the pixels.
  ie_frame lent() const {
    ie_frame frame = image_embedder::internal::Sized<ie_frame>();
    frame.width = dimension_.width;
    frame.height = dimension_.height;
    frame.format = static_cast<ie_format>(format_);
    // 0 is none of the reference's numbers, and means 1 in C.
    const int orientation = static_cast<int>(orientation_);
    frame.orientation = orientation == 0 ? -1 : orientation;
    frame.plane_count = planes_.size();
    const bool is_packed =
        format_ == Format::kRGB || format_ == Format::kRGBA || format_ == Format::kGRAY;
    for (size_t index = 0; index < planes_.size() && index < 3; ++index) {
      const Stride stride = planes_[index].stride;
      // A negative stride becomes a huge one, which is refused.
      frame.planes[index] = {
          planes_[index].buffer, PlaneByteCount(index),
          static_cast<size_t>(stride.row_stride_bytes),
          // As in the reference, which has its own idea of packed pixels.
          is_packed || planes_.size() < 3 ? 0 : static_cast<size_t>(stride.pixel_stride_bytes)};
    }
    return frame;
  }

  std::vector<Plane> planes_;
  Dimension dimension_;
  Format format_;
  Orientation orientation_;
  Timestamp timestamp_;
};

namespace internal {

inline std::unique_ptr<FrameBuffer> Packed(const uint8_t *input, FrameBuffer::Dimension dimension,
                                           FrameBuffer::Format format, int channels,
                                           FrameBuffer::Orientation orientation,
                                           FrameBuffer::Timestamp timestamp,
                                           FrameBuffer::Stride stride) {
  if (stride.row_stride_bytes == 0 && stride.pixel_stride_bytes == 0) {
    stride = {dimension.width <= 32768 ? dimension.width * channels : 0, channels};
  }
  return FrameBuffer::Create({{input, stride}}, dimension, format, orientation, timestamp);
}

inline support::Status Error(support::StatusCode code, std::string message) {
  return support::Status(code, std::move(message));
}

}  // namespace internal

/// Describes packed RGBA pixels.
inline std::unique_ptr<FrameBuffer> CreateFromRgbaRawBuffer(
    const uint8_t *input, FrameBuffer::Dimension dimension,
    FrameBuffer::Orientation orientation = FrameBuffer::Orientation::kTopLeft,
    FrameBuffer::Timestamp timestamp = {}, FrameBuffer::Stride stride = {0, 0}) {
  return internal::Packed(input, dimension, FrameBuffer::Format::kRGBA, 4, orientation, timestamp,
                          stride);
}

/// Describes packed RGB pixels.
inline std::unique_ptr<FrameBuffer> CreateFromRgbRawBuffer(
    const uint8_t *input, FrameBuffer::Dimension dimension,
    FrameBuffer::Orientation orientation = FrameBuffer::Orientation::kTopLeft,
    FrameBuffer::Timestamp timestamp = {}, FrameBuffer::Stride stride = {0, 0}) {
  return internal::Packed(input, dimension, FrameBuffer::Format::kRGB, 3, orientation, timestamp,
                          stride);
}

/// Describes gray pixels, which unlike in the Task Library can be embedded.
inline std::unique_ptr<FrameBuffer> CreateFromGrayRawBuffer(
    const uint8_t *input, FrameBuffer::Dimension dimension,
    FrameBuffer::Orientation orientation = FrameBuffer::Orientation::kTopLeft,
    FrameBuffer::Timestamp timestamp = {}, FrameBuffer::Stride stride = {0, 0}) {
  return internal::Packed(input, dimension, FrameBuffer::Format::kGRAY, 1, orientation, timestamp,
                          stride);
}

/// Describes luma and two planes of chroma.
inline support::StatusOr<std::unique_ptr<FrameBuffer>> CreateFromYuvRawBuffer(
    const uint8_t *y_plane, const uint8_t *u_plane, const uint8_t *v_plane,
    FrameBuffer::Format format, FrameBuffer::Dimension dimension, int row_stride_y,
    int row_stride_uv, int pixel_stride_uv,
    FrameBuffer::Orientation orientation = FrameBuffer::Orientation::kTopLeft,
    FrameBuffer::Timestamp timestamp = {}) {
  const FrameBuffer::Plane y = {y_plane, {row_stride_y, 1}};
  const FrameBuffer::Plane u = {u_plane, {row_stride_uv, pixel_stride_uv}};
  const FrameBuffer::Plane v = {v_plane, {row_stride_uv, pixel_stride_uv}};
  switch (format) {
    case FrameBuffer::Format::kNV12:
    case FrameBuffer::Format::kYV21:
      return FrameBuffer::Create({y, u, v}, dimension, format, orientation, timestamp);
    case FrameBuffer::Format::kNV21:
    case FrameBuffer::Format::kYV12:
      return FrameBuffer::Create({y, v, u}, dimension, format, orientation, timestamp);
    default:
      return internal::Error(
          support::StatusCode::kInvalidArgument,
          "Input format is not YUV-like: " + std::to_string(static_cast<int>(format)) + ".");
  }
}

/// Describes packed pixels of any format in one piece of memory.
inline support::StatusOr<std::unique_ptr<FrameBuffer>> CreateFromRawBuffer(
    const uint8_t *input, FrameBuffer::Dimension dimension, FrameBuffer::Format format,
    FrameBuffer::Orientation orientation = FrameBuffer::Orientation::kTopLeft,
    FrameBuffer::Timestamp timestamp = {}) {
  switch (format) {
    case FrameBuffer::Format::kRGBA:
      return CreateFromRgbaRawBuffer(input, dimension, orientation, timestamp);
    case FrameBuffer::Format::kRGB:
      return CreateFromRgbRawBuffer(input, dimension, orientation, timestamp);
    case FrameBuffer::Format::kGRAY:
      return CreateFromGrayRawBuffer(input, dimension, orientation, timestamp);
    case FrameBuffer::Format::kNV12:
    case FrameBuffer::Format::kNV21:
      return FrameBuffer::Create({{input, {dimension.width, 1}}}, dimension, format, orientation,
                                 timestamp);
    case FrameBuffer::Format::kYV12:
    case FrameBuffer::Format::kYV21: {
      if (dimension.width <= 0 || dimension.height <= 0) {
        return internal::Error(support::StatusCode::kInvalidArgument,
                               "Invalid input dimension: {" + std::to_string(dimension.width) +
                                   ", " + std::to_string(dimension.height) + "}.");
      }
      const int64_t chroma_stride = (int64_t{dimension.width} + 1) / 2;
      const int64_t chroma_size = chroma_stride * ((int64_t{dimension.height} + 1) / 2);
      const uint8_t *second = input + int64_t{dimension.width} * dimension.height;
      const FrameBuffer::Stride stride = {static_cast<int>(chroma_stride), 1};
      return FrameBuffer::Create(
          {{input, {dimension.width, 1}}, {second, stride}, {second + chroma_size, stride}},
          dimension, format, orientation, timestamp);
    }
    default:
      return internal::Error(
          support::StatusCode::kInternal,
          "Unsupported buffer format: " + std::to_string(static_cast<int>(format)) + ".");
  }
}

/// Decoded pixels, to be freed with ImageDataFree.
struct ImageData {
  uint8_t *pixel_data;
  int width;
  int height;
  int channels;
};

namespace internal {

/// Copies an image's pixels, as they are stored: EXIF is ignored, as in the Task Library.
inline support::StatusOr<ImageData> CopyPixels(support::StatusOr<image_embedder::Image> image) {
  if (!image.ok()) return image.status();
  const ie_frame frame = image->frame();
  const int channels = image->channel_count();
  const size_t row = static_cast<size_t>(frame.width) * static_cast<size_t>(channels);
  const size_t rows = static_cast<size_t>(frame.height);
  ImageData data = {static_cast<uint8_t *>(std::malloc(row * rows)), frame.width, frame.height,
                    channels};
  if (data.pixel_data == nullptr) {
    return Error(support::StatusCode::kResourceExhausted, "there is no memory for the pixels");
  }
  for (size_t index = 0; index < rows; ++index) {
    std::memcpy(
        data.pixel_data + index * row,
        static_cast<const uint8_t *>(frame.planes[0].data) + index * frame.planes[0].row_stride,
        row);
  }
  return data;
}

/// As the Task Library decodes files: JPEG by its own decoder, and EXIF is ignored.
inline image_embedder::Options StoredPixels() {
  image_embedder::Options options;
  options.ignores_orientation = true;
  options.decoding = IE_DECODING_TASK_LIBRARY;
  return options;
}

}  // namespace internal

/// Decodes an image file into pixels with its own number of channels.
inline support::StatusOr<ImageData> DecodeImageFromFile(const std::string &file_name) {
  return internal::CopyPixels(
      image_embedder::Image::DecodeFile(file_name, internal::StoredPixels()));
}

/// Decodes an image file in memory.
inline support::StatusOr<ImageData> DecodeImageFromBuffer(const uint8_t *buffer, int length) {
  return internal::CopyPixels(image_embedder::Image::Decode(
      buffer, length < 0 ? 0 : static_cast<size_t>(length), internal::StoredPixels()));
}

/// Frees the pixels.
inline void ImageDataFree(ImageData *image) {
  if (image == nullptr) return;
  std::free(image->pixel_data);
  image->pixel_data = nullptr;
}

/// Describes decoded pixels, which must outlive the frame.
inline support::StatusOr<std::unique_ptr<FrameBuffer>> CreateFrameBufferFromImageData(
    const ImageData &image) {
  const FrameBuffer::Dimension dimension = {image.width, image.height};
  switch (image.channels) {
    case 1: return CreateFromGrayRawBuffer(image.pixel_data, dimension);
    case 3: return CreateFromRgbRawBuffer(image.pixel_data, dimension);
    case 4: return CreateFromRgbaRawBuffer(image.pixel_data, dimension);
    default:
      return internal::Error(
          support::StatusCode::kInvalidArgument,
          "Expected image with 1 (grayscale), 3 (RGB) or 4 (RGBA) channels, found " +
              std::to_string(image.channels));
  }
}

/// Turns images into feature vectors with a TFLite model, and compares them.
///
/// Unlike the Task Library's it may be used from many threads at once.
class ImageEmbedder {
 public:
  static support::StatusOr<std::unique_ptr<ImageEmbedder>> CreateFromOptions(
      const ImageEmbedderOptions &options) {
    const core::ExternalFile &model = options.model_file_with_metadata();
    image_embedder::Options converted;
    if (model.has_file_content()) {
      converted.model_bytes = model.file_content();
    } else if (model.has_file_name()) {
      converted.model = model.file_name();
    } else if (model.has_file_descriptor_meta()) {
      const core::FileDescriptorMeta &meta = model.file_descriptor_meta();
      converted.model_file_part = ie_file_part{meta.fd(), meta.offset(), meta.length()};
    } else {
      return internal::Error(
          support::StatusCode::kInvalidArgument,
          "ExternalFile must specify at least one of 'file_content', 'file_name' or "
          "'file_descriptor_meta'.");
    }
    if (options.num_threads() < -1) {
      return internal::Error(support::StatusCode::kInternal,
                             "Failed setting number of CPU threads");
    }
    converted.l2_normalize = options.l2_normalize();
    converted.quantize = options.quantize();
    converted.thread_count = options.num_threads();
    support::StatusOr<image_embedder::Embedder> embedder =
        image_embedder::Embedder::Create(converted);
    if (!embedder.ok()) return embedder.status();
    return std::unique_ptr<ImageEmbedder>(new ImageEmbedder(std::move(embedder).value()));
  }

  /// Embeds the whole frame.
  ValueOrStatus<EmbeddingResult> Embed(const FrameBuffer &frame_buffer) const {
    return EmbedRegion(frame_buffer, nullptr);
  }

  /// Embeds a region, in pixels of the stored frame.
  ValueOrStatus<EmbeddingResult> Embed(const FrameBuffer &frame_buffer,
                                       const BoundingBox &roi) const {
    return EmbedRegion(frame_buffer, &roi.region_);
  }

  /// Returns the embedding of an output, an empty one where there is none.
  Embedding GetEmbeddingByIndex(const EmbeddingResult &result, int output_index) const {
    return output_index < GetNumberOfOutputLayers() ? result.embeddings[output_index] : Embedding();
  }

  /// Returns the number of components of an output's vectors, -1 where there is no such output.
  int GetEmbeddingDimension(int output_index) const {
    return output_index < 0
               ? -1
               : static_cast<int>(embedder_.head_dimension(static_cast<size_t>(output_index)));
  }

  int GetNumberOfOutputLayers() const { return static_cast<int>(embedder_.head_count()); }

  /// Computes the cosine of the angle between two vectors.
  static ValueOrStatus<double> CosineSimilarity(const FeatureVector &u, const FeatureVector &v) {
    return image_embedder::CosineSimilarity(u.lent(), v.lent());
  }

 private:
  explicit ImageEmbedder(image_embedder::Embedder embedder) : embedder_(std::move(embedder)) {}

  ValueOrStatus<EmbeddingResult> EmbedRegion(const FrameBuffer &frame_buffer,
                                             const ie_region *region) const {
    support::StatusOr<image_embedder::Result> result =
        embedder_.EmbedFrame(frame_buffer.lent(), region);
    if (!result.ok()) return result.status();
    EmbeddingResult converted;
    for (size_t head = 0; head < result->size(); ++head) {
      const ie_vector vector = result->vector(head);
      Embedding *embedding = converted.add_embeddings();
      embedding->set_output_index(static_cast<int>(head));
      FeatureVector *target = embedding->mutable_feature_vector();
      if (vector.quantized != nullptr) {
        target->set_value_string(
            std::string(reinterpret_cast<const char *>(vector.quantized), vector.count));
      } else {
        target->mutable_value_float()->assign(vector.floats, vector.floats + vector.count);
      }
    }
    return converted;
  }

  image_embedder::Embedder embedder_;
};

}  // namespace vision
}  // namespace task
}  // namespace tflite

#endif
