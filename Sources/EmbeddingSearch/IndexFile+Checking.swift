import EmbedderStorage
package import EmbeddingStore

/// What is odd about the file beside a store, which is derived and no part of the store.
package enum IndexFileFault: Hashable, Sendable {
  /// It is not ours, or cannot be opened.
  case notUsed(SearchError)
  /// It is cut short, or its header is damaged or names other vectors.
  case unusable(path: String)
  /// It lacks rows of the store.
  case incomplete(path: String, missingRowCount: Int)
  /// Bytes of rows are not those that were written.
  case damaged(path: String, damagedRowCount: Int)
}

extension IndexFileFault: CustomStringConvertible {
  /// A sentence that says what it means for searches.
  package var description: String {
    switch self {
    case .notUsed(let error): error.description
    case .unusable(let path):
      "\(quoted(path)) is damaged or of other vectors; the next search makes it anew"
    case .incomplete(let path, let count):
      "\(quoted(path)) lacks \(count) rows of the store; the next search adds them"
    case .damaged(let path, let count):
      "\(quoted(path)) is damaged: each search computes \(count) of its rows from the vectors again;"
        + " remove it, and the next one makes it anew"
    }
  }
}

extension EmbeddingIndex {
  /// Holds the file of a head's rows against the store, all bytes of it, and changes nothing.
  ///
  /// - Parameters:
  ///   - store: The store.
  ///   - head: The head, which the store has.
  /// - Returns: What is odd about the file; `nil` where it is as it was written, or not there.
  package static func faultOfFile(of store: EmbeddingStore, head: Int) -> IndexFileFault? {
    guard store.count > 0, let parts = store.partIdentities(head: head) else { return nil }
    let path = file(of: store, head: head)
    let content = IndexFile.Content(of: store, head: head, parts: parts)
    switch IndexFile.find(at: path, for: content) {
    case .nothing: return nil
    case .foreign: return .notUsed(.foreignFile(path: path.description))
    case .unreadable(let error): return .notUsed(.file(error))
    case .unusable: return .unusable(path: path.description)
    case .usable(let file):
      let missing = parts.filter { file.start(of: $0) == nil }.reduce(0) { $0 + $1.rowCount }
      let damaged = file.damagedRowCount(
        parts, BlockLayout(dimension: content.dimension, partRowCounts: parts.map(\.rowCount)))
      if damaged > 0 { return .damaged(path: path.description, damagedRowCount: damaged) }
      return missing > 0 ? .incomplete(path: path.description, missingRowCount: missing) : nil
    }
  }
}

extension IndexFile.Content {
  /// What the file of a head's rows has to be.
  init(of store: EmbeddingStore, head: Int, parts: [EmbeddingStore.PartIdentity]) {
    self.init(
      fingerprint: store.fingerprint, head: head, dimension: store.heads[head].dimension,
      type: store.type, parts: parts)
  }
}

extension IndexFile {
  /// The number of rows in blocks whose bytes are not those that were written.
  fileprivate func damagedRowCount(
    _ parts: [EmbeddingStore.PartIdentity], _ layout: BlockLayout
  ) -> Int {
    // Without memory for one block nothing is found out about any.
    guard let buffer = try? AlignedBuffer(byteCount: layout.blockByteCount) else { return 0 }
    var count = 0
    for block in layout.blocks {
      guard let start = start(of: parts[block.part]) else { continue }
      let bytes = unsafe BlockBytes(block, stride: layout.stride, at: buffer.baseAddress)
      let isRead = unsafe read(block.byteCount, at: start + block.offset, into: bytes.start)
      if !isRead || !bytes.isWhole { count += block.rowCount }
    }
    return count
  }
}
