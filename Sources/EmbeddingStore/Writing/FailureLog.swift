import EmbedderPlatform
import EmbedderStorage

/// The log of what could not be embedded: a file that grows line by line under its own name.
final class FailureLog {
  private let path: PathBytes
  private let descriptor: CInt

  init(appendingTo path: PathBytes) throws(StoreError) {
    self.path = path
    descriptor = unsafe path.withCString {
      unsafe open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw .system("write", path) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Adds a line, which reaches the system at once.
  func append(_ line: String) throws(StoreError) {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        retryingInterrupts { unsafe write(descriptor, bytes.baseAddress, bytes.count) }
      }
      guard written >= 0 else { throw .system("write", path) }
      rest.removeFirst(written)
    }
  }

  /// Has all lines reach the disk.
  func flush() throws(StoreError) {
    guard retryingInterrupts({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw .system("flush", path)
    }
  }

  /// One line of the log.
  struct Line {
    let path: PathBytes
    /// The canonical name of the error's code.
    let code: String
    let text: String
  }

  /// The lines that are whole; a last one that is torn names nothing.
  static func lines(of path: PathBytes) throws(StoreError) -> [Line] {
    guard exists(path) else { return [] }
    var lines: [Line] = []
    _ = try StoredFile(path).forEachLine { line throws(StoreError) in
      guard let object = JSONValue(parsing: line), let path = EmbedderStorage.path(in: object)
      else {
        return
      }
      lines.append(
        Line(
          path: path, code: object["error_code"]?.text ?? "",
          text: String(decoding: line, as: UTF8.self)))
    }
    return lines
  }
}

/// The code of a failure that says that an image's row was lost with a damaged part.
let lostRowCode = "DATA_LOSS"
