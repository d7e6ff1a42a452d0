import BatchEmbedding
import ImageEmbedding

/// NumPy arrays `[images, components]`: one file a head, and the rows' names beside the first.
///
/// The first head's file has the name that was given, `vectors.npy`; further heads go to
/// `vectors.head1.npy` and so on, the names to `vectors.npy.rows.jsonl`. Only images that were embedded
/// have a row.
final class NPYWriter: RowWriter {
  private let arrays: [NPYFile]
  private let names: OutputStream
  private var rowCount = 0

  init(to path: String, dimensions: [Int], type: ComponentType) throws {
    let stem = path.hasSuffix(".npy") ? String(path.dropLast(4)) : path
    arrays = try dimensions.enumerated().map { head, dimension in
      try NPYFile(
        replacing: head == 0 ? path : "\(stem).head\(head).npy", dimension: dimension, type: type)
    }
    names = try OutputStream(replacing: "\(path).rows.jsonl")
  }

  func write(_ image: EmbeddingResult, of path: PathBytes) throws {
    for (array, embedding) in zip(arrays, image.embeddings) {
      try array.append(embedding.featureVector)
    }
    let name = JSONValue.object([("row", .integer(rowCount))] + pathMembers(path))
    try names.write("\(name)\n")
    rowCount += 1
  }

  func write(_ error: EmbedderError, of path: PathBytes) {}

  func finish() throws {
    // Everything is written out before the first file gets its name: a full disk leaves what was there.
    for array in arrays { try array.complete() }
    try names.flush()
    try names.finish()
    for array in arrays.reversed() { try array.finish() }
  }
}
