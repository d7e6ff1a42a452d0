import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

/// Leaves out answers that are the same picture as a better one: those whose cosine to an answer that is kept
/// is at least some number.
struct DistinctAnswers {
  typealias Answer = EmbeddingIndex.Answer

  private let limit: Double
  private let index: EmbeddingIndex
  private var kept: [(answer: Answer, vector: FeatureVector)] = []
  /// How many answers were looked at; further ones come behind these.
  private var seenCount = 0

  init(_ limit: Double, _ index: EmbeddingIndex) {
    self.limit = limit
    self.index = index
  }

  /// Takes the best answers, which begin with those of the call before, until some number is kept.
  ///
  /// - Returns: What is kept.
  mutating func take(_ answers: [Answer], upTo count: Int) throws -> [Answer] {
    while kept.count < count, seenCount < answers.count {
      let following = answers[seenCount..<min(seenCount + Self.readCount, answers.count)]
      let vectors = try vectors(of: following)
      for (answer, vector) in zip(following, vectors) where kept.count < count {
        seenCount += 1
        let isSame = try kept.contains { better in
          try vector == better.vector
            || ImageEmbedder.cosineSimilarity(vector, better.vector) >= limit
        }
        if !isSame { kept.append((answer, vector)) }
      }
    }
    return kept.map(\.answer)
  }

  /// Vectors that are read at once: many, for where thousands of answers are one picture.
  private static let readCount = 256

  private func vectors(of answers: ArraySlice<Answer>) throws -> [FeatureVector] {
    let rows = answers.map(\.row).sorted()
    var vectors: [Int: FeatureVector] = [:]
    try index.store.forEachVector(at: rows, head: index.head) { vectors[rows[$0]] = $1 }
    return answers.compactMap { vectors[$0.row] }
  }
}
