import EmbedderEmbeddings
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingSearch

/// Stores to search, and what the answers are by comparing everything with everything.
enum SearchedStores {
  /// Vectors as a network's last pooling gives them: not negative, most components small, in clusters.
  static func vectors(_ count: Int, dimension: Int, seed: UInt64 = 1) -> [[Float]] {
    var random = SeededGenerator(seed: seed)
    func component() -> Float {
      let value = Float.random(in: 0..<1, using: &random)
      return value * value * value
    }
    let centers = (0..<max(1, count / 8)).map { _ in (0..<dimension).map { _ in component() } }
    return (0..<count).map { _ in
      let center = centers.randomElement(using: &random) ?? []
      let spread = Float.random(in: 0...0.5, using: &random)
      return center.map { $0 + spread * component() }
    }
  }

  /// The vectors as a store of that type gives them back.
  static func stored(_ vectors: [[Float]], _ type: ComponentType) -> [FeatureVector] {
    vectors.map { vector in
      switch type {
      case .float32: .float(vector)
      case .float16: .float(vector.map { Float(Float16($0)) })
      case .int8: .quantized(vector.map { Int8(max(-128, min(127, $0 * 100))) })
      }
    }
  }

  /// Writes a store with one head or more.
  static func write(
    _ heads: [[FeatureVector]], _ type: ComponentType = .float32, to path: String,
    rowsPerPart: Int = 50, fingerprint: String = "of a model", mode: StoreWriter.Mode = .new
  ) throws {
    var content = StoreWriter.Content(
      fingerprint: Fingerprint(settings: [("model_sha256", .string(fingerprint))]), type: type,
      heads: heads.map { (nil, $0.first?.count ?? 1) })
    content.rowsPerPart = rowsPerPart
    let writer = try StoreWriter(PathBytes(path), content: content, mode: mode)
    for row in heads[0].indices {
      try writer.append(
        StoredRow(path: PathBytes("in/\(row).png"), width: 1, height: 1), heads.map { $0[row] })
    }
    try writer.finish()
  }

  /// The answers by computing every cosine.
  static func nearest(
    _ count: Int, to query: FeatureVector, in vectors: [FeatureVector], minCosine: Double = -2
  ) -> [EmbeddingIndex.Answer] {
    var answers: [EmbeddingIndex.Answer] = []
    for (row, vector) in vectors.enumerated() {
      guard let cosine = try? cosineSimilarity(query, vector), cosine >= minCosine else { continue }
      answers.append(EmbeddingIndex.Answer(row: row, cosine: cosine))
    }
    answers.sort { $0.cosine == $1.cosine ? $0.row < $1.row : $0.cosine > $1.cosine }
    return Array(answers.prefix(count))
  }
}

typealias Pair = EmbeddingIndex.Pair

extension Pair {
  static func all(
    in index: EmbeddingIndex, minCosine: Double, among rows: RowSet? = nil
  ) throws -> [Pair] {
    var pairs: [Pair] = []
    try index.forEachPair(minCosine: minCosine, among: rows) {
      pairs.append(Pair(first: $0, second: $1, cosine: $2))
    }
    return pairs
  }

  static func expected(in vectors: [FeatureVector], minCosine: Double) -> [Pair] {
    vectors.indices.flatMap { first in
      (first + 1..<vectors.count).compactMap { second in
        guard let cosine = try? cosineSimilarity(vectors[first], vectors[second]),
          cosine >= minCosine
        else { return nil }
        return Pair(first: first, second: second, cosine: cosine)
      }
    }
  }
}
