// Compares two images by OpenVINO, or on the processor as ever where that is not installed.
import ImageEmbedding

var options = ImageEmbedder.Options()
options.accelerator = .openVINO
let embedder: ImageEmbedder
do {
  embedder = try ImageEmbedder(options: options)
} catch {
  print(error)
  options.accelerator = .cpu
  embedder = try ImageEmbedder(options: options)
}
let first = try embedder.embed(contentsOf: "left.jpg")
let second = try embedder.embed(contentsOf: "right.jpg")
let similarity = try ImageEmbedder.cosineSimilarity(
  first.embeddings[0].featureVector, second.embeddings[0].featureVector)
print(similarity)
