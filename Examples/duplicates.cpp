// Prints which pictures of a folder of vectors are there more than once, and writes a script that
// moves them.
//
// usage: duplicates FOLDER [SCRIPT]

#include <image_embedder.hpp>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
  const std::string folder = argc > 1 ? argv[1] : "embeddings";
  const auto store = image_embedder::Store::Open(folder);
  if (!store.ok()) {
    std::cerr << store.status().message() << "\n";
    return 1;
  }

  const auto duplicates = image_embedder::Duplicates::Find(*store);
  if (!duplicates.ok()) {
    std::cerr << duplicates.status().message() << "\n";
    return 1;
  }
  auto status = duplicates->Wait(0.5);
  while (status.code() == image_embedder::StatusCode::kDeadlineExceeded) {
    // The place to show how far it is, by progress(), or to Cancel().
    status = duplicates->Wait(0.5);
  }
  for (const auto &group : duplicates->groups()) {
    std::cout << image_embedder::DuplicateTierName(group.tier) << ": keep "
              << duplicates->picture(group.keep).path << ", since " << group.reason << "\n";
    for (size_t member : group.members) {
      if (member != group.keep) std::cout << "  " << duplicates->picture(member).path << "\n";
    }
  }

  for (size_t number : duplicates->failed()) {
    const auto picture = duplicates->picture(number);
    std::cerr << picture.path << ": " << picture.problem << "\n";
  }
  if (argc > 2) {
    const auto moved = duplicates->WriteMoveScript(argv[2]);
    std::cerr << (moved.ok() ? std::to_string(*moved) + " pictures would be moved"
                             : moved.status().message())
              << "\n";
  }
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
