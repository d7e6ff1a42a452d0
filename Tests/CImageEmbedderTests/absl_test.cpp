// Status and StatusOr as Abseil's, in one expression and in functions that return Abseil's.

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "image_embedder/absl.hpp"
#include "image_embedder/tflite_task.hpp"

namespace {

using tflite::task::vision::EmbeddingResult;
using tflite::task::vision::ImageEmbedder;
using tflite::task::vision::ImageEmbedderOptions;

std::string Model() {
  return std::string(std::getenv("IMAGE_EMBEDDER_TEST_MODELS")) + "/identity_uint8_8x6.tflite";
}

/// As a program that was written for the Task Library has it.
absl::StatusOr<std::unique_ptr<ImageEmbedder>> CreateTask(const std::string &model) {
  ImageEmbedderOptions options;
  options.mutable_model_file_with_metadata()->set_file_name(model);
  return ImageEmbedder::CreateFromOptions(options);
}

absl::Status Missing() {
  image_embedder::Options options;
  options.model = "/nowhere/model.tflite";
  return image_embedder::Embedder::Create(options).status();
}

absl::StatusOr<image_embedder::Embedder> Create(const std::string &model) {
  image_embedder::Options options;
  options.model = model;
  return image_embedder::Embedder::Create(options);
}

TEST(Absl, GetsCodesAndMessages) {
  const absl::Status missing = Missing();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(missing.message()).find("/nowhere/model.tflite"), std::string::npos);
  EXPECT_EQ(CreateTask("/nowhere/model.tflite").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Create("/nowhere/model.tflite").status().code(), absl::StatusCode::kNotFound);
}

TEST(Absl, GetsValues) {
  absl::StatusOr<image_embedder::Embedder> embedder = Create(Model());
  ASSERT_TRUE(embedder.ok()) << embedder.status();
  EXPECT_EQ(embedder->head_count(), 1u);
  absl::StatusOr<std::unique_ptr<ImageEmbedder>> task = CreateTask(Model());
  ASSERT_TRUE(task.ok()) << task.status();
  const uint8_t pixels[8 * 6 * 3] = {};
  auto frame = tflite::task::vision::CreateFromRgbRawBuffer(pixels, {8, 6});
  absl::StatusOr<EmbeddingResult> result = (*task)->Embed(*frame);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->embeddings_size(), 1);
  auto none = tflite::task::vision::CreateFromRgbRawBuffer(pixels, {0, 6});
  absl::StatusOr<EmbeddingResult> failure = (*task)->Embed(*none);
  EXPECT_EQ(failure.status().code(), absl::StatusCode::kInvalidArgument);
  absl::StatusOr<double> similarity = image_embedder::ToAbsl(
      image_embedder::CosineSimilarity(ie_vector{nullptr, nullptr, 0}, ie_vector{}));
  EXPECT_EQ(similarity.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Absl, KeepsEveryCodeBothWays) {
  EXPECT_TRUE(image_embedder::ToAbsl(image_embedder::Status()).ok());
  EXPECT_TRUE(image_embedder::FromAbsl(absl::OkStatus()).ok());
  for (int code = IE_CANCELLED; code <= IE_UNAUTHENTICATED; ++code) {
    const image_embedder::Status status(static_cast<image_embedder::StatusCode>(code), "why");
    const absl::Status bridged = status;
    EXPECT_EQ(bridged.raw_code(), code);
    EXPECT_EQ(bridged.message(), "why");
    EXPECT_EQ(image_embedder::FromAbsl(bridged).ToString(), status.ToString());
  }
}

}  // namespace
