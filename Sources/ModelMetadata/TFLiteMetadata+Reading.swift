extension TFLiteMetadata {
  /// The name under which a model stores its metadata.
  static let entryName = "TFLITE_METADATA"

  /// The identifier of the schema that is read here.
  static let identifier = "M001"

  /// Reads metadata from untrusted bytes.
  ///
  /// - Parameters:
  ///   - bytes: The buffer that a model keeps under the name `TFLITE_METADATA`.
  ///   - subgraph: The graph whose inputs and outputs are read.
  /// - Throws: ``MetadataError`` for another schema's identifier and for anything out of bounds.
  public init(reading bytes: RawSpan, ofSubgraph subgraph: Int = 0) throws(MetadataError) {
    let buffer = FlatBuffer(bytes)
    guard buffer.identifier == Self.identifier else {
      throw .wrongSchemaVersion(expected: Self.identifier, found: buffer.identifier ?? "nothing")
    }
    let model = try buffer.root("metadata")
    name = try model.string(0)
    description = try model.string(1)
    version = try model.string(2)
    author = try model.string(4)
    license = try model.string(5)
    associatedFiles = try model.associatedFiles(6)
    minimumParserVersion = try model.string(7)
    // What is said of one graph is not true of another.
    if let count = try model.tableCount(3), subgraph < max(count, 1) {
      let subgraph = try model.table(3, at: subgraph, "subgraph metadata")
      inputs = try subgraph.tensors(2, "input tensor metadata", &associatedFiles)
      outputs = try subgraph.tensors(3, "output tensor metadata", &associatedFiles)
      associatedFiles += try subgraph.associatedFiles(4)
    }
  }
}

extension FlatBufferTable {
  /// The most tensors or processing units that are read: a model has one input and a few outputs.
  private static let tensorLimit = 64

  /// The most associated files in all.
  private static let fileLimit = 256

  fileprivate func tensors(
    _ field: Int, _ name: String, _ files: inout [AssociatedFile]
  ) throws(MetadataError) -> [TensorMetadata] {
    var result: [TensorMetadata] = []
    for index in 0..<(try limitedCount(field)) {
      let table = try table(field, at: index, "\(name) \(index)")
      var tensor = TensorMetadata()
      tensor.name = try table.string(0)
      tensor.description = try table.string(1)
      if let content = try table.table(3, "content") {
        tensor.content = try content.contentProperties()
      }
      tensor.normalizations = try table.normalizations(4)
      files += try table.associatedFiles(6)
      // Several entries may be one table, so the file's size says nothing about their number.
      guard files.count <= Self.fileLimit else {
        throw .tooManyEntries(part: "associated files", count: files.count, limit: Self.fileLimit)
      }
      result.append(tensor)
    }
    return result
  }

  private func contentProperties() throws(MetadataError) -> ContentProperties {
    switch try scalar(0, as: UInt8.self) ?? 0 {
    case 0: return .none
    case 1: return .feature
    case 2:
      switch try table(1, "image properties")?.scalar(0, as: Int8.self) ?? 0 {
      case 0: return .image(.unknown)
      case 1: return .image(.rgb)
      case 2: return .image(.grayscale)
      case let other: return .image(.other(other))
      }
    case 3: return .boundingBox
    case 4: return .audio
    case let other: return .unknown(other)
    }
  }

  private func normalizations(_ field: Int) throws(MetadataError) -> [NormalizationUnit] {
    let normalizationOptions: UInt8 = 1
    var result: [NormalizationUnit] = []
    for index in 0..<(try limitedCount(field)) {
      let unit = try table(field, at: index, "process unit \(index)")
      guard try unit.scalar(0, as: UInt8.self) == normalizationOptions else { continue }
      let options = try unit.table(1, "normalization options")
      result.append(
        NormalizationUnit(
          mean: try options?.scalars(0, of: Float.self) ?? [],
          std: try options?.scalars(1, of: Float.self) ?? []))
    }
    return result
  }

  fileprivate func associatedFiles(_ field: Int) throws(MetadataError) -> [AssociatedFile] {
    var result: [AssociatedFile] = []
    for index in 0..<(try limitedCount(field)) {
      let file = try table(field, at: index, "associated file \(index)")
      result.append(AssociatedFile(name: try file.string(0) ?? "", description: try file.string(1)))
    }
    return result
  }

  private func limitedCount(_ field: Int) throws(MetadataError) -> Int {
    let count = try tableCount(field) ?? 0
    guard count <= Self.tensorLimit else {
      throw .tooManyEntries(part: "\(name), field \(field)", count: count, limit: Self.tensorLimit)
    }
    return count
  }
}
