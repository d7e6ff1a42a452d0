// Prints what a folder of vectors holds, and removes the rows of the images that are named.
//
// usage: store FOLDER [IMAGE…]

#include <image_embedder.hpp>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char **argv) {
  const std::string folder = argc > 1 ? argv[1] : "embeddings";
  if (argc > 2) {
    const auto removed =
        image_embedder::Store::RemoveRows(folder, std::vector<std::string>(argv + 2, argv + argc));
    std::cerr << (removed.ok() ? std::to_string(*removed) + " rows removed"
                               : removed.status().message())
              << "\n";
  }

  const auto store = image_embedder::Store::Open(folder);
  if (!store.ok()) {
    std::cerr << store.status().message() << "\n";
    return 1;
  }
  for (size_t number = 0; number < store->size(); ++number) {
    const auto row = store->row(number);
    const auto vector = store->vector(number);
    if (row.ok() && vector.ok()) std::cout << row->path << ": " << vector->size() << " floats\n";
  }
}
