// The C++ face itself: what the Task Library does not have, and what was moved away.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <image_embedder.hpp>

namespace image_embedder {
namespace {

std::string Folder(const char *variable) {
  const char *folder = std::getenv(variable);
  return folder != nullptr ? folder : "";
}

Options SmallModel() {
  Options options;
  options.model = Folder("IMAGE_EMBEDDER_TEST_MODELS") + "/identity_uint8_8x6.tflite";
  return options;
}

Embedder SmallEmbedder() { return Embedder::Create(SmallModel()).value(); }

std::string Photograph(const char *name) {
  return Folder("IMAGE_EMBEDDER_TEST_PHOTOGRAPHS") + "/" + name;
}

std::vector<float> Floats(const Result &result) {
  const Vector vector = result.vector(0);
  return std::vector<float>(vector.floats, vector.floats + vector.count);
}

TEST(EmbedderTest, SaysWhatTheModelIs) {
  const Embedder embedder = Embedder::Create().value();
  EXPECT_EQ(embedder.model_name(), "efficientnet-lite0");
  EXPECT_EQ(embedder.head_count(), 1u);
  EXPECT_EQ(embedder.head_name(0), "feature_vector");
  EXPECT_EQ(embedder.head_dimension(0), 1280);
  EXPECT_EQ(embedder.head_dimension(1), -1);
  EXPECT_NE(embedder.metadata(IE_METADATA_NAME), "");
  EXPECT_EQ(embedder.model_digest().size(), 64u);
  float mean[3], std[3];
  ASSERT_EQ(ie_embedder_normalization(embedder.get(), mean, std), IE_OK);
  EXPECT_EQ(mean[2], 127);
  EXPECT_EQ(std[2], 128);
  int32_t width, height;
  ie_element_type type;
  ASSERT_EQ(ie_embedder_input(embedder.get(), &width, &height, &type), IE_OK);
  EXPECT_EQ(width, 224);
  EXPECT_EQ(height, 224);
  EXPECT_EQ(type, IE_FLOAT32);
}

TEST(EmbedderTest, TakesANormalizationInPlaceOfTheModels) {
  Options options;
  options.model = Folder("IMAGE_EMBEDDER_TEST_MODELS") + "/identity_float_8x6_no_metadata.tflite";
  options.normalization_mean = {100};
  EXPECT_EQ(Embedder::Create(options).status().code(), StatusCode::kInvalidArgument);
  options.normalization_std = {2};
  const Embedder embedder = Embedder::Create(options).value();
  const std::vector<uint8_t> pixels(144, 110);
  EXPECT_EQ(Floats(embedder.EmbedFrame(Frame(pixels.data(), 144, 8, 6)).value()),
            std::vector<float>(144, 5));
}

std::vector<float> EmbedPhotograph(const Options &options, const char *name) {
  return Floats(Embedder::Create(options).value().EmbedFile(Photograph(name)).value());
}

TEST(OptionsTest, OfPicturesReachThem) {
  const std::vector<float> plain = EmbedPhotograph(SmallModel(), "retina.jpg");
  Options options = SmallModel();
  options.rotation = 180;
  std::vector<float> turned = EmbedPhotograph(options, "retina.jpg");
  EXPECT_NE(turned, plain);
  for (size_t index = 0; index < plain.size(); ++index) {
    EXPECT_EQ(turned[plain.size() - 3 - index + 2 * (index % 3)], plain[index]);
  }
  options = SmallModel();
  options.preset = "antialiased-v1";
  EXPECT_NE(EmbedPhotograph(options, "retina.jpg"), plain);
  options = SmallModel();
  options.decoding = IE_DECODING_FAST;
  const Result fast = Embedder::Create(options).value().EmbedFile(Photograph("retina.jpg")).value();
  EXPECT_NE(Floats(fast), plain);
  EXPECT_EQ(fast.width(), 1411);
  options = SmallModel();
  options.decoding = IE_DECODING_TASK_LIBRARY;
  EXPECT_NE(EmbedPhotograph(options, "retina.jpg"), plain);
  options = SmallModel();
  options.max_pixels = 1411 * 1411 - 1;
  EXPECT_EQ(Embedder::Create(options).value().EmbedFile(Photograph("retina.jpg")).status().code(),
            StatusCode::kResourceExhausted);
  options = SmallModel();
  options.max_file_bytes = 1000;
  EXPECT_EQ(Embedder::Create(options).value().EmbedFile(Photograph("retina.jpg")).status().code(),
            StatusCode::kResourceExhausted);
}

TEST(OptionsTest, OfAlphaAndVectorsReachThem) {
  const std::vector<uint8_t> clear(8 * 6 * 4, 0);
  const ie_frame frame = Frame(clear.data(), clear.size(), 8, 6, IE_FORMAT_RGBA);
  Options options = SmallModel();
  options.alpha = IE_ALPHA_WHITE;
  EXPECT_EQ(Floats(Embedder::Create(options).value().EmbedFrame(frame).value()),
            std::vector<float>(144, 255));
  options.quantize = true;
  const Result quantized = Embedder::Create(options).value().EmbedFrame(frame).value();
  EXPECT_EQ(quantized.vector(0).floats, nullptr);
  EXPECT_EQ(quantized.vector(0).quantized[143], 127);
  options.l2_normalize = true;
  const Result normalized = Embedder::Create(options).value().EmbedFrame(frame).value();
  EXPECT_EQ(normalized.vector(0).quantized[0], 11);  // 128 / 12, the root of 144.
}

TEST(OptionsTest, OfModelsDoNotMatterToDecoding) {
  Options options;
  options.model = "/nope";
  options.preset = "nope";
  options.normalization_mean = {1, 2, 3};
  options.normalization_std = {1};
  EXPECT_TRUE(image_embedder::Image::DecodeFile(Photograph("chelsea.png"), options).ok());
  options.max_pixels = 1;
  EXPECT_FALSE(image_embedder::Image::DecodeFile(Photograph("chelsea.png"), options).ok());
}

TEST(OptionsTest, OfTruncatedFilesReachThem) {
  std::ifstream file(Photograph("chelsea.png"), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  bytes.resize(bytes.size() / 2);
  Options options = SmallModel();
  EXPECT_FALSE(Embedder::Create(options).value().EmbedEncoded(bytes.data(), bytes.size()).ok());
  options.allows_truncated = true;
  const Result result =
      Embedder::Create(options).value().EmbedEncoded(bytes.data(), bytes.size()).value();
  EXPECT_EQ(result.warnings().size(), 1u);
}

TEST(OptionsTest, OfTheRuntimeReachIt) {
  Options options = SmallModel();
  options.litert_path = "/nowhere/libLiteRt.so";
  EXPECT_EQ(Embedder::Create(options).status().code(), StatusCode::kNotFound);
}

TEST(OptionsTest, OfTheAcceleratorReachIt) {
  EXPECT_EQ(Options().accelerator, IE_ACCELERATOR_CPU);
  Options options = SmallModel();
  options.accelerator_library = "/nowhere/library.so";
  EXPECT_EQ(Embedder::Create(options).status().code(), StatusCode::kInvalidArgument);
  const std::string worker = Folder("IMAGE_EMBEDDER_TEST_WORKER");
  for (const ie_accelerator accelerator : {IE_ACCELERATOR_OPENVINO, IE_ACCELERATOR_GPU}) {
    options.accelerator = accelerator;
    options.worker_path = "";
    const Status here = Embedder::Create(options).status();
    EXPECT_EQ(here.code(), StatusCode::kNotFound);
    if (worker.empty()) continue;
    options.worker_path = worker;
    const Status there = Embedder::Create(options).status();
    EXPECT_EQ(there.code(), here.code());
  }
}

TEST(OptionsTest, OfThePrecisionReachIt) {
  EXPECT_EQ(Options().precision, IE_PRECISION_FLOAT32);
  Options options = SmallModel();
  options.precision = IE_PRECISION_BFLOAT16;
  EXPECT_EQ(Embedder::Create(options).status().code(), StatusCode::kInvalidArgument);
  options.accelerator = IE_ACCELERATOR_OPENVINO;
  options.accelerator_library = "/nowhere/library.so";
  EXPECT_EQ(Embedder::Create(options).status().code(), StatusCode::kNotFound);
}

TEST(OptionsTest, GiveAModelAProcessOfItsOwn) {
  Options options = SmallModel();
  options.worker_path = Folder("IMAGE_EMBEDDER_TEST_WORKER");
  if (options.worker_path.empty()) GTEST_SKIP() << "no worker is named";
  EXPECT_EQ(EmbedPhotograph(options, "chelsea.png"), EmbedPhotograph(SmallModel(), "chelsea.png"));
}

TEST(EmbedderTest, NeedsTheWorkerThatItIsGiven) {
  Options options;
  options.worker_path = "/nowhere/image-embedder";
  EXPECT_EQ(Embedder::Create(options).status().code(), StatusCode::kFailedPrecondition);
}

TEST(AnnotateTest, WritesACopyThatSaysWhatWasGiven) {
  const std::string output = testing::TempDir() + "annotated.tflite";
  Annotations annotations;
  annotations.name = "mine";
  annotations.author = "";
  annotations.head_names = {"pixels"};
  ASSERT_TRUE(Annotate(SmallModel(), annotations, output).ok());
  Options options;
  options.model = output;
  const Embedder embedder = Embedder::Create(options).value();
  EXPECT_EQ(embedder.metadata(IE_METADATA_NAME), "mine");
  EXPECT_EQ(embedder.head_name(0), "pixels");
  annotations.normalization_mean = {1, 2, 3};
  EXPECT_EQ(Annotate(SmallModel(), annotations, output).code(), StatusCode::kInvalidArgument);
  annotations.normalization_std = {1, 2, 3};
  const Status refused = Annotate(SmallModel(), annotations, output);
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(refused.message().find("takes pixels as they are"), std::string::npos);
  std::remove(output.c_str());
}

TEST(EmbedderTest, EmbedsOnePictureInEveryWayAlike) {
  const Embedder embedder = SmallEmbedder();
  const std::string path = Photograph("chelsea.png");
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const Image image = Image::DecodeFile(path).value();
  EXPECT_EQ(image.format_name(), "PNG");
  const Result result = embedder.EmbedFile(path).value();
  EXPECT_EQ(result.width(), 451);
  EXPECT_EQ(result.height(), 300);
  EXPECT_TRUE(result.warnings().empty());
  EXPECT_EQ(Floats(result), Floats(embedder.EmbedEncoded(bytes.data(), bytes.size()).value()));
  EXPECT_EQ(Floats(result), Floats(embedder.EmbedImage(image).value()));
  EXPECT_EQ(Floats(result), Floats(embedder.EmbedFrame(image.frame()).value()));
  const Region region = {10, 20, 100, 90};
  EXPECT_EQ(Floats(embedder.EmbedFile(path, &region).value()),
            Floats(embedder.EmbedFrame(image.frame(), &region).value()));
}

TEST(EmbedderTest, AnswersAfterItWasMovedFrom) {
  Embedder embedder = SmallEmbedder();
  Embedder other = std::move(embedder);
  EXPECT_EQ(embedder.EmbedFile("x").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(embedder.head_count(), 0u);
  EXPECT_EQ(embedder.model_name(), "");
  EXPECT_FALSE(Batch::Create(embedder).ok());
  EXPECT_FALSE(embedder.EmbedBatch({FileItem("x")}).ok());
  EXPECT_EQ(other.head_count(), 1u);
  Batch batch = Batch::Create(other).value();
  Batch moved = std::move(batch);
  EXPECT_EQ(batch.Add(FileItem("x")).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(batch.Next().status().code(), StatusCode::kInvalidArgument);
  const std::vector<uint8_t> pixels(144, 1);
  Result result = other.EmbedFrame(Frame(pixels.data(), 144, 8, 6)).value();
  Result taken = std::move(result);
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(result.size(), 0u);
  EXPECT_EQ(result.vector(0).floats, nullptr);
}

TEST(BatchTest, GivesResultsInOrderWhateverTheItemsAre) {
  const Embedder embedder = SmallEmbedder();
  const std::string path = Photograph("chelsea.png");
  const Image image = Image::DecodeFile(path).value();
  const ie_frame frame = image.frame();
  const std::string missing = Photograph("nowhere.png");
  std::vector<ie_item> items;
  for (int times = 0; times < 30; ++times) {
    items.push_back(FileItem(path.c_str()));
    items.push_back(FrameItem(&frame));
    items.push_back(FileItem(missing.c_str()));
    items.push_back(EncodedItem("no image", 8));
  }
  const std::vector<Result> results = embedder.EmbedBatch(items).value();
  ASSERT_EQ(results.size(), items.size());
  const StatusCode expected[] = {StatusCode::kOk, StatusCode::kOk, StatusCode::kNotFound,
                                 StatusCode::kInvalidArgument};
  for (size_t index = 0; index < results.size(); ++index) {
    EXPECT_EQ(results[index].index(), index);
    EXPECT_EQ(results[index].status().code(), expected[index % 4]);
    EXPECT_EQ(results[index].ok(), index % 4 < 2);
  }
  EXPECT_EQ(Floats(results[0]), Floats(results[1]));
  EXPECT_EQ(results[1].width(), 451);
}

class BatchMemoryTest : public ::testing::TestWithParam<bool> {};

TEST_P(BatchMemoryTest, TakesItemsWhileResultsAreTaken) {
  const bool borrows_memory = GetParam();
  const Embedder embedder = SmallEmbedder();
  Batch batch = Batch::Create(embedder, 2, borrows_memory).value();
  constexpr size_t count = 500, window = 10;
  std::vector<std::vector<uint8_t>> pixels(window, std::vector<uint8_t>(144));
  for (size_t added = 0, taken = 0; taken < count;) {
    if (added < count && added - taken < window) {
      std::vector<uint8_t> &memory = pixels[added % window];
      memory.assign(144, static_cast<uint8_t>(added));
      const ie_frame frame = Frame(memory.data(), memory.size(), 8, 6);
      ASSERT_TRUE(batch.Add(FrameItem(&frame)).ok());
      // A copy is the batch's own.
      if (!borrows_memory) memory.assign(144, 0);
      if (++added == count) batch.Finish();
      continue;
    }
    const StatusOr<std::optional<Result>> next = batch.Next(0.01);
    if (next.status().code() == StatusCode::kDeadlineExceeded) continue;
    ASSERT_TRUE(next->has_value());
    EXPECT_EQ(Floats(**next), std::vector<float>(144, static_cast<float>(taken % 256)));
    ++taken;
  }
  EXPECT_FALSE(batch.Next()->has_value());
}

INSTANTIATE_TEST_SUITE_P(Memory, BatchMemoryTest, ::testing::Bool());

TEST(BatchTest, CopiesPlanesThatAreViewsOfOne) {
  const Embedder embedder = SmallEmbedder();
  std::vector<uint8_t> y(48, 100), uv(24, 90);
  for (size_t index = 0; index < uv.size(); ++index) uv[index] = static_cast<uint8_t>(7 * index);
  ie_frame frame = Frame(y.data(), y.size(), 8, 6, IE_FORMAT_NV12);
  frame.plane_count = 3;
  frame.planes[1] = {uv.data(), 23, 8, 2};
  frame.planes[2] = {uv.data() + 1, 23, 8, 2};
  const std::vector<float> expected = Floats(embedder.EmbedFrame(frame).value());
  Batch batch = Batch::Create(embedder).value();
  ASSERT_TRUE(batch.Add(FrameItem(&frame)).ok());
  y.assign(48, 0);
  uv.assign(24, 0);
  batch.Finish();
  EXPECT_EQ(Floats(**batch.Next()), expected);
}

TEST(BatchTest, EndsWhenItIsStoppedCancelledOrLeftAlone) {
  const Embedder embedder = SmallEmbedder();
  const std::string path = Photograph("chelsea.png");
  for (int way = 0; way < 3; ++way) {
    Batch batch = Batch::Create(embedder, 2, true).value();
    for (int times = 0; times < 100; ++times) {
      ASSERT_TRUE(batch.Add(FileItem(path.c_str())).ok());
    }
    if (way == 0) batch.Cancel();
    if (way == 1) batch.Stop();
    if (way == 2) continue;
    EXPECT_EQ(batch.Add(FileItem("x")).code(), StatusCode::kFailedPrecondition);
    int count = 0;
    while (batch.Next()->has_value()) ++count;
    EXPECT_LT(count, 100);
  }
}

// Twelve pictures of 8 x 6 pixels that 0.1.0 stored, whose vectors are their pixels.
std::string FormerStores() { return Folder("IMAGE_EMBEDDER_TEST_MODELS") + "/../Stores/0.1.0"; }

std::vector<float> Pixels(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  std::vector<float> pixels;
  for (size_t index = bytes.size() - 144; index < bytes.size(); ++index)
    pixels.push_back(static_cast<unsigned char>(bytes[index]));
  return pixels;
}

TEST(StoreTest, GivesRowsAndVectors) {
  const Store store = Store::Open(FormerStores() + "/plain").value();
  EXPECT_EQ(store.size(), 12u);
  EXPECT_EQ(store.head_count(), 1u);
  EXPECT_EQ(store.head_dimension(0), 144);
  EXPECT_EQ(store.head_dimension(1), -1);
  EXPECT_EQ(store.fingerprint().size(), 64u);
  const StoredRow row = store.row(7).value();
  EXPECT_EQ(row.path, "in/7.ppm");
  EXPECT_EQ(row.width, 8);
  EXPECT_EQ(row.height, 6);
  EXPECT_EQ(store.vector(7).value(), Pixels(FormerStores() + "/in/7.ppm"));
  EXPECT_EQ(store.row(12).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(store.vector(12).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(store.vector(7, 1).status().code(), StatusCode::kOutOfRange);
}

TEST(IndexTest, FindsTheNearestRows) {
  const Store store = Store::Open(FormerStores() + "/plain").value();
  const Index index = Index::Open(store).value();
  EXPECT_EQ(index.warning(), "");
  const std::vector<float> query = store.vector(7).value();
  const std::vector<Answer> answers = index.Search(query, 100).value();
  ASSERT_EQ(answers.size(), 12u);
  EXPECT_EQ(answers[0].row, 7u);
  EXPECT_NEAR(answers[0].cosine, 1, 1e-6);
  for (size_t place = 1; place < 12; ++place) {
    EXPECT_LE(answers[place].cosine, answers[place - 1].cosine);
    const std::vector<float> row = store.vector(answers[place].row).value();
    const Vector u{query.data(), nullptr, query.size()}, v{row.data(), nullptr, row.size()};
    EXPECT_EQ(answers[place].cosine, CosineSimilarity(u, v).value());
  }
  EXPECT_EQ(index.Search(query, SIZE_MAX, answers[2].cosine).value().size(), 3u);
  EXPECT_EQ(index.Search(std::vector<float>{1, 2}, 1).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(index.Search(std::vector<int8_t>(144, 1), 1).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(index.Search(query, 0).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Index::Open(store, 1).status().code(), StatusCode::kOutOfRange);
}

TEST(IndexTest, FindsPairs) {
  const Store store = Store::Open(FormerStores() + "/plain").value();
  const Index index = Index::Open(store).value();
  Pairs all = index.FindPairs(-1).value();
  const std::vector<Pair> pairs = all.Next().value();
  ASSERT_EQ(pairs.size(), 66u);
  size_t place = 0;
  for (size_t first = 0; first < 12; ++first) {
    for (size_t second = first + 1; second < 12; ++second, ++place) {
      EXPECT_EQ(pairs[place].first, first);
      EXPECT_EQ(pairs[place].second, second);
      const std::vector<float> a = store.vector(first).value(), b = store.vector(second).value();
      const Vector u{a.data(), nullptr, a.size()}, v{b.data(), nullptr, b.size()};
      EXPECT_EQ(pairs[place].cosine, CosineSimilarity(u, v).value());
    }
  }
  EXPECT_TRUE(all.Next().value().empty());
  EXPECT_TRUE(all.Next().value().empty());

  const std::vector<size_t> rows = {9, 3, 5};
  EXPECT_EQ(index.FindPairs(-1, rows).value().Next().value().size(), 3u);
  EXPECT_TRUE(index.FindPairs(-1, std::vector<size_t>()).value().Next().value().empty());
  EXPECT_TRUE(index.FindPairs(2).value().Next().value().empty());
  EXPECT_EQ(index.FindPairs(std::nan("")).status().code(), StatusCode::kInvalidArgument);
}

/// A folder with two files of the same bytes, and one that is no picture.
std::string FolderOfTwo() {
  const std::string folder = ::testing::TempDir() + "/image-embedder-duplicates-of-cpp";
  const std::string pictures = FormerStores() + "/in";
  const std::string command = "rm -rf '" + folder + "' && mkdir '" + folder + "' && cp '" +
                              pictures + "/7.ppm' '" + folder + "/a.ppm' && cp '" + pictures +
                              "/7.ppm' '" + folder + "/b.ppm' && echo none >'" + folder + "/c.ppm'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return folder;
}

TEST(DuplicatesTest, FindsFiles) {
  const std::string folder = FolderOfTwo();
  const Duplicates duplicates = Duplicates::FindFiles({folder}).value();
  ASSERT_TRUE(duplicates.Wait().ok());
  ASSERT_EQ(duplicates.picture_count(), 3u);
  EXPECT_EQ(duplicates.progress().stage, "reading pictures");
  const DuplicatePicture picture = duplicates.picture(1);
  EXPECT_EQ(picture.path, folder + "/b.ppm");
  EXPECT_EQ(picture.absolute_path.back(), 'm');
  EXPECT_FALSE(picture.row.has_value());
  EXPECT_EQ(picture.width, 8);
  EXPECT_EQ(picture.height, 6);
  EXPECT_EQ(picture.problem, "");
  EXPECT_EQ(duplicates.picture(3).path, "");

  const std::vector<DuplicatePair> pairs = duplicates.pairs();
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].a, 0u);
  EXPECT_EQ(pairs[0].b, 1u);
  EXPECT_EQ(pairs[0].tier, DuplicateTier::kBytes);
  EXPECT_EQ(DuplicateTierName(pairs[0].tier), "bytes");
  EXPECT_FALSE(pairs[0].cosine.has_value());
  EXPECT_EQ(pairs[0].correlation, 1);
  EXPECT_EQ(pairs[0].transform, "none");
  EXPECT_EQ(pairs[0].reason, "the files hold the same bytes");
  const std::vector<DuplicateGroup> groups = duplicates.groups();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].tier, DuplicateTier::kBytes);
  EXPECT_EQ(groups[0].members, (std::vector<size_t>{0, 1}));
  EXPECT_TRUE(duplicates.flat().empty());
  EXPECT_EQ(duplicates.failed(), std::vector<size_t>{2});
  EXPECT_NE(duplicates.picture(2).problem, "");
  EXPECT_TRUE(duplicates.warnings().empty());

  EXPECT_EQ(duplicates.WriteMoveScript(folder + "/move.sh").value(), 1u);
  EXPECT_EQ(duplicates.WriteMoveScript(folder + "/a.ppm").status().code(),
            StatusCode::kFailedPrecondition);

  // The other one is kept where its folder is preferred, and nothing is found that was refused.
  ASSERT_EQ(std::system(("mkdir '" + folder + "/best' && mv '" + folder + "/b.ppm' '" + folder +
                         "/best' && echo '{\"members\":[\"" + folder + "/a.ppm\",\"" + folder +
                         "/best/b.ppm\"]}' >'" + folder + "/no.jsonl'")
                            .c_str()),
            0);
  DuplicateOptions options;
  options.tiers = {DuplicateTier::kBytes, DuplicateTier::kPixels};
  options.preferred_folders = {folder + "/best"};
  const Duplicates preferred = Duplicates::FindFiles({folder}, options).value();
  ASSERT_TRUE(preferred.Wait().ok());
  ASSERT_EQ(preferred.groups().size(), 1u);
  EXPECT_EQ(preferred.picture(preferred.groups()[0].keep).path, folder + "/best/b.ppm");
  options.not_duplicates = {folder + "/no.jsonl"};
  const Duplicates refused = Duplicates::FindFiles({folder}, options).value();
  ASSERT_TRUE(refused.Wait().ok());
  EXPECT_TRUE(refused.pairs().empty() && refused.groups().empty());
}

TEST(DuplicatesTest, FindsRowsOfAStore) {
  const std::string program = Folder("IMAGE_EMBEDDER_TEST_WORKER");
  if (program.empty()) GTEST_SKIP() << "no program is named that writes a store";
  const std::string folder = FolderOfTwo();
  const std::string command = "'" + program + "' embed '" + folder + "/b.ppm' '" + folder +
                              "/a.ppm' --output '" + folder + "/store' --model '" +
                              SmallModel().model + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const Store store = Store::Open(folder + "/store").value();
  const Duplicates duplicates = Duplicates::Find(store).value();
  ASSERT_TRUE(duplicates.Wait().ok());
  ASSERT_EQ(duplicates.pairs().size(), 1u);
  EXPECT_NEAR(duplicates.pairs()[0].cosine.value(), 1, 1e-12);
  EXPECT_EQ(duplicates.picture(0).row, 0u);
  EXPECT_EQ(duplicates.picture(0).path, folder + "/b.ppm");

  DuplicateOptions options;
  options.head = 1;
  EXPECT_EQ(Duplicates::Find(store, options).status().code(), StatusCode::kOutOfRange);
  options.head = 0;
  options.similar_cosine = 0;
  EXPECT_EQ(Duplicates::Find(store, options).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Duplicates::FindFiles({folder + "/store"}).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(DuplicatesTest, AnswersAfterItWasMovedFrom) {
  Duplicates duplicates = Duplicates::FindFiles({}).value();
  const Duplicates other = std::move(duplicates);
  EXPECT_TRUE(other.Wait().ok());
  EXPECT_EQ(duplicates.Wait().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(duplicates.picture_count(), 0u);
  EXPECT_TRUE(duplicates.pairs().empty() && duplicates.groups().empty());
  EXPECT_TRUE(duplicates.flat().empty() && duplicates.warnings().empty());
  EXPECT_EQ(duplicates.WriteMoveScript("x").status().code(), StatusCode::kInvalidArgument);
  duplicates.Cancel();
}

TEST(StoreTest, AnswersAfterItWasMovedFrom) {
  Store store = Store::Open(FormerStores() + "/plain").value();
  const Store other = std::move(store);
  EXPECT_EQ(other.size(), 12u);
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.fingerprint(), "");
  EXPECT_EQ(store.row(0).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(store.vector(0).status().code(), StatusCode::kInvalidArgument);
}

TEST(StoreTest, NeedsAFolderThatIsOne) {
  EXPECT_EQ(Store::Open("/nowhere").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Store::RemoveRows("/nowhere", {}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Store::RemoveRows(FormerStores() + "/plain", {"in/7.ppm"}).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST(StoreTest, LosesTheRowsThatAreRemoved) {
  const std::string program = Folder("IMAGE_EMBEDDER_TEST_WORKER");
  if (program.empty()) GTEST_SKIP() << "no program is named that writes a store";
  const std::string folder = ::testing::TempDir() + "/image-embedder-store-of-cpp";
  const std::string command = "rm -rf '" + folder + "' && cd '" + FormerStores() + "' && '" +
                              program +
                              "' embed in --exclude broken.jpg --rows-per-file 5 --output '" +
                              folder + "' --model '" + SmallModel().model + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(Store::Open(folder).value().fingerprint(), SmallEmbedder().fingerprint());
  EXPECT_EQ(Store::RemoveRows(folder, {FormerStores() + "/in/7.ppm", "/nope"}).value(), 1u);
  const Store store = Store::Open(folder).value();
  ASSERT_EQ(store.size(), 11u);
  for (size_t number = 0; number < store.size(); ++number) {
    const std::string path = store.row(number).value().path;
    EXPECT_NE(path, "in/7.ppm");
    EXPECT_EQ(store.vector(number).value(), Pixels(FormerStores() + "/" + path));
  }
}

}  // namespace
}  // namespace image_embedder
