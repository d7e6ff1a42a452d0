import EmbeddingStore

extension EmbeddingIndex {
  /// Two rows and how near they are to each other.
  public struct Pair: Hashable, Sendable {
    /// The first row, from 0.
    public let first: Int
    /// The second row, a later one.
    public let second: Int
    /// The cosine of the two.
    public let cosine: Double

    /// Makes a pair of its parts.
    public init(first: Int, second: Int, cosine: Double) {
      self.first = first
      self.second = second
      self.cosine = cosine
    }
  }

  /// Calls `body` with every pair of rows whose cosine is at least `minCosine`, in the order of the first
  /// row and then of the second, which is the larger one.
  ///
  /// Memory does not grow with the number of pairs. All rows are compared with all others: twice as many
  /// take four times as long.
  ///
  /// - Parameters:
  ///   - minCosine: The least cosine.
  ///   - rows: The rows of which both of a pair are; `nil` for all.
  ///   - threadCount: The threads that search; `nil` for as many as the index has.
  ///   - body: Called on the caller's thread.
  /// - Throws: ``SearchError`` where the store was damaged meanwhile, and what `body` throws.
  public func forEachPair(
    minCosine: Double, among rows: RowSet? = nil, threadCount: Int? = nil,
    _ body: (_ first: Int, _ second: Int, _ cosine: Double) throws -> Void
  ) throws {
    var search = try pairSearch(minCosine: minCosine, among: rows, threadCount: threadCount)
    while let pairs = try search.next() {
      for pair in pairs { try body(pair.first, pair.second, pair.cosine) }
    }
  }

  /// The same pairs for who asks for them bit by bit.
  package func pairSearch(
    minCosine: Double, among rows: RowSet?, threadCount: Int? = nil
  ) throws(SearchError) -> PairSearch {
    try PairSearch(
      self, minCosine: minCosine, rows: rows,
      Threads(count: max(1, threadCount ?? self.threadCount)))
  }
}
