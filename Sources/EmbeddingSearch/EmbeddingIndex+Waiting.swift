import EmbedderStorage
public import EmbeddingStore

// The same searches for tasks, none of whose threads they block.

extension EmbeddingIndex {
  /// The rows that are nearest to a query, without blocking the thread of the task.
  ///
  /// - Parameters:
  ///   - count: The most answers, 1 or more.
  ///   - query: As for the form that blocks.
  ///   - minCosine: The least cosine of an answer.
  ///   - rows: The rows that may be answers; `nil` for all.
  /// - Returns: As for the form that blocks.
  /// - Throws: As for the form that blocks; ``SearchError/cancelled`` soon after the task was cancelled.
  public func nearest(
    _ count: Int, to query: FeatureVector, minCosine: Double? = nil, among rows: RowSet? = nil
  ) async throws(SearchError) -> [Answer] {
    try await nearest(count, toEach: [query], minCosine: minCosine, among: rows)[0]
  }

  /// The rows that are nearest to each of some queries, without blocking the thread of the task.
  ///
  /// - Parameters:
  ///   - count: The most answers to a query, 1 or more.
  ///   - queries: As for the form that blocks.
  ///   - minCosine: The least cosine of an answer.
  ///   - rows: The rows that may be answers; `nil` for all.
  /// - Returns: The answers of each query.
  /// - Throws: As for the form that blocks; ``SearchError/cancelled`` soon after the task was cancelled.
  public func nearest(
    _ count: Int, toEach queries: [FeatureVector], minCosine: Double? = nil,
    among rows: RowSet? = nil
  ) async throws(SearchError) -> [[Answer]] {
    try await waiting { threads throws(SearchError) in
      try self.nearest(count, toEach: queries, minCosine: minCosine, among: rows, threads)
    }
  }

  /// Every pair of rows whose cosine is at least `minCosine`, as a sequence that is awaited.
  ///
  /// The pairs are those of ``forEachPair(minCosine:among:threadCount:_:)``, in its order. They are looked
  /// for as they are asked for, so that memory does not grow with their number.
  ///
  /// - Parameters:
  ///   - minCosine: The least cosine.
  ///   - rows: The rows of which both of a pair are; `nil` for all.
  /// - Returns: The pairs; each loop over them searches anew.
  /// - Throws: ``SearchError/invalidCosine`` for NaN.
  public func pairs(
    minCosine: Double, among rows: RowSet? = nil
  ) throws(SearchError) -> Pairs {
    Pairs(search: try pairSearch(minCosine: minCosine, among: rows))
  }

  /// Pairs of rows that are near each other, for tasks.
  public struct Pairs: AsyncSequence, Sendable {
    fileprivate let search: PairSearch

    /// Begins to look for the pairs.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(search: search) }

    /// Looks for pairs as they are asked for.
    public struct AsyncIterator: AsyncIteratorProtocol {
      /// `nil` after the last pair, and after an error.
      private var search: PairSearch?
      private var found: ArraySlice<Pair> = []

      fileprivate init(search: PairSearch) {
        self.search = search
      }

      /// The next pair, or `nil` after the last.
      ///
      /// - Throws: ``SearchError`` where the store was damaged meanwhile; ``SearchError/cancelled`` soon
      ///   after the task was cancelled.
      public mutating func next(
        isolation actor: isolated (any Actor)? = #isolation
      ) async throws(SearchError) -> Pair? {
        guard let former = search else { return nil }
        search = nil
        guard !Task.isCancelled else { throw .cancelled }
        if found.isEmpty {
          let (following, pairs) = try await former.index.waiting { threads throws(SearchError) in
            var search = former
            search.threads = threads
            let pairs = try search.next()
            return (search, pairs)
          }
          guard let pairs else { return nil }
          search = following
          found = pairs[...]
        } else {
          search = former
        }
        return found.popFirst()
      }
    }
  }

  /// Does work on a thread that may block, and has it given up when the task is cancelled.
  fileprivate func waiting<Output: Sendable>(
    _ body: @escaping @Sendable (Threads) throws(SearchError) -> Output
  ) async throws(SearchError) -> Output {
    let isCancelled = Locked(false)
    let threads = Threads(count: threadCount) { isCancelled.withLock { $0 } }
    let result = await withTaskCancellationHandler {
      await waitingWork.run { () -> Result<Output, SearchError> in
        guard !threads.isCancelled() else { return .failure(.cancelled) }
        return Result { () throws(SearchError) in try body(threads) }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
    guard let result else {
      throw .outOfMemory(OutOfMemory(byteCount: WorkerThread.stackByteCount))
    }
    return try result.get()
  }
}
