import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// One line for each head of each image, after a line of column names (RFC 4180 with LF).
final class CSVWriter: RowWriter {
  private let output: OutputStream
  private let dimension: Int

  /// - Parameters:
  ///   - output: Where lines go.
  ///   - dimension: The longest head's; shorter ones leave the last cells empty.
  init(to output: OutputStream, dimension: Int) {
    self.output = output
    self.dimension = dimension
  }

  /// The names of the columns before the components.
  static let columns = [
    "path", "status", "error_code", "error_message", "width", "height", "head_index", "head_name",
  ]

  func write(_ image: EmbeddingResult, of path: PathBytes, _ stamp: FileStamp?) throws {
    try beginOnce()
    for embedding in image.embeddings {
      let components =
        switch embedding.featureVector {
        case .float(let values): values.map(\.description)
        case .quantized(let values): values.map(\.description)
        }
      try write(
        cells: [
          path.description, "ok", "", "", "\(image.width)", "\(image.height)",
          "\(embedding.headIndex)", embedding.headName ?? "",
        ], components)
    }
  }

  func write(_ error: EmbedderError, of path: PathBytes) throws {
    try beginOnce()
    try write(
      cells: [path.description, "failed", error.code.name, error.withoutPath, "", "", "", ""], [])
  }

  func finish() throws {
    try beginOnce()
    try output.finish()
  }

  func flush() throws {
    try beginOnce()
    try output.flush()
  }

  private var hasBegun = false

  private func beginOnce() throws {
    guard !hasBegun else { return }
    hasBegun = true
    try write(cells: Self.columns, (0..<dimension).map { "v\($0)" })
  }

  private func write(cells: [String], _ components: [String]) throws {
    let missing = Array(repeating: "", count: dimension - components.count)
    let line = (cells.map(escaped) + components + missing).joined(separator: ",")
    try output.write(line + "\n")
  }

  private func escaped(_ cell: String) -> String {
    guard cell.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else { return cell }
    // By scalars: a mark that combines with a quotation mark makes one character of both.
    let doubled = cell.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
    return "\"" + String(String.UnicodeScalarView(doubled)) + "\""
  }
}
