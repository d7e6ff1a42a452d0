import BatchEmbedding
import ImageEmbedding

/// Writes a folder of embeddings, part by part; a part appears when it is whole.
final class EmbeddingFolderWriter: RowWriter {
  private let folder: EmbeddingFolder
  private let dimensions: [Int]
  private let type: ComponentType
  private let rowsPerPart: Int
  private let failures: LogFile
  private var ordinal = 0
  private var part: Part?

  private struct Part {
    let arrays: [NPYFile]
    let metadata: OutputStream
    var rowCount = 0
  }

  /// - Parameters:
  ///   - folder: The folder, which exists.
  ///   - dimensions: Each head's number of components.
  ///   - type: How they are stored.
  ///   - rowsPerPart: The most rows of one part.
  /// - Throws: ``Failure`` when the log of failures cannot be opened.
  init(
    to folder: EmbeddingFolder, dimensions: [Int], type: ComponentType, rowsPerPart: Int
  ) throws {
    self.folder = folder
    self.dimensions = dimensions
    self.type = type
    self.rowsPerPart = rowsPerPart
    failures = try LogFile(appendingTo: folder.failures)
  }

  func write(_ image: EmbeddingResult, of path: PathBytes) throws {
    var part = try self.part ?? begin()
    var warnings = image.warnings
    if type == .float16, image.embeddings.contains(where: \.featureVector.exceedsFloat16) {
      warnings.append("the feature vector has components that are infinite as float16")
    }
    for (array, embedding) in zip(part.arrays, image.embeddings) {
      try array.append(embedding.featureVector)
    }
    var members =
      pathMembers(path) + [("width", .integer(image.width)), ("height", .integer(image.height))]
    if !warnings.isEmpty {
      members.append(("warnings", .array(warnings.map(JSONValue.string))))
    }
    try part.metadata.write("\(JSONValue.object(members))\n")
    part.rowCount += 1
    self.part = part
    if part.rowCount == rowsPerPart { try finishPart() }
  }

  func write(_ error: EmbedderError, of path: PathBytes) throws {
    try failures.append("\(failureObject(error, of: path))\n")
  }

  func finish() throws {
    try finishPart()
  }

  private func begin() throws -> Part {
    while folder.isComplete(part: folder.partNumber(ordinal)) { ordinal += 1 }
    let number = folder.partNumber(ordinal)
    let arrays = try dimensions.enumerated().map { head, dimension in
      try NPYFile(
        replacing: folder.array(part: number, head: head), dimension: dimension, type: type)
    }
    return Part(
      arrays: arrays, metadata: try OutputStream(replacing: folder.metadata(part: number)))
  }

  private func finishPart() throws {
    guard let part else { return }
    for array in part.arrays { try array.complete() }
    try part.metadata.flush()
    for array in part.arrays { try array.finish() }
    try part.metadata.finish()
    self.part = nil
  }
}

extension FeatureVector {
  fileprivate var exceedsFloat16: Bool {
    floats?.contains { $0.isFinite && !Float16($0).isFinite } ?? false
  }
}
