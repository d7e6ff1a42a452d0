package import EmbedderImageFiles
import EmbedderStorage
public import ImageEmbedding

/// Embeds any number of images on all cores.
///
/// Each worker reads, decodes, preprocesses and embeds one image after another with a compiled model of
/// its own; that was faster than a thread for each stage and than one model on all cores (see
/// `docs/batch.md`). Results come in the order of the items, whatever each of them takes. An item
/// that fails is a result like any other and disturbs no neighbour.
///
/// ```swift
/// let batch = BatchEmbedder(try ImageEmbedder())
/// for await result in try batch.results(of: paths.map { BatchItem(path: PathBytes($0)) }) {
///   print(result.path, result.outcome)
/// }
/// ```
public final class BatchEmbedder: Sendable {
  /// What the images are embedded with.
  public let embedder: ImageEmbedder

  /// The number of images in work at once.
  public let workerCount: Int

  /// Looks at each image that is decoded, and knows its path, on the workers' threads; see
  /// ``BatchResult/note``.
  package var look: (@Sendable (DecodedImage, PathBytes) -> any Sendable)? {
    get { lookAtImage.withLock { $0 } }
    set { lookAtImage.withLock { $0 = newValue } }
  }
  private let lookAtImage = Locked<(@Sendable (DecodedImage, PathBytes) -> any Sendable)?>(nil)

  /// Finished results that may wait for the consumer, beside one for each worker: enough to ride out one
  /// slow image, and a few hundred kilobytes.
  private static let spareResultCount = 32

  /// Makes a batch embedder.
  ///
  /// - Parameters:
  ///   - embedder: What the images are embedded with.
  ///   - workerCount: The number of images in work at once, at least 1; by default one for each core that
  ///     this process may use. More than the cores gain nothing.
  public init(_ embedder: ImageEmbedder, workerCount: Int? = nil) {
    self.embedder = embedder
    self.workerCount = max(1, workerCount ?? processorCount)
  }

  /// Begins to embed.
  ///
  /// - Parameter items: The images. The sequence is read from the workers' threads, one at a time, and
  ///   only as far as results are taken; it may block.
  /// - Returns: The results, in the order of the items.
  /// - Throws: ``EmbedderError`` when the system has no thread to give.
  public func results(
    of items: some Sequence<BatchItem> & Sendable
  ) throws(EmbedderError) -> BatchResults {
    try results(of: items, whenEnded: {})
  }

  /// Begins to embed, and calls `whenEnded`, perhaps more than once, when no more items are taken.
  func results(
    of items: some Sequence<BatchItem> & Sendable, whenEnded: @escaping @Sendable () -> Void
  ) throws(EmbedderError) -> BatchResults {
    var iterator = Optional(items.makeIterator())
    let source: () -> (Int, BatchItem)? = {
      var count = 0
      return {
        guard let item = iterator?.next() else {
          iterator = nil
          return nil
        }
        defer { count += 1 }
        return (count, item)
      }
    }()
    let work = OrderedWork<(Int, BatchItem), BatchResult>(
      window: workerCount + Self.spareResultCount, source: source, whenEnded: whenEnded)
    var startedCount = 0
    for _ in 0..<workerCount {
      let isStarted = work.startWorker { [embedder, look] in
        ReusedMemory.onThisThread {
          work.work {
            defer { ReusedMemory.finishImage() }
            return embedder.result(of: $1, index: $0, look: look)
          }
        }
      }
      startedCount += isStarted ? 1 : 0
    }
    guard startedCount > 0 else {
      throw .outOfMemory(OutOfMemory(byteCount: WorkerThread.stackByteCount))
    }
    return BatchResults(work)
  }

  /// Embeds images and calls `body` with each result, in order, on the calling thread.
  ///
  /// - Parameters:
  ///   - items: The images, as in ``results(of:)``.
  ///   - body: What becomes of a result. When it throws, the rest is given up.
  /// - Throws: What `body` throws, or ``EmbedderError`` when the system has no thread to give.
  public func forEach(
    in items: some Sequence<BatchItem> & Sendable, _ body: (BatchResult) throws -> Void
  ) throws {
    let results = try results(of: items)
    defer { results.cancel() }
    while let result = results.next() { try body(result) }
  }
}
