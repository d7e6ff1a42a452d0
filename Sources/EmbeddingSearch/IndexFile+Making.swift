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
  ///   - isCancelled: Asked as often whether to give up.
  /// - Throws: ``SearchError/file(_:)`` where it cannot be written, and other errors for the store.
  static func make(
    at path: PathBytes, _ content: Content, from blocks: RowBlocks, threadCount: Int,
    progress: ((_ done: Int, _ total: Int) -> Void)?, isCancelled: () -> Bool
  ) throws(SearchError) {
    let file: PendingFile
    do throws(FileError) {
      try makeFolder(of: path)
      file = try PendingFile(path)
    } catch {
      throw .file(error)
    }
    let header = IndexHeader.bytes(of: content)
    try unsafe write(header.span.bytes, at: 0, to: file)
    let layout = blocks.layout
    let total = layout.blocks.reduce(0) { $0 + $1.rowCount }
    // Some megabytes between two calls of `progress`, which belongs to this thread.
    let step = 32 * threadCount
    for first in stride(from: 0, to: layout.blocks.count, by: step) {
      let end = min(first + step, layout.blocks.count)
      progress?(layout.blocks[first].firstRow, total)
      if isCancelled() { throw .cancelled }
      _ = try Threads(count: threadCount).run(pieceCount: end - first) { next throws(SearchError) in
        var pass = try blocks.pass(keepsBlocks: false)
        while let piece = next() {
          let number = first + piece
          try pass.withBlock(number) { bytes throws(SearchError) in
            try write(bytes.span, at: header.count + layout.starts[number], to: file)
          }
        }
      }
    }
    progress?(total, total)
    do throws(FileError) {
      try file.finish()
    } catch {
      throw .file(error)
    }
  }

  private static func write(
    _ bytes: RawSpan, at offset: Int, to file: PendingFile
  ) throws(SearchError) {
    do throws(FileError) {
      try file.write(bytes, at: offset)
    } catch {
      throw .file(error)
    }
  }
}
