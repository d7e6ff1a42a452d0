// Prints how alike two images are.
import ImageEmbedding

let embedder = try ImageEmbedder()
let first = try embedder.embed(contentsOf: "left.jpg")
let second = try embedder.embed(contentsOf: "right.jpg")
let similarity = try ImageEmbedder.cosineSimilarity(
  first.embeddings[0].featureVector, second.embeddings[0].featureVector)
print(similarity)
