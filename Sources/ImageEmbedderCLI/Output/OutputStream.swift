import ArgumentParser
import EmbedderPlatform
import ImageEmbedding

/// Buffered bytes on their way to the standard output or to a file.
///
/// A file is written under a temporary name beside its own and renamed when it is finished: it appears
/// whole or not at all. What is there already and is no regular file, such as a pipe, is written in
/// place.
final class OutputStream {
  private let name: String
  private let descriptor: CInt
  /// The temporary and the final path, until the file has its name.
  private var pendingRename: (from: PathBytes, to: PathBytes)?
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 16

  static var standardOutput: OutputStream {
    OutputStream(name: "the standard output", descriptor: STDOUT_FILENO, pendingRename: nil)
  }

  private init(name: String, descriptor: CInt, pendingRename: (from: PathBytes, to: PathBytes)?) {
    self.name = name
    self.descriptor = descriptor
    self.pendingRename = pendingRename
  }

  /// Opens a file for writing.
  ///
  /// - Parameters:
  ///   - named: The file; what it holds is replaced at the end.
  ///   - needsSeeking: Whether the start is written again later, which a pipe cannot do.
  /// - Throws: ``Failure`` when the file cannot be made.
  convenience init(replacing named: PathBytes, needsSeeking: Bool = false) throws {
    let path = RuntimeLog.path(for: named)
    var status = stat()
    let exists = unsafe path.withCString { unsafe stat($0, &status) } == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR {
      throw Failure(
        "cannot write \(quoted(path.description)): it is a folder; a file name is needed")
    }
    if exists, kind != S_IFREG {
      guard !needsSeeking else {
        throw Failure("cannot write \(quoted(path.description)): this format needs a regular file")
      }
      let descriptor = unsafe path.withCString { unsafe open($0, O_WRONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { throw Failure.system("open", path.description) }
      self.init(name: quoted(path.description), descriptor: descriptor, pendingRename: nil)
      return
    }
    // A link's target is replaced, not the link.
    let target = exists ? resolved(path) : path
    let temporary: PathBytes
    let descriptor: CInt
    do throws(FileError) {
      (temporary, descriptor) = try makeTemporaryFile(for: target, named: path)
    } catch {
      throw Failure("\(error)")
    }
    PendingFiles.add(temporary)
    self.init(
      name: quoted(path.description), descriptor: descriptor,
      pendingRename: (from: temporary, to: target))
  }

  deinit {
    if let pendingRename {
      unsafe pendingRename.from.withCString { _ = unsafe unlink($0) }
      PendingFiles.remove(pendingRename.from)
    }
    if descriptor != STDOUT_FILENO { close(descriptor) }
  }

  func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  func write(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Replaces the first bytes of a file.
  func overwriteStart(_ bytes: [UInt8]) throws {
    try flush()
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Failure.system("rewind", name) }
    try write(bytes)
    try flush()
  }

  /// Writes what is left and gives a file its name.
  func finish() throws {
    try flushToDisk()
    guard let names = pendingRename else { return }
    let result = unsafe names.from.withCString { from in
      unsafe names.to.withCString { to in unsafe rename(from, to) }
    }
    guard result == 0 else { throw Failure.system("rename", names.to.description) }
    flushFolder(of: names.to)
    PendingFiles.remove(names.from)
    pendingRename = nil
  }

  /// Has everything reach the disk, where the output is a file.
  func flushToDisk() throws {
    try flush()
    guard pendingRename != nil, fsync(descriptor) != 0, errno != EINVAL else { return }
    throw Failure.system("flush", name)
  }

  /// Has a new name reach the disk too; where that cannot be, the file is no worse for it.
  private func flushFolder(of path: PathBytes) {
    let end = path.bytes.lastIndex(of: UInt8(ascii: "/"))
    let folder = end.map { PathBytes($0 == 0 ? path.bytes[...0] : path.bytes[..<$0]) } ?? "."
    let descriptor = unsafe folder.withCString {
      unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Hands everything to the system.
  func flush() throws {
    switch unsafe writeAll(buffer.span.bytes, to: descriptor) {
    case .written: break
    // Whoever read this has seen enough; where the signal for it is ignored, this is how it is told.
    case .failed(EPIPE): throw ExitCode(128 + SIGPIPE)
    case .failed(let number):
      errno = number
      throw Failure.system("write", name)
    case .abandoned:
      buffer.removeAll()
      throw OutputAbandoned()
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// The program was asked to end while nobody took its output.
struct OutputAbandoned: Error {}

/// The path without links, or as it is where that cannot be told.
private func resolved(_ path: PathBytes) -> PathBytes {
  guard let full = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return path }
  defer { unsafe free(full) }
  return unsafe PathBytes(
    UnsafeBufferPointer(start: full, count: strlen(full)).map(UInt8.init(bitPattern:)))
}
