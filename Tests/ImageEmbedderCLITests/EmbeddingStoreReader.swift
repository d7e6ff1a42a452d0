import EmbeddingStore
import ImageEmbedding

/// What counts in a folder of vectors, as its record has it.
enum EmbeddingStoreReader {
  static func paths(_ folder: String) throws -> [String] {
    let store = try EmbeddingStore(PathBytes(folder))
    return try (0..<store.count).map { try store.row(at: $0).path.description }
  }
}
