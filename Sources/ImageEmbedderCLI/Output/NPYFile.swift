import EmbeddingStore
import ImageEmbedding

/// A NumPy array `[images, components]` on its way to a file.
final class NPYFile {
  private let output: OutputStream
  private let dimension: Int
  private let type: ComponentType
  private var rowCount = 0

  init(replacing path: PathBytes, dimension: Int, type: ComponentType) throws {
    output = try OutputStream(replacing: path, needsSeeking: true)
    self.dimension = dimension
    self.type = type
    try output.write(header)
  }

  func append(_ vector: FeatureVector) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(dimension * type.byteCount)
    type.append(vector, to: &bytes)
    try output.write(bytes)
    rowCount += 1
  }

  /// Writes everything out, with the number of rows; the file does not have its name yet.
  func complete() throws {
    try output.overwriteStart(header)
    try output.flushToDisk()
  }

  /// Gives the file its name.
  func finish() throws {
    try output.finish()
    isFinished = true
  }

  private(set) var isFinished = false

  private var header: [UInt8] {
    NPYHeader.bytes(type: type, rowCount: rowCount, dimension: dimension)
  }
}
