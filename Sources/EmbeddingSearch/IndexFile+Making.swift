import EmbedderPlatform
import EmbedderStorage
import EmbeddingStore

extension IndexFile {
  /// Makes the file, which appears whole or not at all.
  ///
  /// Two processes that make it at the same time both do; the one that ends last stays.
  ///
  /// - Parameters:
  ///   - path: The file; its folder is made if need be.
  ///   - content: What it is to hold.
  ///   - blocks: Where the rows come from.
  ///   - threadCount: The threads that make it.
  ///   - progress: Told the rows that are done, and all rows.
  /// - Throws: ``SearchError/file(_:)`` where it cannot be written, and other errors for the store.
  static func make(
    at path: PathBytes, _ content: Content, from blocks: RowBlocks, threadCount: Int,
    progress: ((_ done: Int, _ total: Int) -> Void)?
  ) throws(SearchError) {
    let temporary: (path: PathBytes, descriptor: CInt)
    do throws(FileError) {
      try makeFolder(of: path)
      temporary = try makeTemporaryFile(for: path, named: path)
    } catch {
      throw .file(error)
    }
    var isPending = true
    defer {
      if isPending { unsafe temporary.path.withCString { _ = unsafe unlink($0) } }
      close(temporary.descriptor)
    }
    let header = IndexHeader.bytes(of: content)
    try unsafe write(header.span.bytes, at: 0, to: temporary.descriptor, path)
    let layout = blocks.layout
    let total = layout.blocks.reduce(0) { $0 + $1.rowCount }
    // Some megabytes between two calls of `progress`, which belongs to this thread.
    let step = 32 * threadCount
    for first in stride(from: 0, to: layout.blocks.count, by: step) {
      let end = min(first + step, layout.blocks.count)
      progress?(layout.blocks[first].firstRow, total)
      _ = try Threads(count: threadCount).run(pieceCount: end - first) { next throws(SearchError) in
        var pass = try blocks.pass(keepsBlocks: false)
        while let piece = next() {
          let number = first + piece
          try pass.withBlock(number) { bytes throws(SearchError) in
            try write(
              bytes.span, at: header.count + layout.starts[number], to: temporary.descriptor, path)
          }
        }
      }
    }
    progress?(total, total)
    guard retryingInterrupts({ fsync(temporary.descriptor) }) == 0 || errno == EINVAL else {
      throw .system("flush", path)
    }
    let result = unsafe temporary.path.withCString { from in
      unsafe path.withCString { to in unsafe rename(from, to) }
    }
    guard result == 0 else { throw .system("rename", path) }
    isPending = false
  }

  private static func makeFolder(of path: PathBytes) throws(FileError) {
    let folder = PathBytes(path.bytes[..<(path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
    guard unsafe folder.withCString({ unsafe mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
      throw .system("make the folder", folder)
    }
  }

  private static func write(
    _ bytes: RawSpan, at offset: Int, to descriptor: CInt, _ path: PathBytes
  ) throws(SearchError) {
    var done = 0
    while done < bytes.byteCount {
      let written = unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        return retryingInterrupts {
          unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        }
      }
      guard written >= 0 else { throw .system("write", path) }
      done += written
    }
  }
}

extension SearchError {
  fileprivate static func system(_ operation: String, _ path: PathBytes) -> SearchError {
    .file(.system(operation, path))
  }
}
