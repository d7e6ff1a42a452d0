import ImageEmbedding

/// One JSON object an image, each on a line of its own.
struct JSONLinesWriter: RowWriter {
  private var output: OutputStream

  init(to output: consuming OutputStream) {
    self.output = output
  }

  mutating func write(_ row: Row) throws {
    var line = ""
    switch row {
    case .embedded(let image):
      var warnings = image.warnings
      if image.embeddings.contains(where: \.featureVector.hasUnwritableComponents) {
        warnings.append(
          "the feature vector has components that are NaN or infinite, written as null")
      }
      var members: [(String, JSONValue)] = [
        ("path", .string(image.path)), ("status", .string("ok")),
        ("width", .integer(image.width)), ("height", .integer(image.height)),
        ("embeddings", .array(image.embeddings.map(json))),
      ]
      if !warnings.isEmpty {
        members.append(("warnings", .array(warnings.map(JSONValue.string))))
      }
      JSONValue.object(members).write(to: &line)
    case .failed(let path, let error):
      JSONValue.object([
        ("path", .string(path)), ("status", .string("failed")),
        ("error_code", .string(error.code.name)), ("error_message", .string(error.withoutPath)),
      ]).write(to: &line)
    }
    line += "\n"
    try output.write(line)
  }

  mutating func finish() throws {
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

extension FeatureVector {
  fileprivate var hasUnwritableComponents: Bool {
    floats.map { !$0.allSatisfy(\.isFinite) } ?? false
  }
}
