import EmbedderPlatform

/// Writes a file that appears whole or not at all: under a temporary name beside its own, flushed to the
/// disk and renamed.
///
/// - Parameters:
///   - content: The file's bytes.
///   - path: The file. One that is there is replaced; of a link it is what the link leads to.
/// - Throws: ``FileError``, which names the path; nothing is left of the file then, and one that was there
///   is as it was.
package func writeWholeFile(_ content: RawSpan, at path: PathBytes) throws(FileError) {
  let target = withoutLinks(path) ?? path
  let temporary = try makeTemporaryFile(for: target, named: path)
  var isPending = true
  defer {
    if isPending { unsafe temporary.path.withCString { _ = unsafe unlink($0) } }
    close(temporary.descriptor)
  }
  let name = path.description
  var written = 0
  while written < content.byteCount {
    let count = unsafe content.withUnsafeBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
      return retryingInterrupts { unsafe write(temporary.descriptor, rest.baseAddress, rest.count) }
    }
    guard count >= 0 else { throw systemError(name, "write") }
    written += count
  }
  guard retryingInterrupts({ fsync(temporary.descriptor) }) == 0 || errno == EINVAL else {
    throw systemError(name, "flush")
  }
  let result = unsafe temporary.path.withCString { from in
    unsafe target.withCString { to in unsafe rename(from, to) }
  }
  guard result == 0 else { throw systemError(name, "rename") }
  isPending = false
  flushFolder(of: target)
}

/// The path without links, or `nil` where it leads to nothing.
private func withoutLinks(_ path: PathBytes) -> PathBytes? {
  guard let full = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return nil }
  defer { unsafe free(full) }
  return unsafe PathBytes(
    UnsafeBufferPointer(start: full, count: strlen(full)).map(UInt8.init(bitPattern:)))
}

/// Has a new name reach the disk; where that cannot be, the file is no worse for it.
private func flushFolder(of path: PathBytes) {
  let end = path.bytes.lastIndex(of: UInt8(ascii: "/"))
  let folder = end.map { PathBytes($0 == 0 ? path.bytes[...0] : path.bytes[..<$0]) } ?? "."
  let descriptor = unsafe folder.withCString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}
