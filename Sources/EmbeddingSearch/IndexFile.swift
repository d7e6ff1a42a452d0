import EmbedderPlatform
import EmbedderStorage
import EmbeddingStore

/// The file beside a store that holds its rows as signed bytes.
///
/// A few lines of text, padded with zeros, say what follows: whose rows, and of which parts of the store.
/// Then come the blocks of each part, as ``BlockLayout`` has them. The parts are known by their checksums
/// in the store's record: rows of a part that is gone or was made anew are never taken for another's.
final class IndexFile: Sendable {
  /// What the rows in a file are.
  struct Content: Hashable, Sendable {
    var fingerprint: String
    var head: Int
    var dimension: Int
    var type: ComponentType
    var parts: [EmbeddingStore.PartIdentity]
  }

  /// What lies where the file should be.
  enum Finding {
    case nothing
    /// A file that is not ours, which stays as it is.
    case foreign
    /// What cannot be opened.
    case unreadable(FileError)
    /// Ours, and not to be used: cut short, damaged, or of another version, store or model.
    case unusable
    case usable(IndexFile)
  }

  private let descriptor: CInt
  private let starts: [EmbeddingStore.PartIdentity: Int]

  private init(descriptor: CInt, starts: [EmbeddingStore.PartIdentity: Int]) {
    self.descriptor = descriptor
    self.starts = starts
  }

  deinit {
    close(descriptor)
  }

  /// Where the blocks of a part begin, if the file holds it.
  func start(of part: EmbeddingStore.PartIdentity) -> Int? { starts[part] }

  /// Reads bytes.
  ///
  /// - Returns: Whether the file has as many.
  func read(_ byteCount: Int, at offset: Int, into target: UnsafeMutableRawPointer) -> Bool {
    unsafe readBytes(of: descriptor, byteCount, at: offset, into: target)
  }

  /// Looks for the file of a store's rows.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - content: What the rows must be; the parts may be others.
  /// - Returns: What there is.
  static func find(at path: PathBytes, for content: Content) -> Finding {
    let descriptor = retryingInterrupts {
      unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    }
    guard descriptor >= 0 else {
      return errno == ENOENT || errno == ENOTDIR
        ? .nothing : .unreadable(systemError(path.description, "open"))
    }
    var isKept = false
    defer { if !isKept { close(descriptor) } }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return .foreign
    }
    let byteCount = Int(status.st_size)
    guard let start = readArray(of: descriptor, min(byteCount, IndexHeader.longestFirstLine)),
      IndexHeader.isMagic(start)
    else { return .foreign }
    guard let headerByteCount = IndexHeader.byteCount(inFirstLine: start),
      headerByteCount <= byteCount,
      let bytes = readArray(of: descriptor, headerByteCount),
      let found = IndexHeader.content(in: bytes),
      let starts = starts(of: found, headerByteCount: headerByteCount, byteCount: byteCount)
    else { return .unusable }
    var expected = content
    expected.parts = found.parts
    guard found == expected else { return .unusable }
    isKept = true
    return .usable(IndexFile(descriptor: descriptor, starts: starts))
  }

  /// Where each part begins; `nil` where the file's size is not that of the parts.
  private static func starts(
    of content: Content, headerByteCount: Int, byteCount: Int
  ) -> [EmbeddingStore.PartIdentity: Int]? {
    guard content.dimension <= byteCount else { return nil }
    let stride = BlockLayout.stride(dimension: content.dimension)
    var starts: [EmbeddingStore.PartIdentity: Int] = [:]
    var next = headerByteCount
    for part in content.parts {
      guard part.rowCount <= byteCount / stride else { return nil }
      starts[part] = next
      next += BlockLayout.byteCount(ofPart: part.rowCount, stride: stride)
      guard next <= byteCount else { return nil }
    }
    return next == byteCount ? starts : nil
  }

  private static func readArray(of descriptor: CInt, _ byteCount: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let isRead = unsafe bytes.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return unsafe readBytes(of: descriptor, byteCount, at: 0, into: start)
    }
    return isRead ? bytes : nil
  }
}

private func readBytes(
  of descriptor: CInt, _ byteCount: Int, at offset: Int, into target: UnsafeMutableRawPointer
) -> Bool {
  var done = 0
  while done < byteCount {
    let received = retryingInterrupts {
      unsafe pread(descriptor, target + done, byteCount - done, off_t(offset + done))
    }
    guard received > 0 else { return false }
    done += received
  }
  return true
}
