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
    try nearest(
      count, toEach: queries, minCosine: minCosine, among: rows, Threads(count: threadCount))
  }

  func nearest(
    _ count: Int, toEach queries: [FeatureVector], minCosine: Double?, among rows: RowSet?,
    _ threads: Threads
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
        count, for: batch, minCosine: minCosine ?? -.infinity, among: rows, threads)
      for (query, candidates) in zip(batch.queries, found) {
        answers.append(try best(of: candidates, to: query.vector, threads))
      }
    }
    return answers
  }

  /// More queries make a pass slower.
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
    _ count: Int, for batch: QueryBatch, minCosine: Double, among rows: RowSet?, _ threads: Threads
  ) throws(SearchError) -> [Candidates] {
    let blocks = blocks
    let keepsBlocks = blocks.beginSearch()
    let blockCount = blocks.layout.blocks.count
    let found = try threads.run(pieceCount: blockCount) { next throws(SearchError) in
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
        for (query, number) in zip(batch.queries, batch.queries.indices) {
          let rows = found[number].takeIfMany()
          if !rows.isEmpty { found[number].add(try self.answers(of: rows, to: query.vector)) }
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
    of candidates: Candidates, to query: FeatureVector, _ threads: Threads
  ) throws(SearchError) -> [Answer] {
    var candidates = candidates
    let ordered = candidates.takeAll()
    var next = 0
    var length = 128 * threads.count
    while next < ordered.count, ordered[next].upperBound >= candidates.floor {
      let end = min(next + length, ordered.count)
      candidates.add(try answers(of: ordered[next..<end].map(\.row).sorted(), to: query, threads))
      next = end
      length = min(2 * length, 1 << 14)
    }
    return candidates.answers
  }

  /// The exact cosines of rows, which are in ascending order, computed by several threads.
  private func answers(
    of rows: [Int], to query: FeatureVector, _ threads: Threads
  ) throws(SearchError) -> [Answer] {
    let pieceLength = 64
    let pieceCount = (rows.count + pieceLength - 1) / pieceLength
    return try threads.run(pieceCount: pieceCount) { next throws(SearchError) in
      var answers: [Answer] = []
      while let piece = next() {
        let start = piece * pieceLength
        answers += try self.answers(
          of: Array(rows[start..<min(start + pieceLength, rows.count)]), to: query)
      }
      return answers
    }.flatMap(\.self)
  }

  /// The exact cosines of rows, which are in ascending order.
  private func answers(
    of rows: [Int], to query: FeatureVector
  ) throws(SearchError) -> [Answer] {
    var answers: [Answer] = []
    answers.reserveCapacity(rows.count)
    var last: (vector: FeatureVector, cosine: Double)?
    do throws(StoreError) {
      try store.forEachVector(at: rows, head: head) { place, vector in
        // Of thousands of copies of one picture the cosine is computed once.
        let cosine =
          if let last, last.vector == vector { last.cosine } else { query.cosine(to: vector) }
        last = (vector, cosine)
        answers.append(Answer(row: rows[place], cosine: cosine))
      }
    } catch {
      throw .store(error)
    }
    return answers
  }
}

extension EmbeddingIndex.Answer {
  static func isBetter(_ first: Self, _ second: Self) -> Bool {
    (second.cosine, first.row) < (first.cosine, second.row)
  }
}
