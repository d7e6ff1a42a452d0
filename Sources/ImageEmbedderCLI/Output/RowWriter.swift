import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// Writes what became of images, in one format.
protocol RowWriter: AnyObject {
  /// Writes an image's vectors; the stamp is that of the file from before it was read.
  func write(_ image: EmbeddingResult, of path: PathBytes, _ stamp: FileStamp?) throws
  /// Writes why there are none.
  func write(_ error: EmbedderError, of path: PathBytes) throws
  /// Hands everything to the system.
  func flush() throws
  /// Completes the output.
  func finish() throws
}

/// Writes a file that does not exist under its name before it is complete, and beside it a record.
protocol FileWriter: RowWriter {
  /// Completes the file, which is never seen with the record of another run.
  func finish(record: String) throws
}

extension EmbedderError {
  /// The error's sentence without the path of the image, for places that give it anyway.
  var withoutPath: String {
    if case .image(_, let error) = self { "\(error)" } else { "\(self)" }
  }

  /// The error's sentence for one image of several, which names the image once.
  func message(for path: PathBytes) -> String {
    if case .image(_, .file(let error)) = self { return "\(error)" }
    return "\(quoted(path.description)): \(withoutPath)"
  }
}
