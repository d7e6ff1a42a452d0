import EmbedderPlatform
import EmbedderStorage

/// The threads of a search.
struct Threads: Sendable {
  /// The most threads, of which the caller's is one; fewer where the system has none to give.
  var count: Int
  /// Asked on any of the threads whether to give up.
  var isCancelled: @Sendable () -> Bool = { false }

  /// Does numbered pieces of work.
  ///
  /// - Parameters:
  ///   - pieceCount: The number of pieces.
  ///   - work: Called once on each thread; asks for the number of the next piece until there is none.
  /// - Returns: What `work` gave on each thread, in no order.
  /// - Throws: What `work` throws, after all threads have ended; ``SearchError/cancelled``.
  func run<Output: Sendable>(
    pieceCount: Int,
    _ work: @escaping @Sendable (_ nextPiece: () -> Int?) throws(SearchError) -> Output
  ) throws(SearchError) -> [Output] {
    let state = Locked(Progress<Output>())
    let isCancelled = isCancelled
    let run: @Sendable () -> Void = {
      do throws(SearchError) {
        let output = try work {
          let isCancelled = isCancelled()
          return state.withLock { state -> Int? in
            if isCancelled { state.error = state.error ?? .cancelled }
            guard state.next < pieceCount, state.error == nil else { return nil }
            defer { state.next += 1 }
            return state.next
          }
        }
        state.withLock { $0.outputs.append(output) }
      } catch {
        state.withLock { $0.error = $0.error ?? error }
      }
    }
    for _ in 1..<max(1, min(count, pieceCount)) {
      state.withLock { $0.runningCount += 1 }
      let isStarted = WorkerThread.start {
        run()
        state.withLock { $0.runningCount -= 1 }
      }
      if !isStarted { state.withLock { $0.runningCount -= 1 } }
    }
    run()
    let progress = state.withLock(when: { $0.runningCount == 0 }, do: { $0 })
    if let error = progress.error { throw error }
    return progress.outputs
  }
}

private struct Progress<Output: Sendable>: Sendable {
  var next = 0
  var runningCount = 0
  var outputs: [Output] = []
  var error: SearchError?
}
