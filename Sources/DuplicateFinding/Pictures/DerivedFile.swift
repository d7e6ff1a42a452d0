import EmbedderPlatform
import EmbedderStorage

/// What the derived files of a store have in common: how they are opened, read and replaced.
enum DerivedFile {
  /// Opens a file for reading; `nil` where there is none.
  static func open(_ path: PathBytes) -> CInt? {
    let descriptor = unsafe path.withCString {
      unsafe EmbedderPlatform.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    return descriptor < 0 ? nil : descriptor
  }

  /// The size of an open file; `nil` for what is no regular file.
  static func byteCount(of descriptor: CInt) -> Int? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return Int(status.st_size)
  }

  /// Bytes of an open file; `nil` where they cannot be read, or there are fewer.
  static func bytes(of descriptor: CInt, at start: Int, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let received = unsafe bytes.withUnsafeMutableBytes { target in
        unsafe pread(
          descriptor, target.baseAddress?.advanced(by: done), count - done, off_t(start + done))
      }
      if received < 0, errno == EINTR { continue }
      guard received > 0 else { return nil }
      done += received
    }
    return bytes
  }

  /// Begins a file, which appears whole or not at all; its folder is made where it is missing.
  ///
  /// - Parameters:
  ///   - path: The file. One that is there is replaced only if it is ours.
  ///   - magic: The first bytes, by which one is ours.
  /// - Returns: The file, which nobody sees before it is finished.
  /// - Throws: ``DuplicateError/foreignFile(path:)``, or ``DuplicateError/file(_:)`` where nothing can be
  ///   written there.
  static func pending(_ path: PathBytes, magic: [UInt8]) throws(DuplicateError) -> PendingFile {
    guard isReplaceable(path, magic) else { throw .foreignFile(path: path.description) }
    do throws(FileError) {
      try makeFolder(of: path)
      return try PendingFile(path)
    } catch {
      throw .file(error)
    }
  }

  private static func isReplaceable(_ path: PathBytes, _ magic: [UInt8]) -> Bool {
    let file = unsafe path.withCString {
      unsafe EmbedderPlatform.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    }
    guard file >= 0 else { return errno == ENOENT }
    defer { close(file) }
    return bytes(of: file, at: 0, count: magic.count) == magic
  }
}
