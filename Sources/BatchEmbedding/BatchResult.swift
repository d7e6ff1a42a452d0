public import EmbedderStorage
public import ImageEmbedding

/// What became of one image of a batch.
public struct BatchResult: Sendable {
  /// Embedded, failed or skipped.
  public enum Outcome: Sendable {
    /// The image has its vectors.
    case embedded(EmbeddingResult)
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

  /// What was noted of the decoded image, where somebody wants to look at it.
  package var note: (any Sendable)?
}
