import EmbedderPlatform

/// A file that appears whole or not at all: written under a temporary name beside its own, flushed to the
/// disk and renamed.
///
/// Until ``finish()`` has returned nothing has the file's name that had not before; a file that is not
/// finished is removed with its owner. Any thread may write, each another range of bytes.
package final class PendingFile: Sendable {
  private let path: PathBytes
  private let name: PathBytes
  private let temporary: PathBytes
  private let descriptor: CInt
  private let isFinished = Locked(false)

  /// Makes the temporary file.
  ///
  /// - Parameters:
  ///   - path: The file's path. One that is there is replaced at the end.
  ///   - name: The path as the user gave it, for errors; `nil` where it is the same.
  /// - Throws: ``FileError`` where nothing can be written there.
  package init(_ path: PathBytes, named name: PathBytes? = nil) throws(FileError) {
    self.path = path
    self.name = name ?? path
    (temporary, descriptor) = try makeTemporaryFile(for: path, named: self.name)
  }

  deinit {
    if !isFinished.withLock({ $0 }) {
      unsafe temporary.withCString { _ = unsafe unlink($0) }
    }
    close(descriptor)
  }

  /// Writes bytes at a place; what lies between two places and is never written is zeros.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - offset: Where the first belongs.
  /// - Throws: ``FileError``, as when the disk is full.
  package func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.byteCount {
      let written = unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        return retryingInterrupts {
          unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        }
      }
      guard written >= 0 else { throw systemError(name.description, "write") }
      done += written
    }
  }

  /// Has the bytes reach the disk, and gives the file its name; nothing is written afterwards.
  ///
  /// - Throws: ``FileError``; what had the name before has it still.
  package func finish() throws(FileError) {
    // Some file systems cannot be asked for it.
    guard retryingInterrupts({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw systemError(name.description, "flush")
    }
    let result = unsafe temporary.withCString { from in
      unsafe path.withCString { to in unsafe rename(from, to) }
    }
    guard result == 0 else { throw systemError(name.description, "rename") }
    isFinished.withLock { $0 = true }
    flushFolder(of: path)
  }
}

/// Has a new name reach the disk; where that cannot be, the file is no worse for it.
private func flushFolder(of path: PathBytes) {
  let descriptor = unsafe folder(of: path).withCString {
    unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

private func folder(of path: PathBytes) -> PathBytes {
  let end = path.bytes.lastIndex(of: UInt8(ascii: "/"))
  return end.map { PathBytes($0 == 0 ? path.bytes[...0] : path.bytes[..<$0]) } ?? "."
}

/// Makes the folder of a file where it is missing; the one above has to be there.
///
/// - Parameter path: The file's path.
/// - Throws: ``FileError``, which names the folder.
package func makeFolder(of path: PathBytes) throws(FileError) {
  let folder = folder(of: path)
  guard unsafe folder.withCString({ unsafe mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
    throw systemError(folder.description, "make the folder")
  }
}
