import EmbedderPlatform
import EmbedderStorage

/// Writes a model to a file of its own for as long as OpenVINO reads it, which takes no bytes.
///
/// The user's file will not do: the bytes were checked, and some are changed, since it was read. The file
/// lies in a folder that only this user can enter, below `TMPDIR` or else `/tmp`.
///
/// - Parameters:
///   - bytes: The model.
///   - body: Reads the file at a path, whose ending tells OpenVINO what it is.
/// - Returns: What `body` returns.
/// - Throws: ``FileError`` where nothing can be written there.
func withTemporaryModelFile<Result>(
  _ bytes: SharedBytes, _ body: (String) -> Result
) throws(FileError) -> Result {
  let parent = environmentValue("TMPDIR") ?? "/tmp"
  var template = Array("\(parent)/image-embedder-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&template) != nil else { throw systemError(parent, "write to") }
  let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  defer { unsafe rmdir(folder) }
  let path = "\(folder)/model.tflite"
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw systemError(path, "write") }
  defer { unsafe unlink(path) }
  let error = write(bytes.bytes, to: descriptor, path)
  close(descriptor)
  if let error { throw error }
  return body(path)
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
