import EmbedderEmbeddings
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingSearch
import Foundation
import Testing

@Suite("An index")
struct EmbeddingIndexTests {
  @Test(
    "answers as comparing everything does", arguments: ComponentType.allCases, [1, 7, 64, 200])
  func exactness(type: ComponentType, dimension: Int) throws {
    let vectors = SearchedStores.stored(SearchedStores.vectors(230, dimension: dimension), type)
    try withIndex(vectors, type) { index throws in
      #expect(index.count == 230)
      #expect(index.dimension == dimension)
      let others = SearchedStores.vectors(12, dimension: dimension, seed: 2)
      let queries = (vectors[..<4] + SearchedStores.stored(others, type))
        .filter { (try? cosineSimilarity($0, $0)) != nil }
      let expected = queries.map { SearchedStores.nearest(10, to: $0, in: vectors) }
      #expect(try index.nearest(10, toEach: queries) == expected)
      for (query, expected) in zip(queries, expected) {
        #expect(try index.nearest(10, to: query) == expected)
        #expect(try index.nearest(1, to: query) == Array(expected.prefix(1)))
      }
    }
  }

  @Test(
    "finds every pair above a cosine, in order", arguments: ComponentType.allCases, [-1, 0.8, 0.97])
  func pairs(type: ComponentType, minCosine: Double) throws {
    let vectors = SearchedStores.stored(SearchedStores.vectors(130, dimension: 24), type)
    try withIndex(vectors, type) { index throws in
      let pairs = try Pair.all(in: index, minCosine: minCosine)
      #expect(pairs == Pair.expected(in: vectors, minCosine: minCosine))
      #expect(!pairs.isEmpty)
    }
  }

  @Test(
    "finds the pairs of some rows alone",
    arguments: [[], [129], Array(40..<70), [0, 3, 4, 50, 51, 100, 128, 129, 5000], Array(0..<130)])
  func pairsAmong(rows: [Int]) throws {
    let vectors = SearchedStores.stored(SearchedStores.vectors(130, dimension: 24), .float32)
    try withIndex(vectors) { index throws in
      let expected = Pair.expected(in: vectors, minCosine: 0.6)
        .filter { rows.contains($0.first) && rows.contains($0.second) }
      #expect(try Pair.all(in: index, minCosine: 0.6, among: RowSet(rows)) == expected)
    }
  }

  @Test("reads no part without any of the rows whose pairs are asked for")
  func pairsOfOnePart() throws {
    let vectors = SearchedStores.stored(SearchedStores.vectors(130, dimension: 24), .float32)
    try withTemporaryFolder { folder in
      try SearchedStores.write([vectors], to: "\(folder)/out")
      let derived = "\(folder)/out/derived/search.int8"
      let index = try EmbeddingIndex(EmbeddingStore(PathBytes("\(folder)/out")))
      // Without the file blocks come from the parts, of which there is one left.
      try write([], to: derived)
      for part in ["0", "2"] {
        try FileManager.default.removeItem(atPath: "\(folder)/out/img_emb/img_emb_00000\(part).npy")
      }
      let expected = Pair.expected(in: vectors, minCosine: 0.6)
        .filter { (50..<100).contains($0.first) && (50..<100).contains($0.second) }
      #expect(try Pair.all(in: index, minCosine: 0.6, among: RowSet(50..<100)) == expected)
      #expect(throws: SearchError.self) { try Pair.all(in: index, minCosine: 0.6) }
    }
  }

  @Test(
    "tells rows apart that differ by the rounding of floats",
    arguments: [1e-4, 1e-6, 1e-7] as [Float])
  func nearTies(difference: Float) throws {
    var random = SeededGenerator(seed: 5)
    let center = SearchedStores.vectors(1, dimension: 96)[0]
    let vectors = (0..<600).map { _ in
      FeatureVector.float(
        center.map { $0 * (1 + Float.random(in: -difference...difference, using: &random)) })
    }
    try withIndex(vectors) { index throws in
      let queries = Array(vectors[..<20])
      #expect(
        try index.nearest(9, toEach: queries)
          == queries.map { SearchedStores.nearest(9, to: $0, in: vectors) })
    }
  }

  @Test("gives no answers below a cosine, or beyond the rows that are asked")
  func limits() throws {
    let vectors = SearchedStores.stored(SearchedStores.vectors(150, dimension: 16), .float32)
    try withIndex(vectors) { index throws in
      let expected = SearchedStores.nearest(150, to: vectors[3], in: vectors)
      let middle = expected[70].cosine
      #expect(
        try index.nearest(1000, to: vectors[3], minCosine: middle) == Array(expected.prefix(71)))
      let odd = RowSet(stride(from: 1, to: 150, by: 2))
      #expect(
        try index.nearest(8, to: vectors[3], among: odd)
          == Array(expected.filter { $0.row % 2 == 1 }.prefix(8)))
      #expect(try index.nearest(8, to: vectors[3], among: RowSet()) == [])
      #expect(try index.nearest(8, to: vectors[3], minCosine: 1.5) == [])
    }
  }

  @Test("never answers with rows that have no direction")
  func withoutDirection() throws {
    var vectors = SearchedStores.vectors(40, dimension: 8)
    vectors[0] = Array(repeating: 0, count: 8)
    vectors[7][3] = .nan
    vectors[8][3] = .infinity
    vectors[9][3] = -.infinity
    // Squares that are too large or too small for a float.
    vectors[20] = Array(repeating: 1e30, count: 8)
    vectors[21] = Array(repeating: 1e-30, count: 8)
    // Squares that just are not, with few bits left.
    vectors[22] = vectors[23].map { $0 * 2e-22 }
    vectors[24] = vectors[23].map { $0 * 1e19 }
    let without = [0, 7, 8, 9, 20, 21]
    let stored = vectors.map(FeatureVector.float)
    try withIndex(stored) { index throws in
      #expect(try index.incomparableRows() == without)
      let expected = SearchedStores.nearest(40, to: stored[1], in: stored)
        .filter { !without.contains($0.row) }
      #expect(try index.nearest(40, to: stored[1]) == expected)
      #expect(expected.count == 34)
      for query in [22, 23, 24] {
        let expected = SearchedStores.nearest(40, to: stored[query], in: stored)
          .filter { !without.contains($0.row) }
        #expect(try index.nearest(3, to: stored[query]) == Array(expected.prefix(3)))
      }
      let pairs = Pair.expected(in: stored, minCosine: 0.9).filter {
        !without.contains($0.first) && !without.contains($0.second)
      }
      #expect(try Pair.all(in: index, minCosine: 0.9) == pairs)
      #expect(throws: SearchError.noDirection) { try index.nearest(1, to: stored[7]) }
    }
  }

  @Test("orders rows that are equal by their numbers")
  func equalRows() throws {
    let vectors = Array(repeating: FeatureVector.float([0.3, 0.1, 0.7]), count: 120)
    try withIndex(vectors) { index throws in
      let answers = try index.nearest(60, to: .float([0.2, 0.9, 0.4]))
      #expect(answers.map(\.row) == Array(0..<60))
      #expect(Set(answers.map(\.cosine)).count == 1)
      #expect(try Pair.all(in: index, minCosine: 0.99).count == 120 * 119 / 2)
    }
  }

  @Test(
    "is exact where more rows are alike than are kept by their bounds", arguments: [0, 1e-7, 1e-5])
  func manyAlike(difference: Float) throws {
    var random = SeededGenerator(seed: 8)
    let vectors = (0..<40_000).map { _ in
      FeatureVector.float(
        [0.3, 0.1, 0.7].map { $0 * (1 + Float.random(in: -1...1, using: &random) * difference) })
    }
    try withIndex(vectors, rowsPerPart: 15_000) { index throws in
      let queries = [vectors[39_999], .float([0.2, 0.9, 0.4])]
      #expect(
        try index.nearest(9, toEach: queries)
          == queries.map { SearchedStores.nearest(9, to: $0, in: vectors) })
      let odd = RowSet(stride(from: 1, to: 40_000, by: 2))
      let limit = SearchedStores.nearest(30_000, to: queries[1], in: vectors)[29_999].cosine
      let some = SearchedStores.nearest(40_000, to: queries[1], in: vectors, minCosine: limit)
        .filter { $0.row % 2 == 1 }
      #expect(
        try index.nearest(40_000, to: queries[1], minCosine: limit, among: odd) == some)
    }
  }

  @Test("searches a store of one row, and of none")
  func smallStores() throws {
    try withIndex([.float([1, 2])]) { index throws in
      #expect(try index.nearest(.max, to: .float([2, 4])) == [.init(row: 0, cosine: 1)])
      #expect(try Pair.all(in: index, minCosine: -1) == [])
    }
    try withIndex([]) { index throws in
      #expect(index.count == 0)
      #expect(try index.nearest(5, to: .float([2, 4])) == [])
      #expect(try index.incomparableRows() == [])
      #expect(try Pair.all(in: index, minCosine: -1) == [])
    }
  }

  @Test("searches each head by itself")
  func heads() throws {
    let first = SearchedStores.stored(SearchedStores.vectors(60, dimension: 9), .float32)
    let second = SearchedStores.stored(SearchedStores.vectors(60, dimension: 5, seed: 3), .float32)
    try withTemporaryFolder { folder in
      try SearchedStores.write([first, second], to: "\(folder)/out")
      let store = try EmbeddingStore(PathBytes("\(folder)/out"))
      for (head, vectors) in [first, second].enumerated() {
        let index = try EmbeddingIndex(store, head: head)
        #expect(
          try index.nearest(4, to: vectors[11])
            == SearchedStores.nearest(4, to: vectors[11], in: vectors))
      }
      #expect(throws: SearchError.store(.noHead(index: 2, count: 2))) {
        try EmbeddingIndex(store, head: 2)
      }
      #expect(throws: SearchError.store(.noHead(index: -1, count: 2))) {
        try EmbeddingIndex(store, head: -1)
      }
    }
  }

  @Test("compares floats with quantized rows, but nothing quantized with floats")
  func kinds() throws {
    let rows = SearchedStores.stored(SearchedStores.vectors(30, dimension: 6), .int8)
    let query = FeatureVector.float([0.5, 0.25, 0, 1, 0, 2])
    try withIndex(rows, .int8) { index throws in
      let floats = rows.map { FeatureVector.float($0.quantizedValues?.map { Float($0) } ?? []) }
      #expect(
        try index.nearest(7, to: query) == SearchedStores.nearest(7, to: query, in: floats))
    }
    try withIndex([query]) { index throws in
      #expect(throws: SearchError.otherKind) { try index.nearest(1, to: rows[0]) }
    }
  }

  @Test("says what a question lacks")
  func misuse() throws {
    try withIndex([.float([1, 2, 3])]) { index throws in
      let query = FeatureVector.float([1, 1, 1])
      #expect(throws: SearchError.invalidCount(0)) { try index.nearest(0, to: query) }
      #expect(throws: SearchError.otherDimension(found: 2, needed: 3)) {
        try index.nearest(1, to: .float([1, 2]))
      }
      #expect(throws: SearchError.noDirection) { try index.nearest(1, to: .float([0, 0, 0])) }
      #expect(throws: SearchError.noDirection) { try index.nearest(1, to: .float([0, .nan, 0])) }
      #expect(throws: SearchError.invalidCosine) {
        try index.nearest(1, to: query, minCosine: .nan)
      }
      #expect(throws: SearchError.invalidCosine) { try Pair.all(in: index, minCosine: .nan) }
      #expect(try index.nearest(1, toEach: []) == [])
    }
  }

  @Test("passes on what ends the search for pairs")
  func endedPairs() throws {
    struct Enough: Error {}
    try withIndex(Array(repeating: .float([1, 2]), count: 9)) { index throws in
      var count = 0
      #expect(throws: Enough.self) {
        try index.forEachPair(minCosine: 0.5) { _, _, _ in
          count += 1
          if count == 5 { throw Enough() }
        }
      }
      #expect(count == 5)
    }
  }

  private func withIndex(
    _ vectors: [FeatureVector], _ type: ComponentType = .float32, rowsPerPart: Int = 50,
    _ body: (EmbeddingIndex) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try SearchedStores.write(
        [vectors], type, to: "\(folder)/out", rowsPerPart: rowsPerPart)
      try body(EmbeddingIndex(EmbeddingStore(PathBytes("\(folder)/out"))))
    }
  }
}

@Suite("A set of rows")
struct RowSetTests {
  @Test("holds what was put into it")
  func contents() {
    let rows = [0, 63, 64, 1000]
    var set = RowSet(rows)
    set.insert(-1)
    #expect((0..<1100).filter(set.contains) == rows)
    #expect(!set.contains(-1))
    #expect(!set.contains(1 << 40))
  }
}
