import ImageEmbedding

/// What became of one input.
enum Row {
  case embedded(EmbeddedImage)
  case failed(path: String, EmbedderError)
}

/// An image with its feature vectors.
struct EmbeddedImage {
  let path: String
  let width: Int
  let height: Int
  let embeddings: [Embedding]
  let warnings: [String]
}

/// Writes rows in one format.
protocol RowWriter {
  mutating func write(_ row: Row) throws
  /// Completes the output, which before does not exist under its name.
  mutating func finish() throws
}

extension EmbedderError {
  /// The error's sentence without the path of the image, for places that give it anyway.
  var withoutPath: String {
    if case .image(_, let error) = self { "\(error)" } else { "\(self)" }
  }

  /// The error's sentence for one image of several, which names the image once.
  func message(for path: String) -> String {
    if case .image(_, .file(let error)) = self { return "\(error)" }
    return "\(quoted(path)): \(withoutPath)"
  }
}
