// Embeds any number of files on all cores and prints where each lies; a bad one stops nobody.
//
// usage: batch IMAGE…

#include <image_embedder.hpp>
#include <iostream>

int main(int argc, char **argv) {
  auto embedder = image_embedder::Embedder::Create();
  if (!embedder.ok()) {
    std::cerr << embedder.status().message() << "\n";
    return 1;
  }

  auto batch = image_embedder::Batch::Create(*embedder).value();
  for (int index = 1; index < argc; ++index) {
    auto added = batch.Add(image_embedder::FileItem(argv[index]));
    if (!added.ok()) std::cerr << added.message() << "\n";
  }
  batch.Finish();

  while (true) {
    auto next = batch.Next(0.5);
    if (next.status().code() == image_embedder::StatusCode::kDeadlineExceeded) {
      continue;  // The place to look whether somebody wants to stop.
    }
    if (!next.ok() || !next->has_value()) break;
    const image_embedder::Result &result = **next;
    if (result.ok()) {
      const image_embedder::Vector vector = result.vector(0);
      std::cout << result.index() << ": " << vector.count << " floats, the first is "
                << vector.floats[0] << "\n";
    } else {
      std::cout << result.index() << ": " << result.status().ToString() << "\n";
    }
  }
}
