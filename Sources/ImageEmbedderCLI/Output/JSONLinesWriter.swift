import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// One JSON object an image, each on a line of its own.
final class JSONLinesWriter: RowWriter {
  private let output: OutputStream

  init(to output: OutputStream) {
    self.output = output
  }

  func write(_ image: EmbeddingResult, of path: PathBytes, _ stamp: FileStamp?) throws {
    var warnings = image.warnings
    if image.embeddings.contains(where: \.featureVector.hasUnwritableComponents) {
      warnings.append(
        "the feature vector has components that are NaN or infinite, written as null")
    }
    var members =
      pathMembers(path) + [
        ("status", .string("ok")), ("width", .integer(image.width)),
        ("height", .integer(image.height)), ("embeddings", .array(image.embeddings.map(json))),
      ]
    if !warnings.isEmpty {
      members.append(("warnings", .array(warnings.map(JSONValue.string))))
    }
    try output.write("\(JSONValue.object(members))\n")
  }

  func write(_ error: EmbedderError, of path: PathBytes) throws {
    try output.write("\(failureObject(error, of: path))\n")
  }

  func flush() throws { try output.flush() }

  func finish() throws {
    try output.finish()
  }

  private func json(_ embedding: Embedding) -> JSONValue {
    let components: [JSONValue] =
      switch embedding.featureVector {
      case .float(let values): values.map(JSONValue.float)
      case .quantized(let values): values.map { .integer(Int($0)) }
      }
    return .object([
      ("head_index", .integer(embedding.headIndex)), ("head_name", .string(embedding.headName)),
      ("feature_vector", .array(components)),
    ])
  }
}

/// The line for an image that could not be embedded.
func failureObject(_ error: EmbedderError, of path: PathBytes) -> JSONValue {
  .object(
    pathMembers(path) + [
      ("status", .string("failed")), ("error_code", .string(error.code.name)),
      ("error_message", .string(error.withoutPath)),
    ])
}

extension FeatureVector {
  fileprivate var hasUnwritableComponents: Bool {
    floats.map { !$0.allSatisfy(\.isFinite) } ?? false
  }
}
