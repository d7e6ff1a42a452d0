// Embeds every JPEG in a folder, on all cores and in order.
import BatchEmbedding
import EmbedderBatchInputs
import ImageEmbedding

let batch = BatchEmbedder(try ImageEmbedder())
var photographs = InputList(["photos"])
photographs.filter.includes = [GlobPattern("*.jpg")]
for await result in try batch.results(of: photographs) {
  switch result.outcome {
  case .embedded(let image): print(result.path, image.embeddings[0].featureVector.count)
  case .failed(let error): print(result.path, error)
  case .skipped: break
  }
}
