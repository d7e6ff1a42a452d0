import EmbedderPlatform
import ImageEmbedding

/// Reads a part of an open file, whose position stays where it is.
///
/// - Parameters:
///   - descriptor: The open file.
///   - offset: The first byte.
///   - byteCount: The number of bytes; 0 or less for all up to the end.
/// - Returns: The bytes.
/// - Throws: ``EmbedderError``.
func readFilePart(
  of descriptor: Int32, offset: Int, byteCount: Int
) throws(EmbedderError) -> [UInt8] {
  guard descriptor >= 0 else {
    throw .invalidOption(
      name: "the model's file descriptor", found: "\(descriptor)", needed: "a number from 0")
  }
  func failure(_ operation: String) -> EmbedderError {
    let number = errno
    return .modelFile(
      .system(
        path: "descriptor \(descriptor)", operation: operation, errno: number,
        reason: unsafe String(cString: strerror(number))))
  }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else { throw failure("examine") }
  let size = Int(status.st_size)
  guard offset >= 0, offset < size else {
    throw .invalidOption(
      name: "the model's offset in its file", found: "\(offset)",
      needed: "a number from 0 below the file's \(size) bytes")
  }
  guard byteCount <= size - offset else {
    throw .invalidOption(
      name: "the model's length in its file", found: "\(byteCount)",
      needed: "at most \(size - offset), the bytes from \(offset) on,")
  }
  let wanted = byteCount > 0 ? byteCount : size - offset
  let limit = Int(Int32.max)
  guard wanted <= limit else {
    throw .modelFile(
      .tooLarge(path: "descriptor \(descriptor)", byteCount: wanted, limit: limit))
  }
  var isFailed = false
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { target, count in
    while count < wanted {
      let rest = unsafe UnsafeMutableBufferPointer(rebasing: target[count...])
      let received = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + count))
      if received < 0, errno == EINTR { continue }
      isFailed = received < 0
      guard received > 0 else { return }
      count += received
    }
  }
  guard !isFailed else { throw failure("read") }
  return bytes
}
