import EmbedderPlatform
import EmbedderStorage

/// A file of a store that is read.
///
/// Bytes are copied and never mapped: a file that somebody cuts meanwhile is an error, and no signal that
/// ends the process.
struct StoredFile: ~Copyable {
  let path: PathBytes
  let byteCount: Int
  private let descriptor: CInt

  init(_ path: PathBytes) throws(StoreError) {
    // A pipe in a file's place must not be waited for.
    let descriptor = retryingInterrupts {
      unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    }
    guard descriptor >= 0 else { throw .system("open", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .damaged(path: path.description, reason: "it is no regular file")
    }
    self.descriptor = descriptor
    self.path = path
    byteCount = Int(status.st_size)
  }

  deinit {
    close(descriptor)
  }

  /// Fills `target` with the bytes from `offset` on.
  func read(into target: inout [UInt8], at offset: Int) throws(StoreError) {
    var done = 0
    while done < target.count {
      let count = target.count - done
      let received = unsafe target.withUnsafeMutableBytes { target in
        retryingInterrupts {
          unsafe pread(
            descriptor, target.baseAddress?.advanced(by: done), count, off_t(offset + done))
        }
      }
      guard received >= 0 else { throw .system("read", path) }
      guard received > 0 else {
        throw .damaged(path: path.description, reason: "it ends before its last row")
      }
      done += received
    }
  }

  /// The SHA-256 of the whole file.
  func digest() throws(StoreError) -> SHA256Digest {
    var stream: SHA256Stream
    do { stream = try SHA256Stream() } catch { throw .outOfMemory(error) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while offset < byteCount {
      let count = min(1 << 18, byteCount - offset)
      if count < buffer.count { buffer.removeLast(buffer.count - count) }
      try read(into: &buffer, at: offset)
      unsafe stream.add(buffer.span.bytes)
      offset += count
    }
    return stream.finish()
  }

  /// Calls `body` with each line, without its newline; what follows the last newline is told apart.
  ///
  /// - Returns: Whether the file ends with a newline, or holds nothing.
  func forEachLine(
    _ body: (ArraySlice<UInt8>) throws(StoreError) -> Void
  ) throws(StoreError) -> Bool {
    var rest: [UInt8] = []
    var offset = 0
    while offset < byteCount {
      var block = [UInt8](repeating: 0, count: min(1 << 16, byteCount - offset))
      try read(into: &block, at: offset)
      offset += block.count
      var start = 0
      while let end = block[start...].firstIndex(of: 0x0a) {
        if rest.isEmpty {
          try body(block[start..<end])
        } else {
          rest += block[start..<end]
          try body(rest[...])
          rest = []
        }
        start = end + 1
      }
      rest += block[start...]
    }
    return rest.isEmpty
  }
}

/// The whole content of a small file of ours, or `nil` where there is none.
func contents(of path: PathBytes) throws(StoreError) -> [UInt8]? {
  guard exists(path) else { return nil }
  let file = try StoredFile(path)
  var bytes = [UInt8](repeating: 0, count: file.byteCount)
  try file.read(into: &bytes, at: 0)
  return bytes
}
