import EmbedderStorage
public import EmbeddingStore

/// Exact search among the vectors of a store: the rows whose cosine to a query is largest.
///
/// Cosines are those of `cosineSimilarity` with the stored components, to the last bit, and the same on
/// every run. They are computed for the few rows that matter: of the others, integers of eight bits with
/// a bound of their rounding error prove that they are farther away. These lie in a file in the store's
/// folder, `derived/search.int8`, which the first index makes and later ones extend for new parts.
///
/// May be used from many threads at once. What counted when the store was opened is searched.
///
/// ```swift
/// let index = try EmbeddingIndex(EmbeddingStore("embeddings"))
/// for answer in try index.nearest(10, to: vector) {
///   print(answer.cosine, try index.store.row(at: answer.row).path)
/// }
/// ```
public final class EmbeddingIndex: Sendable {
  /// A row and how near it is.
  public struct Answer: Hashable, Sendable {
    /// The row, from 0.
    public let row: Int
    /// Its cosine to the query.
    public let cosine: Double

    /// Makes an answer of its parts.
    public init(row: Int, cosine: Double) {
      self.row = row
      self.cosine = cosine
    }
  }

  /// The store that is searched.
  public let store: EmbeddingStore
  /// The head whose vectors are compared, from 0.
  public let head: Int
  /// Why the file beside the store could not be made, so that every index of the store computes its rows
  /// anew; `nil` where all is well.
  public let fileError: SearchError?
  /// The number of rows.
  public var count: Int { store.count }
  /// The number of components of a row.
  public var dimension: Int { store.heads[head].dimension }

  let blocks: RowBlocks
  let threadCount: Int
  /// What tasks wait for: two, so that a long search lets short ones pass.
  let waitingWork = BlockingWork(threadLimit: 2)

  /// Prepares for searching a store: opens the file beside it, after making or extending it if need be.
  ///
  /// Where the file cannot be written, as in a folder that is read-only, or another's file has its name,
  /// the rows are made and kept in memory.
  ///
  /// - Parameters:
  ///   - store: The store.
  ///   - head: The head whose vectors are compared, from 0.
  ///   - threadCount: The threads that search; `nil` for one a processor.
  ///   - progress: Called while the file is made, with the rows that are done and all rows.
  ///   - isCancelled: Asked meanwhile whether to give up.
  /// - Throws: ``SearchError`` where there is no such head, or the store cannot be read;
  ///   ``SearchError/cancelled``.
  public init(
    _ store: EmbeddingStore, head: Int = 0, threadCount: Int? = nil,
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil,
    isCancelled: () -> Bool = { false }
  ) throws(SearchError) {
    guard store.heads.indices.contains(head) else {
      throw .store(.noHead(index: head, count: store.heads.count))
    }
    self.store = store
    self.head = head
    self.threadCount = max(1, threadCount ?? processorCount)
    (blocks, fileError) = try Self.blocks(
      of: store, head: head, threadCount: self.threadCount, progress, isCancelled)
  }

  /// The file that holds a head's rows.
  package static func file(of store: EmbeddingStore, head: Int) -> PathBytes {
    store.path.appending(PathBytes("derived/search\(head == 0 ? "" : "_head\(head)").int8"))
  }

  private static func blocks(
    of store: EmbeddingStore, head: Int, threadCount: Int,
    _ progress: ((_ done: Int, _ total: Int) -> Void)?, _ isCancelled: () -> Bool
  ) throws(SearchError) -> (RowBlocks, SearchError?) {
    let layout = BlockLayout(
      dimension: store.heads[head].dimension, partRowCounts: store.partRowCounts)
    guard store.count > 0, let parts = store.partIdentities(head: head) else {
      return (RowBlocks(store, head: head, layout: layout, file: nil), nil)
    }
    let path = file(of: store, head: head)
    let content = IndexFile.Content(of: store, head: head, parts: parts)
    var former: IndexFile?
    switch IndexFile.find(at: path, for: content) {
    case .foreign:
      return (
        RowBlocks(store, head: head, layout: layout, file: nil),
        .foreignFile(path: path.description)
      )
    case .unreadable(let error):
      return (RowBlocks(store, head: head, layout: layout, file: nil), .file(error))
    case .usable(let file): former = file
    case .nothing, .unusable: break
    }
    let blocks = RowBlocks(store, head: head, layout: layout, file: former)
    if let former, parts.allSatisfy({ former.start(of: $0) != nil }) { return (blocks, nil) }
    do throws(SearchError) {
      try IndexFile.make(
        at: path, content, from: blocks, threadCount: threadCount, progress: progress,
        isCancelled: isCancelled)
    } catch .store(let error) {
      throw .store(error)
    } catch .cancelled {
      throw .cancelled
    } catch {
      return (blocks, error)
    }
    guard case .usable(let file) = IndexFile.find(at: path, for: content) else {
      return (blocks, nil)
    }
    return (RowBlocks(store, head: head, layout: layout, file: file), nil)
  }

  /// The rows that have no direction, in order, which are never answers.
  ///
  /// They are all zeros, or have components that are no numbers or beyond what a cosine can be had of.
  ///
  /// - Throws: ``SearchError`` where the store was damaged meanwhile.
  public func incomparableRows() throws(SearchError) -> [Int] {
    var rows: [Int] = []
    var pass = try blocks.pass(keepsBlocks: false)
    for number in blocks.layout.blocks.indices {
      try pass.withBlock(number) { bytes throws(SearchError) in
        for row in 0..<bytes.block.rowCount where unsafe bytes.errors[row].isNaN {
          rows.append(bytes.block.firstRow + row)
        }
      }
    }
    return rows
  }
}
