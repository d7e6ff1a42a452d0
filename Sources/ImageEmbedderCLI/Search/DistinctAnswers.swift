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
    for answer in answers.dropFirst(seenCount) where kept.count < count {
      seenCount += 1
      let vector = try index.store.vector(at: answer.row, head: index.head)
      let isSame = try kept.contains { better in
        try ImageEmbedder.cosineSimilarity(vector, better.vector) >= limit
      }
      if !isSame { kept.append((answer, vector)) }
    }
    return kept.map(\.answer)
  }
}
