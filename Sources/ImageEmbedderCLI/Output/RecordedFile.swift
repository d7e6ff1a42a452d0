import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// A text file, and the record beside it.
final class RecordedFile: FileWriter {
  private let writer: any RowWriter
  private let path: PathBytes

  init(_ writer: any RowWriter, path: PathBytes) {
    self.writer = writer
    self.path = path
  }

  func write(_ image: EmbeddingResult, of path: PathBytes, _ stamp: FileStamp?) throws {
    try writer.write(image, of: path, stamp)
  }

  func write(_ error: EmbedderError, of path: PathBytes) throws {
    try writer.write(error, of: path)
  }

  func flush() throws { try writer.flush() }

  func finish() throws { try writer.finish() }

  func finish(record: String) throws {
    let file = try OutputStream(replacing: PathBytes(path.bytes + Array(".run.json".utf8)))
    try file.write(record)
    try file.flush()
    try writer.finish()
    try file.finish()
  }
}
