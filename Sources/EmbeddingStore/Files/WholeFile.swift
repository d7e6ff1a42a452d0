import EmbedderPlatform
import EmbedderStorage

/// A file that appears whole or not at all: written under a temporary name, flushed to the disk, renamed.
///
/// The temporary name is the file's with `.partial` behind it, always the same, so that a run that was
/// killed leaves nothing that the next does not know. Whoever writes holds the lock that keeps others out.
final class WholeFile {
  private let path: PathBytes
  private let descriptor: CInt
  private var isPending = true
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 16

  static func temporaryPath(_ path: PathBytes) -> PathBytes { path.adding(suffix: ".partial") }

  private var temporary: PathBytes { Self.temporaryPath(path) }

  init(_ path: PathBytes) throws(StoreError) {
    self.path = path
    // Nothing that lies under the name is followed or written through.
    try remove(Self.temporaryPath(path))
    descriptor = unsafe Self.temporaryPath(path).withCString {
      unsafe open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else {
      isPending = false
      throw .system("write", path)
    }
  }

  deinit {
    if isPending { unsafe temporary.withCString { _ = unsafe unlink($0) } }
    if descriptor >= 0 { close(descriptor) }
  }

  func write(_ bytes: [UInt8]) throws(StoreError) {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try drain() }
  }

  func write(_ text: String) throws(StoreError) {
    try write(Array(text.utf8))
  }

  /// Replaces the first bytes.
  func overwriteStart(_ bytes: [UInt8]) throws(StoreError) {
    try drain()
    try put(bytes, at: 0)
  }

  /// Has all bytes reach the disk; the file does not have its name yet.
  func flush() throws(StoreError) {
    try drain()
    guard retryingInterrupts({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw .system("flush", path)
    }
  }

  /// The size and the SHA-256 of what was written, read back.
  func seal() throws(StoreError) -> FileSeal {
    try drain()
    let file = try StoredFile(temporary)
    return FileSeal(byteCount: file.byteCount, sha256: try file.digest().description)
  }

  /// Gives the file its name; the folder's own flush is the caller's.
  func finish() throws(StoreError) {
    try rename(temporary, to: path)
    isPending = false
  }

  private var offset = 0

  private func drain() throws(StoreError) {
    try put(buffer, at: offset)
    offset += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
    var start = 0
    while start < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { bytes in
        retryingInterrupts {
          unsafe pwrite(
            descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start,
            off_t(offset + start))
        }
      }
      guard written >= 0 else { throw .system("write", path) }
      start += written
    }
  }

  /// Writes a small file as a whole, on the disk when this returns.
  static func write(_ text: String, to path: PathBytes) throws(StoreError) {
    let file = try WholeFile(path)
    try file.write(text)
    try file.flush()
    try file.finish()
    try flushFolder(path.parent)
  }
}

/// What a record says of a file: how long it is, and the SHA-256 of its bytes.
struct FileSeal: Hashable, Sendable {
  let byteCount: Int
  let sha256: String
}
