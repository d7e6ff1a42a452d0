/// What a model says of one image: one embedding for each of its output heads.
public struct EmbeddingResult: Hashable, Sendable {
  /// The embeddings, in the order of the model's outputs; never empty.
  public let embeddings: [Embedding]

  /// The width of the upright image, in pixels.
  public let width: Int

  /// Its height.
  public let height: Int

  /// What was odd about the image although it could be embedded, one sentence each.
  public let warnings: [String]

  /// Makes a result of its parts.
  public init(embeddings: [Embedding], width: Int, height: Int, warnings: [String] = []) {
    self.embeddings = embeddings
    self.width = width
    self.height = height
    self.warnings = warnings
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
