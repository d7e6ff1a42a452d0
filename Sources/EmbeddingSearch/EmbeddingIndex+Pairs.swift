import EmbeddingStore

extension EmbeddingIndex {
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
    guard !minCosine.isNaN else { throw SearchError.invalidCosine }
    let search = PairSearch(
      minCosine: minCosine, rows: rows, threadCount: max(1, threadCount ?? self.threadCount),
      blockNumbers: blocks.layout.blocks.indices.filter { number in
        let block = blocks.layout.blocks[number]
        return rows?.containsAny(of: block.firstRow..<block.firstRow + block.rowCount) ?? true
      })
    var first = 0
    var width = Self.widestGroup
    while true {
      let group = search.group(from: first, below: count, width: width)
      guard let last = group.last else { return }
      guard let pairs = try pairs(of: group, search) else {
        width /= 2
        continue
      }
      for pair in pairs { try body(pair.first, pair.second, pair.cosine) }
      first = last + 1
      width = min(2 * width, Self.widestGroup)
    }
  }

  /// What pairs are looked for, and where.
  private struct PairSearch: Sendable {
    let minCosine: Double
    let rows: RowSet?
    let threadCount: Int
    /// The blocks that hold any of the rows.
    let blockNumbers: [Int]

    func takes(_ row: Int) -> Bool { rows?.contains(row) ?? true }

    /// The next rows that are the first of pairs.
    func group(from first: Int, below count: Int, width: Int) -> [Int] {
      Array((first..<max(first, count)).lazy.filter(takes).prefix(width))
    }
  }

  private struct Pair: Sendable {
    let first: Int
    let second: Int
    var cosine = 0.0
  }

  /// Rows that are compared with all later ones at once.
  private static let widestGroup = 64

  /// The most pairs that are held at once, unless a single row has more.
  private static let mostPairs = 1 << 20

  /// The pairs whose first row is of a group, in order; `nil` where there are too many for one group.
  private func pairs(of group: [Int], _ search: PairSearch) throws(SearchError) -> [Pair]? {
    var firsts: [(row: Int, vector: FeatureVector)] = []
    do throws(StoreError) {
      // Rows without a direction are no queries.
      try store.forEachVector(at: group, head: head) { place, vector in
        if vector.hasDirection { firsts.append((group[place], vector)) }
      }
    } catch {
      throw .store(error)
    }
    guard !firsts.isEmpty else { return [] }
    let numbers = firsts.map(\.row)
    let batch = try QueryBatch(firsts.map(\.vector), stride: blocks.layout.stride)
    let most = group.count == 1 ? Int.max : Self.mostPairs / search.threadCount
    let found = try candidates(of: numbers, batch, search, most: most)
    guard !found.contains(where: { $0.count >= most }) else { return nil }
    return try verified(found.flatMap(\.self), numbers, batch, search)
      .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// The pairs that may reach the cosine by their bounds, as each thread found them; a thread that has
  /// found too many stops.
  private func candidates(
    of numbers: [Int], _ batch: QueryBatch, _ search: PairSearch, most: Int
  ) throws(SearchError) -> [[Pair]] {
    let blocks = blocks
    let keepsBlocks = blocks.beginSearch()
    let firstBlock = blocks.layout.block(of: numbers[0])
    let pieces = search.blockNumbers.drop { $0 < firstBlock }
    return try onThreads(search.threadCount, pieceCount: pieces.count) {
      next throws(SearchError) in
      var pairs: [Pair] = []
      var pass = try blocks.pass(keepsBlocks: keepsBlocks)
      var products: [Int32] = []
      while pairs.count < most, let piece = next() {
        try pass.withBlock(pieces[pieces.startIndex + piece]) { bytes throws(SearchError) in
          batch.multiply(bytes, into: &products)
          for (number, query) in batch.queries.enumerated() {
            let first = numbers[number]
            query.forEachBound(
              bytes, products.span, at: number * bytes.block.rowCount, reaching: search.minCosine
            ) { row, _, _ in
              if row > first, search.takes(row) { pairs.append(Pair(first: first, second: row)) }
              return search.minCosine
            }
          }
        }
      }
      return pairs
    }
  }

  /// The pairs whose exact cosine is large enough; each second row is read once.
  private func verified(
    _ pairs: [Pair], _ numbers: [Int], _ batch: QueryBatch, _ search: PairSearch
  ) throws(SearchError) -> [Pair] {
    let pairs = pairs.sorted { ($0.second, $0.first) < ($1.second, $1.first) }
    let vectors = Dictionary(uniqueKeysWithValues: zip(numbers, batch.queries.map(\.vector)))
    let (store, head) = (store, head)
    let pieceLength = 1024
    let pieceCount = (pairs.count + pieceLength - 1) / pieceLength
    return try onThreads(search.threadCount, pieceCount: pieceCount) { next throws(SearchError) in
      var verified: [Pair] = []
      while let piece = next() {
        let start = piece * pieceLength
        let part = pairs[start..<min(start + pieceLength, pairs.count)]
        var rows: [Int] = []
        for pair in part where rows.last != pair.second { rows.append(pair.second) }
        var rest = part
        do throws(StoreError) {
          try store.forEachVector(at: rows, head: head) { place, vector in
            while let pair = rest.first, pair.second == rows[place] {
              rest = rest.dropFirst()
              guard let first = vectors[pair.first] else { continue }
              let cosine = first.cosine(to: vector)
              if cosine >= search.minCosine {
                verified.append(Pair(first: pair.first, second: pair.second, cosine: cosine))
              }
            }
          }
        } catch {
          throw .store(error)
        }
      }
      return verified
    }.flatMap(\.self)
  }
}
