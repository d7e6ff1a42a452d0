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
    let name = PathBytes(path)
    guard let descriptor = try makeLockedFile(at: name, named: name, mode: 0o600) else { continue }
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
    if removeIfAbandoned(folder.appending(PathBytes(fileName))) {
      unsafe folder.withCString { _ = unsafe rmdir($0) }
    }
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
