import EmbedderPlatform
import EmbedderStorage

/// Writes a model to a file of its own for as long as OpenVINO reads it, which takes no bytes.
///
/// The user's file will not do: the bytes were checked, and some are changed, since it was read. The file
/// lies in a folder that only this user can enter, below `TMPDIR` or else `/tmp`. Whoever has it holds a
/// lock on it: files that can be locked were left by processes that died, and are removed first.
///
/// - Parameters:
///   - bytes: The model.
///   - parent: Where the folder is made.
///   - body: Reads the file at a path, whose ending tells OpenVINO what it is.
/// - Returns: What `body` returns.
/// - Throws: ``FileError`` where nothing can be written there.
func withTemporaryModelFile<Result>(
  _ bytes: SharedBytes, in parent: String = environmentValue("TMPDIR") ?? "/tmp",
  _ body: (String) -> Result
) throws(FileError) -> Result {
  removeAbandonedFolders(in: parent)
  while true {
    var template = Array("\(parent)/\(folderStart)XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw systemError(parent, "write to") }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { unsafe rmdir(folder) }
    let path = "\(folder)/\(fileName)"
    guard let descriptor = try makeLockedFile(path) else { continue }
    defer {
      unsafe unlink(path)
      close(descriptor)
    }
    if let error = write(bytes.bytes, to: descriptor, path) { throw error }
    return body(path)
  }
}

private let folderStart = "image-embedder-openvino-"
private let fileName = "model.tflite"

/// Makes a file that stays locked until the descriptor is closed; `nil` where another process took it for
/// abandoned in the moment before it was locked.
private func makeLockedFile(_ path: String) throws(FileError) -> CInt? {
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw systemError(path, "write") }
  // On a file system without locks nobody can take the file for abandoned either.
  _ = flock(descriptor, LOCK_EX)
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0, status.st_nlink == 0 else { return descriptor }
  close(descriptor)
  return nil
}

/// Removes what processes that died have left: folders of this user, of the name and the mode that ours have,
/// with nothing in them but a model that nobody holds.
private func removeAbandonedFolders(in parent: String) {
  for name in names(in: PathBytes(parent)) where name.bytes.starts(with: folderStart.utf8) {
    let folder = PathBytes(parent).appending(name)
    guard let status = fileStatus(of: folder, followsLinks: false),
      status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o777 == 0o700,
      status.st_uid == geteuid(),
      Set(names(in: folder)) == [".", "..", PathBytes(fileName)]
    else { continue }
    let path = folder.appending(PathBytes(fileName))
    let descriptor = unsafe path.withCString {
      unsafe open($0, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }
    guard descriptor >= 0 else { continue }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      unsafe path.withCString { _ = unsafe unlink($0) }
      unsafe folder.withCString { _ = unsafe rmdir($0) }
    }
    close(descriptor)
  }
}

private func write(_ content: RawSpan, to descriptor: CInt, _ path: String) -> FileError? {
  var written = 0
  while written < content.byteCount {
    let count = unsafe content.withUnsafeBytes { buffer in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
      return unsafe write(descriptor, rest.baseAddress, rest.count)
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return systemError(path, "write") }
    written += count
  }
  return nil
}
