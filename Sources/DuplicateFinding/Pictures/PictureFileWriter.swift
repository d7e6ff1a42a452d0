import EmbedderPlatform
import EmbedderStorage

/// Writes a derived file of small pictures, which appears whole or not at all.
///
/// One that is there is replaced only if it is ours by its first bytes.
final class PictureFileWriter {
  private let path: PathBytes
  private let settings: UInt32
  private let temporary: PathBytes
  private let descriptor: CInt
  private var isPending = true
  private var buffer: [UInt8] = []
  private var offset = PictureFile.headerByteCount
  private var table: [UInt8] = []
  private var count = 0

  /// Begins a file; its folder is made where it is missing.
  ///
  /// - Throws: ``DuplicateError/foreignFile(path:)``, or ``DuplicateError/file(_:)`` where nothing can be
  ///   written there.
  init(_ path: PathBytes, settings: UInt32) throws(DuplicateError) {
    self.path = path
    self.settings = settings
    guard Self.isOurs(path) else { throw .foreignFile(path: path.description) }
    let end = path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    unsafe PathBytes(path.bytes[..<end]).withCString { _ = unsafe mkdir($0, 0o777) }
    do throws(FileError) {
      (temporary, descriptor) = try makeTemporaryFile(for: path, named: path)
    } catch {
      isPending = false
      throw .file(error)
    }
  }

  deinit {
    if isPending { unsafe temporary.withCString { _ = unsafe unlink($0) } }
    close(descriptor)
  }

  private static func isOurs(_ path: PathBytes) -> Bool {
    let file = unsafe path.withCString {
      unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    }
    guard file >= 0 else { return errno == ENOENT }
    defer { close(file) }
    var start = [UInt8](repeating: 0, count: PictureFile.magic.count)
    let received = unsafe start.withUnsafeMutableBytes {
      unsafe read(file, $0.baseAddress, $0.count)
    }
    return received == start.count && start == PictureFile.magic
  }

  /// Adds a small picture and what is known of it.
  func append(_ record: PictureRecord, _ pixels: [UInt8]) throws(DuplicateError) {
    buffer += pixels
    table += record.bytes
    count += 1
    if buffer.count >= 1 << 20 { try drain() }
  }

  /// Completes the file and gives it its name.
  func finish() throws(DuplicateError) {
    try drain()
    try put(table, at: offset)
    try put(PictureFile.header(settings: settings, count: count, table: table), at: 0)
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("flush") }
    let result = unsafe temporary.withCString { from in
      unsafe path.withCString { to in unsafe rename(from, to) }
    }
    guard result == 0 else { throw failure("rename") }
    isPending = false
  }

  private func drain() throws(DuplicateError) {
    try put(buffer, at: offset)
    offset += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: [UInt8], at offset: Int) throws(DuplicateError) {
    var start = 0
    while start < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { bytes in
        unsafe pwrite(
          descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start,
          off_t(offset + start))
      }
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw failure("write") }
      start += written
    }
  }

  private func failure(_ operation: String) -> DuplicateError {
    let number = errno
    return .file(
      .system(
        path: path.description, operation: operation, errno: number,
        reason: unsafe String(cString: strerror(number))))
  }
}
