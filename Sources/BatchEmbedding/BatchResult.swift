public import ImageEmbedding
public import Storage

/// What became of one image of a batch.
public struct BatchResult: Sendable {
  /// Embedded, failed or skipped.
  public enum Outcome: Sendable {
    /// The image has its vectors.
    case embedded(EmbeddedImage)
    /// The image could not be embedded.
    case failed(EmbedderError)
    /// What was found is no image; the text says what it is.
    case skipped(reason: String)
  }

  /// The number of the item, from 0, in the order in which items were given.
  public let index: Int

  /// The item's path or name.
  public let path: PathBytes

  /// What became of it.
  public let outcome: Outcome

  /// What it took.
  public let durations: StageDurations
}

/// An image with its feature vectors.
public struct EmbeddedImage: Hashable, Sendable {
  /// The width of the upright picture in the file, in pixels.
  public let width: Int
  /// Its height.
  public let height: Int
  /// One embedding for each output of the model.
  public let embeddings: [Embedding]
  /// What was odd about the image although it could be embedded, one sentence each.
  public let warnings: [String]

  /// Describes an image that was embedded.
  public init(width: Int, height: Int, embeddings: [Embedding], warnings: [String] = []) {
    self.width = width
    self.height = height
    self.embeddings = embeddings
    self.warnings = warnings
  }
}
