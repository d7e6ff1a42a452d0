// Finds images and pairs of images that are near each other, without blocking a thread.
import EmbeddingSearch

let index = try EmbeddingIndex(EmbeddingStore("embeddings"))
try await search(index, for: index.store.vector(at: 0))

func search(_ index: EmbeddingIndex, for vector: FeatureVector) async throws {
  for answer in try await index.nearest(10, to: vector) { print(answer.row, answer.cosine) }
  for try await pair in try index.pairs(minCosine: 0.95) {
    print(pair.first, pair.second, pair.cosine)
  }
}
