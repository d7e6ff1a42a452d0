// The program of the Task Library's guide, but for its includes and the lines that make its inputs.
//
// usage: guide MODEL IMAGE IMAGE

#include <cstdio>
#include <image_embedder/tflite_task.hpp>

using namespace tflite::task::vision;

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  const std::string model_path = argv[1];
  ImageData image_1 = DecodeImageFromFile(argv[2]).value();
  ImageData image_2 = DecodeImageFromFile(argv[3]).value();
  if (image_1.channels != 3 || image_2.channels != 3) {
    // A raw buffer is taken at its word; CreateFrameBufferFromImageData takes every kind of image.
    std::fprintf(stderr, "guide: an image has other channels than red, green and blue\n");
    return 1;
  }
  const uint8_t *image_data1 = image_1.pixel_data, *image_data2 = image_2.pixel_data;
  const FrameBuffer::Dimension image_dimension1 = {image_1.width, image_1.height};
  const FrameBuffer::Dimension image_dimension2 = {image_2.width, image_2.height};

  // clang-format off
  // Initialization
  ImageEmbedderOptions options;
  options.mutable_model_file_with_metadata()->set_file_name(model_path);
  options.set_l2_normalize(true);
  std::unique_ptr<ImageEmbedder> image_embedder = ImageEmbedder::CreateFromOptions(options).value();

  // Create input frame_buffer_1 and frame_buffer_2 from image_data1, image_data2, image_dimension1 and image_dimension2.
  std::unique_ptr<FrameBuffer> frame_buffer_1 = CreateFromRgbRawBuffer(image_data1, image_dimension1);
  std::unique_ptr<FrameBuffer> frame_buffer_2 = CreateFromRgbRawBuffer(image_data2, image_dimension2);

  // Run inference on two images.
  const EmbeddingResult result_1 = image_embedder->Embed(*frame_buffer_1);
  const EmbeddingResult result_2 = image_embedder->Embed(*frame_buffer_2);

  // Compute cosine similarity.
  double similarity = ImageEmbedder::CosineSimilarity(
      result_1.embeddings[0].feature_vector(), result_2.embeddings[0].feature_vector());
  // clang-format on

  std::printf("Cosine similarity: %f\n", similarity);
  ImageDataFree(&image_1);
  ImageDataFree(&image_2);
}
