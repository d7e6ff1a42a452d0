/// What a model says of one image: one embedding for each of its output heads.
public struct EmbeddingResult: Hashable, Sendable {
  /// The embeddings, in the order of the model's outputs; never empty.
  public let embeddings: [Embedding]

  /// Makes a result of its embeddings.
  public init(embeddings: [Embedding]) {
    self.embeddings = embeddings
  }
}

/// The feature vector of one output head.
public struct Embedding: Hashable, Sendable {
  /// The components.
  public let featureVector: FeatureVector

  /// The number of the output, from 0.
  public let headIndex: Int

  /// The output's name in the model's metadata, or `nil` where it gives none.
  public let headName: String?

  /// Makes an embedding of its parts.
  public init(featureVector: FeatureVector, headIndex: Int, headName: String? = nil) {
    self.featureVector = featureVector
    self.headIndex = headIndex
    self.headName = headName
  }
}
