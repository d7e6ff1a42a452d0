import EmbedderPlatform

/// Makes the file that gets the name `target` when it is whole, and removes what dead runs left of theirs.
///
/// Temporary names are `TARGET.PROCESS-RANDOM.partial`, and who writes one holds a lock on it: one that can
/// be locked is nobody's. A process's number would not do, since it comes again, and in containers that
/// share a folder it is another's.
///
/// - Parameters:
///   - target: The final path.
///   - name: The path as the user gave it, for errors.
/// - Returns: The temporary path, and a descriptor to write to.
/// - Throws: ``FileError`` when the file cannot be made.
package func makeTemporaryFile(
  for target: PathBytes, named name: PathBytes
) throws(FileError) -> (path: PathBytes, descriptor: CInt) {
  removeAbandonedFiles(of: target)
  while true {
    let ending = ".\(getpid())-\(UInt32.random(in: 0 ... .max)).partial"
    let path = PathBytes(target.bytes + Array(ending.utf8))
    if let descriptor = try makeLockedFile(at: path, named: name, mode: 0o666) {
      return (path, descriptor)
    }
  }
}

/// Makes a file that stays locked until the descriptor is closed, so that nobody takes it for abandoned.
///
/// - Parameters:
///   - path: Where nothing is yet.
///   - name: The path as the user gave it, for errors.
///   - mode: Who may read and write it.
/// - Returns: A descriptor to write to, or `nil` where another process has taken the file for abandoned, and
///   removed it, in the moment before it was locked.
/// - Throws: ``FileError`` when the file cannot be made.
package func makeLockedFile(
  at path: PathBytes, named name: PathBytes, mode: UInt16
) throws(FileError) -> CInt? {
  let descriptor = unsafe path.withCString {
    unsafe open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
  }
  guard descriptor >= 0 else { throw systemError(name.description, "write") }
  // On a file system without locks nobody can take the file for abandoned either.
  _ = flock(descriptor, LOCK_EX)
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0, status.st_nlink == 0 else { return descriptor }
  close(descriptor)
  return nil
}

/// Removes a file that was made locked, if nobody holds it any longer.
///
/// - Returns: Whether nobody held it.
@discardableResult
package func removeIfAbandoned(_ path: PathBytes) -> Bool {
  let descriptor = unsafe path.withCString {
    unsafe open($0, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
  }
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
  unsafe path.withCString { _ = unsafe unlink($0) }
  return true
}

/// Removes temporary files of `target` that nobody writes any longer.
private func removeAbandonedFiles(of target: PathBytes) {
  let nameStart = target.bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
  let folder = nameStart == 0 ? "./" : PathBytes(target.bytes[..<nameStart])
  let name = target.bytes[nameStart...]
  guard let stream = unsafe folder.withCString({ unsafe opendir($0) }) else { return }
  defer { unsafe closedir(stream) }
  while let entry = unsafe readdir(stream) {
    let found = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
    guard isTemporaryName(found, of: name) else { continue }
    removeIfAbandoned(PathBytes(folder.bytes + found))
  }
}

/// Whether a name is `NAME.PROCESS-RANDOM.partial`, to the letter: others' files stay where they are.
private func isTemporaryName(_ name: [UInt8], of target: ArraySlice<UInt8>) -> Bool {
  let start = target + [UInt8(ascii: ".")]
  let ending = Array(".partial".utf8)
  guard name.count > start.count + ending.count, name.starts(with: start),
    name.suffix(ending.count) == ending[...]
  else { return false }
  let numbers = name.dropFirst(start.count).dropLast(ending.count)
    .split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
  return numbers.count == 2
    && numbers.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
}
