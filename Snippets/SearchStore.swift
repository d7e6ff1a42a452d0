// Finds the images of a folder of vectors that are nearest to another one.
import EmbeddingSearch
import ImageEmbedding

let vector = try ImageEmbedder().embed(.file("query.jpg")).embeddings[0].featureVector
let index = try EmbeddingIndex(EmbeddingStore("embeddings"))
for answer in try index.nearest(10, to: vector) {
  print(answer.cosine, try index.store.row(at: answer.row).path)
}
