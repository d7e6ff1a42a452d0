// The Task Library's own tests of its ImageEmbedder, written anew against the same names.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <image_embedder/tflite_task.hpp>

namespace tflite {
namespace task {
namespace vision {
namespace {

using support::Status;
using support::StatusCode;
using support::StatusOr;

std::string Folder(const char *variable) {
  const char *folder = std::getenv(variable);
  return folder != nullptr ? folder : "";
}

std::string ModelPath(const std::string &name) {
  return Folder("IMAGE_EMBEDDER_TEST_MODELS") + "/" + name + ".tflite";
}

std::string PhotographPath(const std::string &name) {
  return Folder("IMAGE_EMBEDDER_TEST_PHOTOGRAPHS") + "/" + name;
}

std::string Content(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

ImageEmbedderOptions OptionsFor(const std::string &file_name) {
  ImageEmbedderOptions options;
  options.mutable_model_file_with_metadata()->set_file_name(file_name);
  return options;
}

std::unique_ptr<ImageEmbedder> Embedder(const std::string &model) {
  return ImageEmbedder::CreateFromOptions(OptionsFor(ModelPath(model))).value();
}

/// Pixels that differ from place to place.
std::vector<uint8_t> Pattern(int width, int height, int channels) {
  std::vector<uint8_t> pixels;
  for (int index = 0; index < width * height * channels; ++index) {
    pixels.push_back(static_cast<uint8_t>(index * 37 + index / 7));
  }
  return pixels;
}

BoundingBox Box(int x, int y, int width, int height) {
  BoundingBox box;
  box.set_origin_x(x);
  box.set_origin_y(y);
  box.set_width(width);
  box.set_height(height);
  return box;
}

FeatureVector Floats(const std::vector<float> &values) {
  FeatureVector vector;
  for (float value : values) vector.add_value_float(value);
  return vector;
}

FeatureVector Bytes(const std::string &values) {
  FeatureVector vector;
  vector.set_value_string(values);
  return vector;
}

// --- Creation -----------------------------------------------------------------------------------

TEST(CreateFromOptionsTest, SucceedsWithFileName) {
  const auto embedder =
      ImageEmbedder::CreateFromOptions(OptionsFor(ModelPath("identity_uint8_8x6")));
  ASSERT_TRUE(embedder.ok()) << embedder.status().ToString();
  EXPECT_TRUE(embedder.status().ok());
}

TEST(CreateFromOptionsTest, SucceedsWithBuiltInName) {
  const auto embedder = ImageEmbedder::CreateFromOptions(OptionsFor("efficientnet-lite0-int8"));
  ASSERT_TRUE(embedder.ok()) << embedder.status().ToString();
  EXPECT_EQ((*embedder)->GetEmbeddingDimension(0), 1280);
}

TEST(CreateFromOptionsTest, SucceedsWithContentWhichComesBeforeTheName) {
  ImageEmbedderOptions options = OptionsFor("/nowhere/model.tflite");
  options.mutable_model_file_with_metadata()->set_file_content(
      Content(ModelPath("identity_uint8_8x6")));
  EXPECT_TRUE(ImageEmbedder::CreateFromOptions(options).ok());
}

TEST(CreateFromOptionsTest, SucceedsWithFileDescriptor) {
  const std::string model = Content(ModelPath("identity_uint8_8x6"));
  const std::string path = ::testing::TempDir() + "/image_embedder_within";
  std::ofstream(path, std::ios::binary) << "before" << model << "behind";
  const int descriptor = open(path.c_str(), O_RDONLY);
  ASSERT_GE(descriptor, 0);
  ImageEmbedderOptions options;
  core::FileDescriptorMeta *meta =
      options.mutable_model_file_with_metadata()->mutable_file_descriptor_meta();
  meta->set_fd(descriptor);
  meta->set_offset(6);
  meta->set_length(static_cast<int64_t>(model.size()));
  EXPECT_TRUE(ImageEmbedder::CreateFromOptions(options).ok());

  meta->set_offset(static_cast<int64_t>(model.size()) + 12);
  EXPECT_EQ(ImageEmbedder::CreateFromOptions(options).status().code(),
            StatusCode::kInvalidArgument);
  meta->set_offset(7);
  meta->set_length(static_cast<int64_t>(model.size()) + 6);
  EXPECT_EQ(ImageEmbedder::CreateFromOptions(options).status().code(),
            StatusCode::kInvalidArgument);
  meta->set_fd(-1);
  EXPECT_EQ(ImageEmbedder::CreateFromOptions(options).status().code(),
            StatusCode::kInvalidArgument);
  close(descriptor);
  unlink(path.c_str());
}

TEST(CreateFromOptionsTest, FailsWithoutModel) {
  const auto embedder = ImageEmbedder::CreateFromOptions(ImageEmbedderOptions());
  EXPECT_EQ(embedder.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(embedder.status().message(),
            "ExternalFile must specify at least one of 'file_content', 'file_name' or "
            "'file_descriptor_meta'.");
  ImageEmbedderOptions empty;
  empty.mutable_model_file_with_metadata()->set_file_content("");
  EXPECT_EQ(ImageEmbedder::CreateFromOptions(empty).status().message(),
            embedder.status().message());
}

TEST(CreateFromOptionsTest, FailsWithMissingFile) {
  const auto embedder = ImageEmbedder::CreateFromOptions(OptionsFor("/nowhere/model.tflite"));
  EXPECT_EQ(embedder.status().code(), StatusCode::kNotFound);
  EXPECT_NE(embedder.status().message().find("/nowhere/model.tflite"), std::string::npos);
}

TEST(CreateFromOptionsTest, FailsWithGarbage) {
  ImageEmbedderOptions options;
  options.mutable_model_file_with_metadata()->set_file_content("no model at all");
  EXPECT_EQ(ImageEmbedder::CreateFromOptions(options).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(CreateFromOptionsTest, TakesThreadCountsAsTheReference) {
  for (int count : {-1, 0, 1, 2, 1000}) {
    ImageEmbedderOptions options = OptionsFor(ModelPath("identity_uint8_8x6"));
    options.set_num_threads(count);
    EXPECT_TRUE(ImageEmbedder::CreateFromOptions(options).ok()) << count;
  }
  ImageEmbedderOptions options = OptionsFor(ModelPath("identity_uint8_8x6"));
  options.set_num_threads(-2);
  EXPECT_EQ(ImageEmbedder::CreateFromOptions(options).status().code(), StatusCode::kInternal);
}

class DefectiveModelTest : public ::testing::TestWithParam<const char *> {};

TEST_P(DefectiveModelTest, IsInvalidArgument) {
  const auto embedder = ImageEmbedder::CreateFromOptions(OptionsFor(ModelPath(GetParam())));
  ASSERT_FALSE(embedder.ok());
  EXPECT_EQ(embedder.status().code(), StatusCode::kInvalidArgument) << embedder.status().ToString();
  EXPECT_NE(embedder.status().message().find(GetParam()), std::string::npos)
      << embedder.status().message();
}

INSTANTIATE_TEST_SUITE_P(
    Models, DefectiveModelTest,
    ::testing::Values("metadata_without_tensors", "metadata_two_inputs", "metadata_zero_inputs",
                      "metadata_grayscale", "metadata_unknown_color_space",
                      "metadata_feature_properties", "metadata_two_normalizations",
                      "metadata_mean_1_std_3", "metadata_two_values", "metadata_two_values_uint8",
                      "metadata_empty_values", "metadata_null_values", "metadata_no_subgraphs",
                      "metadata_wrong_identifier", "metadata_empty", "metadata_buffer_outside",
                      "metadata_null_options", "metadata_truncated", "metadata_vtable_outside",
                      "metadata_subgraph_count", "metadata_name_length", "metadata_mean_count",
                      "input_rank_5", "input_rank_3", "input_4_channels", "input_1_channel",
                      "input_batch_2", "input_height_0", "input_int32", "input_int16",
                      "input_float16", "inputs_2", "inputs_0", "outputs_0", "output_rank_3",
                      "output_1x2x3xn", "output_batch_2", "output_int32", "operation_custom",
                      "operation_version", "identity_float_8x6_zero_std",
                      "identity_int8_8x6_no_parameters"));

class UnnormalizedModelTest : public ::testing::TestWithParam<const char *> {};

TEST_P(UnnormalizedModelTest, IsNotFound) {
  const auto embedder = ImageEmbedder::CreateFromOptions(OptionsFor(ModelPath(GetParam())));
  EXPECT_EQ(embedder.status().code(), StatusCode::kNotFound) << embedder.status().ToString();
}

INSTANTIATE_TEST_SUITE_P(Models, UnnormalizedModelTest,
                         ::testing::Values("identity_float_8x6_no_metadata",
                                           "identity_float_8x6_rgb_only",
                                           "identity_int8_8x6_no_metadata"));

// --- Embedding ----------------------------------------------------------------------------------

TEST(EmbedTest, GivesThePixelsThatReachTheModel) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const auto frame = CreateFromRgbRawBuffer(pixels.data(), {8, 6});
  const EmbeddingResult result = embedder->Embed(*frame);
  ASSERT_EQ(result.embeddings_size(), 1);
  const FeatureVector &vector = result.embeddings[0].feature_vector();
  ASSERT_EQ(vector.value_float_size(), 144);
  EXPECT_FALSE(vector.has_value_string());
  for (int index = 0; index < 144; ++index) {
    EXPECT_EQ(vector.value_float(index), pixels[static_cast<size_t>(index)]);
  }
}

TEST(EmbedTest, UsesTheRegionAndNothingElse) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(20, 10, 3);
  const auto frame = CreateFromRgbRawBuffer(pixels.data(), {20, 10});
  const auto part = CreateFromRgbRawBuffer(pixels.data() + (2 * 20 + 5) * 3, {8, 6},
                                           FrameBuffer::Orientation::kTopLeft, {}, {60, 3});
  const EmbeddingResult expected = embedder->Embed(*part);
  const EmbeddingResult found = embedder->Embed(*frame, Box(5, 2, 8, 6));
  EXPECT_EQ(found.embeddings[0].feature_vector().value_float(),
            expected.embeddings[0].feature_vector().value_float());
  EXPECT_EQ(found.embeddings[0].feature_vector().value_float(0), pixels[(2 * 20 + 5) * 3]);
}

TEST(EmbedTest, NeverClampsARegion) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const auto frame = CreateFromRgbRawBuffer(pixels.data(), {8, 6});
  for (const BoundingBox &box :
       {Box(0, 0, 9, 6), Box(1, 0, 8, 6), Box(-1, 0, 4, 4), Box(0, 0, 0, 0), Box(0, 0, -1, 2),
        Box(8, 6, 1, 1), Box(INT32_MAX, 0, INT32_MAX, 1), BoundingBox()}) {
    const StatusOr<EmbeddingResult> result = embedder->Embed(*frame, box);
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(embedder->Embed(*frame, Box(0, 0, 8, 6)).ok());
}

TEST(EmbedTest, BringsFramesUpright) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const auto frame =
      CreateFromRgbRawBuffer(pixels.data(), {8, 6}, FrameBuffer::Orientation::kBottomRight);
  const EmbeddingResult result = embedder->Embed(*frame);
  EXPECT_EQ(result.embeddings[0].feature_vector().value_float(0), pixels[141]);
}

TEST(EmbedTest, TakesEveryFormat) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels(8 * 6 * 4, 126);
  for (auto format :
       {FrameBuffer::Format::kRGBA, FrameBuffer::Format::kRGB, FrameBuffer::Format::kGRAY,
        FrameBuffer::Format::kNV12, FrameBuffer::Format::kNV21, FrameBuffer::Format::kYV12,
        FrameBuffer::Format::kYV21}) {
    const auto frame = CreateFromRawBuffer(pixels.data(), {8, 6}, format);
    ASSERT_TRUE(frame.ok());
    const StatusOr<EmbeddingResult> result = embedder->Embed(**frame);
    EXPECT_TRUE(result.ok()) << static_cast<int>(format) << result.status().ToString();
  }
  EXPECT_EQ(
      CreateFromRawBuffer(pixels.data(), {8, 6}, FrameBuffer::Format::kUNKNOWN).status().message(),
      "Unsupported buffer format: 7.");
  EXPECT_EQ(
      CreateFromRawBuffer(pixels.data(), {0, 6}, FrameBuffer::Format::kYV12).status().message(),
      "Invalid input dimension: {0, 6}.");
}

TEST(EmbedTest, SeesTheSameYuvPlanesHoweverTheyAreGiven) {
  const auto embedder = Embedder("identity_uint8_8x6");
  std::vector<uint8_t> nv12 = Pattern(8, 9, 1);
  std::vector<uint8_t> u, v;
  for (size_t index = 48; index < 72; index += 2) {
    u.push_back(nv12[index]);
    v.push_back(nv12[index + 1]);
  }
  const EmbeddingResult expected =
      embedder->Embed(**CreateFromRawBuffer(nv12.data(), {8, 6}, FrameBuffer::Format::kNV12));
  const EmbeddingResult interleaved =
      embedder->Embed(**CreateFromYuvRawBuffer(nv12.data(), nv12.data() + 48, nv12.data() + 49,
                                               FrameBuffer::Format::kNV12, {8, 6}, 8, 8, 2));
  const EmbeddingResult planar = embedder->Embed(**CreateFromYuvRawBuffer(
      nv12.data(), u.data(), v.data(), FrameBuffer::Format::kYV12, {8, 6}, 8, 4, 1));
  const std::vector<float> &values = expected.embeddings[0].feature_vector().value_float();
  EXPECT_EQ(values.size(), 144u);
  EXPECT_EQ(interleaved.embeddings[0].feature_vector().value_float(), values);
  EXPECT_EQ(planar.embeddings[0].feature_vector().value_float(), values);
  EXPECT_EQ(CreateFromYuvRawBuffer(nv12.data(), u.data(), v.data(), FrameBuffer::Format::kRGB,
                                   {8, 6}, 8, 4, 1)
                .status()
                .message(),
            "Input format is not YUV-like: 1.");
}

TEST(EmbedTest, RefusesFramesThatCannotBe) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const uint8_t *data = pixels.data();
  const auto upright = FrameBuffer::Orientation::kTopLeft;
  const auto rgb = FrameBuffer::Format::kRGB;
  const std::unique_ptr<FrameBuffer> frames[] = {
      CreateFromRgbRawBuffer(data, {0, 6}),
      CreateFromRgbRawBuffer(data, {8, -6}),
      CreateFromRgbRawBuffer(data, {INT32_MAX, INT32_MAX}),
      CreateFromRgbRawBuffer(nullptr, {8, 6}),
      CreateFromRgbRawBuffer(data, {8, 6}, static_cast<FrameBuffer::Orientation>(0)),
      CreateFromRgbRawBuffer(data, {8, 6}, static_cast<FrameBuffer::Orientation>(9)),
      CreateFromRgbRawBuffer(data, {8, 6}, upright, {}, {23, 3}),
      CreateFromRgbRawBuffer(data, {8, 6}, upright, {}, {-24, 3}),
      FrameBuffer::Create({}, {8, 6}, rgb, upright),
      FrameBuffer::Create({{data, {8, 1}}, {data, {8, 1}}}, {8, 6}, rgb, upright),
      FrameBuffer::Create({{data, {24, 3}}}, {8, 6}, FrameBuffer::Format::kUNKNOWN, upright),
      FrameBuffer::Create({{data, {8, 1}}, {data, {8, 1}}, {data, {8, 1}}, {data, {8, 1}}}, {8, 6},
                          rgb, upright),
  };
  for (const auto &frame : frames) {
    EXPECT_EQ(embedder->Embed(*frame).status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(EmbedTest, NormalizesToLengthOne) {
  ImageEmbedderOptions options = OptionsFor(ModelPath("constant_3_4"));
  options.set_l2_normalize(true);
  const auto embedder = ImageEmbedder::CreateFromOptions(options).value();
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const EmbeddingResult result = embedder->Embed(*CreateFromRgbRawBuffer(pixels.data(), {8, 6}));
  const FeatureVector &vector = result.embeddings[0].feature_vector();
  ASSERT_EQ(vector.value_float_size(), 2);
  EXPECT_NEAR(vector.value_float(0), 0.6, 1e-6);
  EXPECT_NEAR(vector.value_float(1), 0.8, 1e-6);
}

TEST(EmbedTest, QuantizesToSignedBytes) {
  ImageEmbedderOptions options = OptionsFor(ModelPath("constant_3_4"));
  options.set_l2_normalize(true);
  options.set_quantize(true);
  const auto embedder = ImageEmbedder::CreateFromOptions(options).value();
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const EmbeddingResult result = embedder->Embed(*CreateFromRgbRawBuffer(pixels.data(), {8, 6}));
  const FeatureVector &vector = result.embeddings[0].feature_vector();
  EXPECT_TRUE(vector.has_value_string());
  EXPECT_EQ(vector.value_float_size(), 0);
  // 0.6 and 0.8 times 128, rounded.
  EXPECT_EQ(vector.value_string(), std::string("\x4d\x66"));
}

TEST(EmbedTest, SurvivesAFailure) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const auto frame = CreateFromRgbRawBuffer(pixels.data(), {8, 6});
  const EmbeddingResult before = embedder->Embed(*frame);
  EXPECT_FALSE(embedder->Embed(*frame, Box(0, 0, 9, 9)).ok());
  const EmbeddingResult after = embedder->Embed(*frame);
  EXPECT_EQ(before.embeddings[0].feature_vector().value_float(),
            after.embeddings[0].feature_vector().value_float());
}

TEST(EmbedTest, ServesManyThreadsAtOnce) {
  const auto embedder = Embedder("identity_uint8_8x6");
  std::vector<int> failure_counts(8);
  std::vector<std::thread> threads;
  for (size_t number = 0; number < failure_counts.size(); ++number) {
    threads.emplace_back([&, number] {
      const std::vector<uint8_t> pixels(144, static_cast<uint8_t>(number));
      const auto frame = CreateFromRgbRawBuffer(pixels.data(), {8, 6});
      for (int times = 0; times < 200; ++times) {
        const EmbeddingResult result = embedder->Embed(*frame);
        const auto &values = result.embeddings[0].feature_vector().value_float();
        if (values != std::vector<float>(144, static_cast<float>(number))) {
          ++failure_counts[number];
        }
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(failure_counts, std::vector<int>(8));
}

// --- Plain values -------------------------------------------------------------------------------

TEST(ConversionTest, OfFailuresGivesNothing) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const auto frame = CreateFromRgbRawBuffer(nullptr, {8, 6});
  const EmbeddingResult result = embedder->Embed(*frame);
  EXPECT_EQ(result.embeddings_size(), 0);
  EXPECT_EQ(result.embeddings[0].feature_vector().value_float_size(), 0);
  EXPECT_EQ(result.embeddings(-1).feature_vector().value_float_size(), 0);
  const double similarity = ImageEmbedder::CosineSimilarity(result.embeddings(0).feature_vector(),
                                                            result.embeddings(0).feature_vector());
  EXPECT_TRUE(std::isnan(similarity));
}

TEST(ConversionTest, KeepsTheStatusForWhoAsks) {
  const auto embedder = Embedder("identity_uint8_8x6");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const auto frame = CreateFromRgbRawBuffer(pixels.data(), {8, 6});
  StatusOr<EmbeddingResult> kept = embedder->Embed(*frame);
  auto deduced = embedder->Embed(*frame);
  ASSERT_TRUE(kept.ok());
  ASSERT_TRUE(deduced.ok());
  EXPECT_EQ(kept->embeddings_size(), deduced.value().embeddings_size());
  StatusOr<double> similarity = ImageEmbedder::CosineSimilarity(
      kept->embeddings[0].feature_vector(), deduced->embeddings(0).feature_vector());
  EXPECT_NEAR(similarity.value(), 1, 1e-9);
  EXPECT_EQ(StatusOr<double>(Status(StatusCode::kInternal, "no")).value_or(3), 3);
}

TEST(ConversionDeathTest, ValueOfAFailureAborts) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(static_cast<void>(ImageEmbedder::CreateFromOptions(ImageEmbedderOptions()).value()),
               "INVALID_ARGUMENT: ExternalFile must specify");
}

// --- Queries ------------------------------------------------------------------------------------

TEST(QueryTest, CountsHeadsAndDimensions) {
  const auto embedder = Embedder("heads_abc");
  EXPECT_EQ(embedder->GetNumberOfOutputLayers(), 3);
  EXPECT_EQ(embedder->GetEmbeddingDimension(0), 144);
  EXPECT_EQ(embedder->GetEmbeddingDimension(1), 24);
  EXPECT_EQ(embedder->GetEmbeddingDimension(2), 12);
  EXPECT_EQ(embedder->GetEmbeddingDimension(3), -1);
  EXPECT_EQ(embedder->GetEmbeddingDimension(-1), -1);
}

TEST(QueryTest, GivesEmbeddingsByIndex) {
  const auto embedder = Embedder("heads_abc");
  const std::vector<uint8_t> pixels = Pattern(8, 6, 3);
  const EmbeddingResult result = embedder->Embed(*CreateFromRgbRawBuffer(pixels.data(), {8, 6}));
  ASSERT_EQ(result.embeddings_size(), 3);
  for (int index = 0; index < 3; ++index) {
    const Embedding embedding = embedder->GetEmbeddingByIndex(result, index);
    EXPECT_EQ(embedding.output_index(), index);
    EXPECT_EQ(embedding.feature_vector().value_float_size(),
              embedder->GetEmbeddingDimension(index));
  }
  EXPECT_FALSE(embedder->GetEmbeddingByIndex(result, 3).has_feature_vector());
  EXPECT_FALSE(embedder->GetEmbeddingByIndex(result, -1).has_feature_vector());
}

// --- Cosine similarity --------------------------------------------------------------------------

TEST(CosineSimilarityTest, SucceedsOnFloats) {
  const auto similarity =
      ImageEmbedder::CosineSimilarity(Floats({1, 0, 0, 0}), Floats({0.5f, 0.5f, 0.5f, 0.5f}));
  EXPECT_NEAR(similarity.value(), 0.5, 1e-9);
}

TEST(CosineSimilarityTest, SucceedsOnSignedBytes) {
  const auto similarity = ImageEmbedder::CosineSimilarity(Bytes("\x7f"), Bytes("\x80"));
  EXPECT_NEAR(similarity.value(), -1, 1e-9);
}

struct Incomparable {
  FeatureVector u, v;
  const char *message;
};

class CosineSimilarityFailureTest : public ::testing::TestWithParam<Incomparable> {};

TEST_P(CosineSimilarityFailureTest, IsTheReferences) {
  const auto similarity = ImageEmbedder::CosineSimilarity(GetParam().u, GetParam().v);
  EXPECT_EQ(similarity.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(similarity.status().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, CosineSimilarityFailureTest,
    ::testing::Values(
        Incomparable{Floats({1}), Floats({1, 2}),
                     "Cannot compute cosine similarity on float feature vectors of different "
                     "sizes (1 vs 2)"},
        Incomparable{Bytes("a"), Bytes("ab"),
                     "Cannot compute cosine similarity on quantized feature vectors of different "
                     "sizes (1 vs 2)"},
        Incomparable{FeatureVector(), FeatureVector(),
                     "Cannot compute cosine similarity on empty feature vectors"},
        Incomparable{Bytes(""), Bytes(""),
                     "Cannot compute cosine similarity on empty feature vectors"},
        Incomparable{Floats({0, 0}), Floats({1, 2}),
                     "Cannot compute cosine similarity on feature vector with 0 norm"},
        Incomparable{Floats({1, 2}), Bytes("ab"),
                     "Cannot compute cosine similarity between quantized and float feature "
                     "vectors"}));

// --- Photographs --------------------------------------------------------------------------------

FeatureVector Embedded(const ImageEmbedder &embedder, const std::string &photograph) {
  ImageData image = DecodeImageFromFile(PhotographPath(photograph)).value();
  const auto frame = CreateFrameBufferFromImageData(image).value();
  const EmbeddingResult result = embedder.Embed(*frame);
  ImageDataFree(&image);
  return result.embeddings[0].feature_vector();
}

TEST(PhotographTest, SimilaritiesAreTheReadmes) {
  const auto embedder = ImageEmbedder::CreateFromOptions(OptionsFor("efficientnet-lite0")).value();
  const FeatureVector left = Embedded(*embedder, "motorcycle_left.png");
  const FeatureVector right = Embedded(*embedder, "motorcycle_right.png");
  const FeatureVector cat = Embedded(*embedder, "chelsea.png");
  EXPECT_NEAR(ImageEmbedder::CosineSimilarity(left, right).value(), 0.945980, 1e-4);
  EXPECT_NEAR(ImageEmbedder::CosineSimilarity(left, cat).value(), 0.168917, 1e-4);
}

/// A photograph and a part of it, as the Task Library's own tests compare them; the values are what
/// tflite-support 0.4.4 gives for the same model, and JPEG files are decoded by another decoder.
struct PartCase {
  const char *photograph;
  bool l2_normalize, quantize;
  double similarity, tolerance;
};

class PartTest : public ::testing::TestWithParam<PartCase> {};

TEST_P(PartTest, IsAsLikeTheWholeAsInTheReference) {
  const PartCase &expected = GetParam();
  ImageEmbedderOptions options = OptionsFor("efficientnet-lite0");
  options.set_l2_normalize(expected.l2_normalize);
  options.set_quantize(expected.quantize);
  const auto embedder = ImageEmbedder::CreateFromOptions(options).value();
  ImageData image = DecodeImageFromFile(PhotographPath(expected.photograph)).value();
  const auto frame = CreateFrameBufferFromImageData(image).value();
  const EmbeddingResult whole = embedder->Embed(*frame);
  const EmbeddingResult part = embedder->Embed(*frame, Box(0, 0, 400, 325));
  ImageDataFree(&image);
  const FeatureVector &vector = whole.embeddings[0].feature_vector();
  EXPECT_EQ(vector.value_float_size(), expected.quantize ? 0 : 1280);
  EXPECT_EQ(vector.value_string().size(), expected.quantize ? 1280u : 0u);
  EXPECT_NEAR(ImageEmbedder::CosineSimilarity(vector, part.embeddings[0].feature_vector()).value(),
              expected.similarity, expected.tolerance);
  EXPECT_NEAR(ImageEmbedder::CosineSimilarity(vector, vector).value(), 1, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Photographs, PartTest,
                         ::testing::Values(PartCase{"coffee.png", false, false, 0.914585, 1.5e-6},
                                           PartCase{"coffee.png", true, false, 0.914585, 1.5e-6},
                                           PartCase{"coffee.png", true, true, 0.913166, 1.5e-6},
                                           PartCase{"coffee.png", false, true, 0.907939, 1.5e-6},
                                           PartCase{"rocket.jpg", false, false, 0.819621, 1e-3},
                                           PartCase{"rocket.jpg", true, false, 0.819621, 1e-3},
                                           PartCase{"rocket.jpg", true, true, 0.816459, 1e-3},
                                           PartCase{"rocket.jpg", false, true, 0.775557, 1e-3}));

TEST(PhotographTest, DecodesWithTheFilesOwnChannels) {
  ImageData color = DecodeImageFromFile(PhotographPath("chelsea.png")).value();
  EXPECT_EQ(color.channels, 3);
  EXPECT_EQ(color.width, 451);
  EXPECT_EQ(color.height, 300);
  ImageData gray = DecodeImageFromFile(PhotographPath("camera.png")).value();
  EXPECT_EQ(gray.channels, 1);
  const std::string file = Content(PhotographPath("chelsea.png"));
  ImageData buffered = DecodeImageFromBuffer(reinterpret_cast<const uint8_t *>(file.data()),
                                             static_cast<int>(file.size()))
                           .value();
  EXPECT_EQ(std::memcmp(color.pixel_data, buffered.pixel_data, 451 * 300 * 3), 0);
  for (ImageData *image : {&color, &gray, &buffered}) {
    ImageDataFree(image);
    ImageDataFree(image);
    EXPECT_EQ(image->pixel_data, nullptr);
  }
  ImageDataFree(nullptr);
  EXPECT_EQ(DecodeImageFromFile("/nowhere.png").status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(DecodeImageFromBuffer(nullptr, -1).ok());
  EXPECT_EQ(CreateFrameBufferFromImageData({nullptr, 1, 1, 2}).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(PhotographTest, JpegFilesHaveThePixelsOfTheTaskLibrary) {
  ImageData image = DecodeImageFromFile(PhotographPath("rocket.jpg")).value();
  ASSERT_EQ(image.channels, 3);
  const size_t count = static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3;
  ASSERT_EQ(count, 640u * 427u * 3u);
  // FNV-1a, of the pixels that tflite-support 0.4.4 gives.
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t index = 0; index < count; ++index) {
    hash = (hash ^ image.pixel_data[index]) * 0x100000001b3;
  }
  EXPECT_EQ(hash, 0x5b289d67286b3c83u);
  ImageDataFree(&image);
}

}  // namespace
}  // namespace vision
}  // namespace task
}  // namespace tflite
