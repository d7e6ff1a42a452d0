// A bridge between Status and StatusOr of this library and those of Abseil, where Abseil is there.
//
//   #include <image_embedder/absl.hpp>
//
//   absl::StatusOr<image_embedder::Embedder> embedder = image_embedder::Embedder::Create();
//   absl::Status status = image_embedder::ToAbsl(result.status());
//
// With this header both of this library convert to Abseil's by themselves, those of tflite_task.hpp
// too, so that they can be returned from functions that return Abseil's; ToAbsl says so in words.
// Link what absl::status and absl::statusor stand for in your build.

#ifndef IMAGE_EMBEDDER_ABSL_HPP
#define IMAGE_EMBEDDER_ABSL_HPP

#include <utility>

#include "../image_embedder.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace image_embedder {

/// Returns the same as a status of Abseil's: the code has the same number.
inline absl::Status ToAbsl(const Status &status) {
  return absl::Status(static_cast<absl::StatusCode>(status.code()), status.message());
}

/// Returns the value, or why there is none, as Abseil's.
template <typename T>
absl::StatusOr<T> ToAbsl(StatusOr<T> result) {
  if (!result.ok()) return ToAbsl(result.status());
  return std::move(result).value();
}

/// Returns a status of Abseil's as one of this library, without its payloads.
inline Status FromAbsl(const absl::Status &status) {
  return Status(static_cast<StatusCode>(status.raw_code()), std::string(status.message()));
}

namespace internal {

template <>
struct Foreign<absl::Status> {
  static absl::Status From(const Status &status) { return ToAbsl(status); }
};

template <typename T>
struct Foreign<absl::StatusOr<T>> {
  static absl::StatusOr<T> From(StatusOr<T> result) { return ToAbsl(std::move(result)); }
};

}  // namespace internal

}  // namespace image_embedder

#endif
