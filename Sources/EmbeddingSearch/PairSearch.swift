import EmbeddingStore

/// A search for pairs of rows, which goes on when the next ones are asked for.
package struct PairSearch: Sendable {
  package typealias Pair = EmbeddingIndex.Pair

  let index: EmbeddingIndex
  private let minCosine: Double
  private let rows: RowSet?
  var threads: Threads
  /// The blocks that hold any of the rows.
  private let blockNumbers: [Int]
  /// The row from which on rows have not been the first of pairs.
  private var nextRow = 0
  /// Rows that are compared with all later ones at once.
  private var width = Self.largestWidth

  private static let largestWidth = 64

  /// The most pairs that are held at once, unless a single row has more.
  private static let mostPairs = 1 << 20

  init(
    _ index: EmbeddingIndex, minCosine: Double, rows: RowSet?, _ threads: Threads
  ) throws(SearchError) {
    guard !minCosine.isNaN else { throw .invalidCosine }
    self.index = index
    self.minCosine = minCosine
    self.rows = rows
    self.threads = threads
    let blocks = index.blocks.layout.blocks
    blockNumbers = blocks.indices.filter { number in
      let first = blocks[number].firstRow
      return rows?.containsAny(of: first..<first + blocks[number].rowCount) ?? true
    }
  }

  /// The pairs of the next rows with all later ones, in order; `nil` after the last.
  mutating func next() throws(SearchError) -> [Pair]? {
    while let pairs = try step() {
      if !pairs.isEmpty { return pairs }
    }
    return nil
  }

  /// The same after one group of rows, which may have no pairs.
  package mutating func step() throws(SearchError) -> [Pair]? {
    while true {
      let group = Array((nextRow..<max(nextRow, index.count)).lazy.filter(takes).prefix(width))
      guard let last = group.last else { return nil }
      guard let pairs = try pairs(of: group) else {
        width /= 2
        continue
      }
      nextRow = last + 1
      width = min(2 * width, Self.largestWidth)
      return pairs
    }
  }

  private func takes(_ row: Int) -> Bool { rows?.contains(row) ?? true }

  /// The pairs whose first row is of a group, in order; `nil` where there are too many for one group.
  private func pairs(of group: [Int]) throws(SearchError) -> [Pair]? {
    var firsts: [(row: Int, vector: FeatureVector)] = []
    do throws(StoreError) {
      // Rows without a direction are no queries.
      try index.store.forEachVector(at: group, head: index.head) { place, vector in
        if vector.hasDirection { firsts.append((group[place], vector)) }
      }
    } catch {
      throw .store(error)
    }
    guard !firsts.isEmpty else { return [] }
    let numbers = firsts.map(\.row)
    let batch = try QueryBatch(firsts.map(\.vector), stride: index.blocks.layout.stride)
    let most = group.count == 1 ? Int.max : Self.mostPairs / threads.count
    let found = try candidates(of: numbers, batch, most: most)
    guard !found.contains(where: { $0.count >= most }) else { return nil }
    return try verified(found.flatMap(\.self), numbers, batch)
      .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// The pairs that may reach the cosine by their bounds, as each thread found them; a thread that has
  /// found too many stops.
  private func candidates(
    of numbers: [Int], _ batch: QueryBatch, most: Int
  ) throws(SearchError) -> [[(first: Int, second: Int)]] {
    let (blocks, minCosine) = (index.blocks, minCosine)
    let keepsBlocks = blocks.beginSearch()
    let firstBlock = blocks.layout.block(of: numbers[0])
    let pieces = Array(blockNumbers.drop { $0 < firstBlock })
    return try threads.run(pieceCount: pieces.count) { next throws(SearchError) in
      var pairs: [(first: Int, second: Int)] = []
      var pass = try blocks.pass(keepsBlocks: keepsBlocks)
      var products: [Int32] = []
      while pairs.count < most, let piece = next() {
        try pass.withBlock(pieces[piece]) { bytes throws(SearchError) in
          batch.multiply(bytes, into: &products)
          for (number, query) in batch.queries.enumerated() {
            let first = numbers[number]
            query.forEachBound(
              bytes, products.span, at: number * bytes.block.rowCount, reaching: minCosine
            ) { row, _, _ in
              if row > first, takes(row) { pairs.append((first, row)) }
              return minCosine
            }
          }
        }
      }
      return pairs
    }
  }

  /// The pairs whose exact cosine is large enough; each second row is read once.
  private func verified(
    _ pairs: [(first: Int, second: Int)], _ numbers: [Int], _ batch: QueryBatch
  ) throws(SearchError) -> [Pair] {
    let pairs = pairs.sorted { ($0.second, $0.first) < ($1.second, $1.first) }
    let vectors = Dictionary(uniqueKeysWithValues: zip(numbers, batch.queries.map(\.vector)))
    let (store, head, minCosine) = (index.store, index.head, minCosine)
    let pieceLength = 1024
    let pieceCount = (pairs.count + pieceLength - 1) / pieceLength
    return try threads.run(pieceCount: pieceCount) { next throws(SearchError) in
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
              if cosine >= minCosine {
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
