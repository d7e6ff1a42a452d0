// Reads a folder of vectors that was written before.
import EmbeddingStore

let store = try EmbeddingStore("embeddings")
for number in 0..<store.count {
  print(try store.row(at: number).path, try store.vector(at: number))
}
print(try store.rows(of: "photos/cat.jpg"))
