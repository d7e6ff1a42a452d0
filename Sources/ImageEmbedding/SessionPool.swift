import EmbedderInference
import EmbedderStorage

/// The sessions of one embedder: one for each image at a time, up to a limit.
///
/// All share one loaded model, but each has a compiled model of its own, which the runtime lets one thread
/// use at a time. They are made when they are first needed, so that an embedder used from one thread
/// takes the memory of one.
final class SessionPool: Sendable {
  private struct State {
    var idle: [InferenceSession]
    /// The sessions that exist or are being made.
    var count: Int
    var limit: Int
  }

  private let state: Locked<State>
  private let makeSession: @Sendable () throws(InferenceError) -> InferenceSession

  /// Makes a pool with its first session.
  ///
  /// - Parameters:
  ///   - first: A session, made by the caller, who thereby knows that it can be made.
  ///   - limit: The most sessions.
  ///   - makeSession: Makes another; called from any thread.
  init(
    _ first: InferenceSession, limit: Int,
    makeSession: @escaping @Sendable () throws(InferenceError) -> InferenceSession
  ) {
    state = Locked(State(idle: [first], count: 1, limit: limit))
    self.makeSession = makeSession
  }

  /// Calls `body` with a session that nobody else uses, waiting for one if all are in use.
  func withSession<Result>(
    _ body: (InferenceSession) throws(EmbedderError) -> Result
  ) throws(EmbedderError) -> Result {
    let session = take()
    defer { state.withLock { $0.idle.append(session) } }
    return try body(session)
  }

  private func take() -> InferenceSession {
    while true {
      let idle = state.withLock(
        when: { !$0.idle.isEmpty || $0.count < $0.limit },
        do: { state in
          if state.idle.isEmpty { state.count += 1 }
          return state.idle.popLast()
        })
      if let idle { return idle }
      do {
        return try makeSession()
      } catch {
        // The model was compiled before, so that memory or processes have run out: what is there has
        // to do.
        state.withLock { state in
          state.count -= 1
          state.limit = state.count
        }
      }
    }
  }
}
