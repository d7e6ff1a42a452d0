import CEmbedderSearch
public import EmbeddingStore

extension EmbeddingIndex {
  /// The rows that are nearest to a query.
  ///
  /// - Parameters:
  ///   - count: The most answers, 1 or more.
  ///   - query: A vector of the store's kind and dimension. Floats are compared with a store of quantized
  ///     vectors too, for sums of several vectors.
  ///   - minCosine: The least cosine of an answer.
  ///   - rows: The rows that may be answers; `nil` for all.
  /// - Returns: The rows with the largest cosines, best first, equal ones in the order of the rows.
  /// - Throws: ``SearchError`` for a query that cannot be compared with the rows, and where the store was
  ///   damaged meanwhile.
  public func nearest(
    _ count: Int, to query: FeatureVector, minCosine: Double? = nil, among rows: RowSet? = nil
  ) throws(SearchError) -> [Answer] {
    try nearest(count, toEach: [query], minCosine: minCosine, among: rows)[0]
  }

  /// The rows that are nearest to each of some queries; several share a pass over the rows.
  ///
  /// - Returns: The answers of each query, as ``nearest(_:to:minCosine:among:)`` gives them.
  public func nearest(
    _ count: Int, toEach queries: [FeatureVector], minCosine: Double? = nil,
    among rows: RowSet? = nil
  ) throws(SearchError) -> [[Answer]] {
    guard count >= 1 else { throw .invalidCount(count) }
    if let minCosine, minCosine.isNaN { throw .invalidCosine }
    for query in queries { try check(query) }
    guard self.count > 0 else { return queries.map { _ in [] } }
    let count = min(count, self.count)
    var answers: [[Answer]] = []
    for start in stride(from: 0, to: queries.count, by: Self.queriesPerPass) {
      let batch = try QueryBatch(
        queries[start..<min(start + Self.queriesPerPass, queries.count)],
        stride: blocks.layout.stride)
      let found = try candidates(
        count, for: batch, minCosine: minCosine ?? -.infinity, among: rows)
      for (query, candidates) in zip(batch.queries, found) {
        answers.append(
          try best(count, of: candidates, to: query.vector, minCosine: minCosine ?? -.infinity))
      }
    }
    return answers
  }

  /// More queries make a pass slower, and their candidates take memory where all rows are alike.
  private static let queriesPerPass = 16

  private func check(_ query: FeatureVector) throws(SearchError) {
    guard count > 0 else { return }
    guard query.count == dimension else {
      throw .otherDimension(found: query.count, needed: dimension)
    }
    if case .quantized = query, store.type != .int8 { throw .otherKind }
    guard query.hasDirection else { throw .noDirection }
  }

  /// The rows that may be among the nearest to each query, in one pass over all rows.
  private func candidates(
    _ count: Int, for batch: QueryBatch, minCosine: Double, among rows: RowSet?
  ) throws(SearchError) -> [Candidates] {
    let blocks = blocks
    let keepsBlocks = blocks.beginSearch()
    let blockCount = blocks.layout.blocks.count
    let found = try onThreads(threadCount, pieceCount: blockCount) { next throws(SearchError) in
      var found = batch.queries.map { _ in Candidates(count: count, minCosine: minCosine) }
      var pass = try blocks.pass(keepsBlocks: keepsBlocks)
      var products: [Int32] = []
      while let number = next() {
        try pass.withBlock(number) { bytes throws(SearchError) in
          batch.multiply(bytes, into: &products)
          for (query, number) in zip(batch.queries, batch.queries.indices) {
            query.forEachBound(
              bytes, products.span, at: number * bytes.block.rowCount, reaching: found[number].floor
            ) { row, lowerBound, upperBound in
              if rows?.contains(row) ?? true {
                found[number].add(row, lowerBound: lowerBound, upperBound: upperBound)
              }
              return found[number].floor
            }
          }
        }
      }
      return found
    }
    return batch.queries.indices.map { query in
      var all = Candidates(count: count, minCosine: minCosine)
      for thread in found { all.add(thread[query]) }
      return all
    }
  }

  /// The best of some rows by their exact cosines.
  ///
  /// Those with the largest upper bounds come first, until no other can be among the best.
  private func best(
    _ count: Int, of candidates: Candidates, to query: FeatureVector, minCosine: Double
  ) throws(SearchError) -> [Answer] {
    let ordered = candidates.candidates.sorted {
      ($1.upperBound, $0.row) < ($0.upperBound, $1.row)
    }
    var best: [Answer] = []
    var next = 0
    while next < ordered.count,
      best.count < count || ordered[next].upperBound >= best[count - 1].cosine
    {
      let end = min(next + max(count, 128 * threadCount), ordered.count)
      best += try answers(of: ordered[next..<end].map(\.row).sorted(), to: query)
        .filter { $0.cosine >= minCosine }
      best.sort(by: Answer.isBetter)
      best.removeLast(max(0, best.count - count))
      next = end
    }
    return best
  }

  /// The exact cosines of rows, which are in ascending order.
  private func answers(
    of rows: [Int], to query: FeatureVector
  ) throws(SearchError) -> [Answer] {
    let (store, head) = (store, head)
    let pieceLength = 64
    let pieceCount = (rows.count + pieceLength - 1) / pieceLength
    return try onThreads(threadCount, pieceCount: pieceCount) { next throws(SearchError) in
      var answers: [Answer] = []
      while let piece = next() {
        let start = piece * pieceLength
        let part = Array(rows[start..<min(start + pieceLength, rows.count)])
        do throws(StoreError) {
          try store.forEachVector(at: part, head: head) { place, vector in
            answers.append(Answer(row: part[place], cosine: query.cosine(to: vector)))
          }
        } catch {
          throw .store(error)
        }
      }
      return answers
    }.flatMap(\.self)
  }
}

extension EmbeddingIndex.Answer {
  static func isBetter(_ first: Self, _ second: Self) -> Bool {
    (second.cosine, first.row) < (first.cosine, second.row)
  }
}
