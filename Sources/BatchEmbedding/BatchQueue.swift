public import ImageEmbedding

/// A batch that is filled while it works: one side adds items, the other takes results.
///
/// Both may be the same thread or task, or any others, and many at once may add. Memory is flat where the
/// adding side keeps the number of items without a result small.
///
/// When the last reference goes, no more items are added, as by ``finish()``.
public final class BatchQueue: Sendable {
  /// The results, in the order in which items were added; they end after ``finish()``.
  public let results: BatchResults

  private let items: ItemQueue

  /// Begins a batch without items.
  ///
  /// - Throws: ``EmbedderError`` when the system has no thread to give.
  public init(_ batch: BatchEmbedder) throws(EmbedderError) {
    let items = ItemQueue()
    self.items = items
    results = try batch.results(of: items) { items.close(droppingItems: true) }
  }

  deinit {
    finish()
  }

  /// Adds an item; never waits.
  ///
  /// - Throws: ``EmbedderError/batchEnded`` after ``finish()``, and when the results were stopped or
  ///   cancelled.
  public func add(_ item: BatchItem) throws(EmbedderError) {
    guard items.add(item) else { throw .batchEnded }
  }

  /// Says that no more items are added; without it the results have no end.
  public func finish() {
    items.close()
  }
}
