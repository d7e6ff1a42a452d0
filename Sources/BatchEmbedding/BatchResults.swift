/// The results of a batch as they come, in the order of the items.
///
/// An asynchronous sequence, and for callers that may block also ``next()`` and
/// ``next(withinSeconds:)``. One consumer takes them, from whatever threads. When the last reference goes,
/// what is not finished is given up.
public final class BatchResults: AsyncSequence, Sendable {
  /// What waiting for a result led to.
  public enum Wait: Sendable {
    /// Here it is.
    case result(BatchResult)
    /// There are no more.
    case end
    /// It did not come in time; it still may.
    case timedOut
  }

  private let work: OrderedWork<(Int, BatchItem), BatchResult>

  init(_ work: OrderedWork<(Int, BatchItem), BatchResult>) {
    self.work = work
  }

  deinit {
    work.cancel()
  }

  /// Waits for the next result, and blocks the calling thread meanwhile.
  ///
  /// - Returns: The result, or `nil` after the last.
  public func next() -> BatchResult? {
    work.next()
  }

  /// Waits for the next result for a limited time, and blocks the calling thread meanwhile.
  public func next(withinSeconds seconds: Double) -> Wait {
    switch work.next(withinSeconds: seconds) {
    case .output(let result): .result(result)
    case .end: .end
    case .timedOut: .timedOut
    }
  }

  /// Takes no more items; results of those in work still come.
  public func stop() {
    work.stop()
  }

  /// Takes no more items and gives up those in work, which nobody waits for any longer.
  public func cancel() {
    work.cancel()
  }

  /// Waits until the batch's threads have ended; after ``stop()`` or ``cancel()``.
  package func waitForWorkers() {
    work.waitForWorkers()
  }

  /// Gives the results to a loop that awaits them.
  ///
  /// A task that is cancelled cancels the batch.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(results: self)
  }

  /// Waits for results without blocking a thread.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let results: BatchResults

    /// The next result, or `nil` after the last.
    public func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async -> BatchResult? {
      await results.work.next(isolation: actor)
    }
  }
}
