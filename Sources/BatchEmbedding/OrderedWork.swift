import EmbedderStorage

/// A stream of inputs that several threads work on, whose outputs come in the order of the inputs.
///
/// Each thread takes an input, does all of the work on it and takes the next: nothing is handed from
/// thread to thread but finished outputs. No input is taken while more than `window` outputs wait for
/// one before them or for the consumer, so that memory does not grow with the number of inputs.
package final class OrderedWork<Input, Output: Sendable>: Sendable {
  /// What waiting for an output led to.
  package enum Wait: Sendable {
    case output(Output)
    case end
    case timedOut
  }

  private struct State {
    /// The inputs that were taken so far.
    var takenCount = 0
    /// The threads that were started and have not ended.
    var workerCount = 0
    /// The outputs that were handed to the consumer.
    var deliveredCount = 0
    /// Output number `n` waits in slot `n % window`.
    var slots: [Output?]
    /// Whether no more inputs are taken.
    var isStopped = false
    /// Whether outputs no longer matter.
    var isCancelled = false
    /// Those who wait without a thread.
    var continuations: [CheckedContinuation<Void, Never>] = []

    var hasRoom: Bool { takenCount - deliveredCount < slots.count }
    var isAtEnd: Bool { isCancelled || isStopped && deliveredCount == takenCount }
    var isOutputReady: Bool { slots[deliveredCount % slots.count] != nil }
    /// Whether the consumer need not wait.
    var isSettled: Bool { isOutputReady || isAtEnd }

    mutating func takeOutput() -> Output? {
      guard !isCancelled, isOutputReady else { return nil }
      let slot = deliveredCount % slots.count
      defer { slots[slot] = nil }
      deliveredCount += 1
      return slots[slot]
    }

    mutating func takeContinuations() -> [CheckedContinuation<Void, Never>] {
      defer { continuations = [] }
      return continuations
    }
  }

  private let state: Locked<State>
  private let source: Locked<() -> Input?>
  private let whenEnded: @Sendable () -> Void

  /// Prepares work; no thread is started yet.
  ///
  /// - Parameters:
  ///   - window: The most outputs that wait.
  ///   - source: Gives the next input, or `nil` at the end; called from one thread at a time.
  ///   - whenEnded: Called, perhaps more than once, when no more inputs are taken.
  package init(
    window: Int, source: sending @escaping () -> Input?,
    whenEnded: @escaping @Sendable () -> Void = {}
  ) {
    state = Locked(State(slots: Array(repeating: nil, count: window)))
    self.source = Locked(source)
    self.whenEnded = whenEnded
  }

  /// Runs `body`, which calls ``work(_:)``, on a new thread.
  ///
  /// - Returns: Whether the system had a thread to give.
  package func startWorker(_ body: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { $0.workerCount += 1 }
    let isStarted = WorkerThread.start {
      body()
      self.removeWorker()
    }
    if !isStarted { removeWorker() }
    return isStarted
  }

  private func removeWorker() {
    state.withLock(wakes: { $0.workerCount == 0 }, { $0.workerCount -= 1 })
  }

  /// Waits until all workers have ended, which they do after ``stop()``, ``cancel()`` or the last input.
  package func waitForWorkers() {
    state.withLock(when: { $0.workerCount == 0 }, do: { _ in })
  }

  /// Works until the inputs are used up or the work is stopped; called by each thread.
  package func work(_ transform: (Input) -> Output) {
    while let (number, output) = workOnce(transform) {
      let continuations = state.withLock(
        wakes: { $0.isSettled },
        { state in
          guard !state.isCancelled else { return [CheckedContinuation<Void, Never>]() }
          state.slots[number % state.slots.count] = output
          return number == state.deliveredCount ? state.takeContinuations() : []
        })
      for continuation in continuations { continuation.resume() }
    }
  }

  /// Works on the next input, which is gone when this returns.
  private func workOnce(_ transform: (Input) -> Output) -> (number: Int, Output)? {
    guard let (number, input) = takeInput() else { return nil }
    return (number, transform(input))
  }

  private func takeInput() -> (number: Int, Input)? {
    source.withLock { next in
      let mayTake = state.withLock(
        when: { $0.hasRoom || $0.isStopped }, wakes: { $0.isSettled }, do: { !$0.isStopped })
      guard mayTake, let input = next() else {
        stop()
        return nil
      }
      // The input came after somebody said that no more are wanted.
      return state.withLock(
        wakes: { $0.isSettled },
        { state in
          guard !state.isStopped else { return nil }
          defer { state.takenCount += 1 }
          return (state.takenCount, input)
        })
    }
  }

  // MARK: The consumer's side

  /// The next output in order, `nil` after the last; waits for it.
  package func next() -> Output? {
    state.withLock(when: { $0.isSettled }, do: { $0.takeOutput() })
  }

  /// The next output in order, if it comes in time.
  package func next(withinSeconds seconds: Double) -> Wait {
    state.withLock(
      when: { $0.isSettled }, withinSeconds: seconds,
      do: { $0.takeOutput().map(Wait.output) ?? .end }) ?? .timedOut
  }

  /// The next output in order, `nil` after the last or when the task is cancelled; blocks no thread.
  package func next(isolation: isolated (any Actor)? = #isolation) async -> Output? {
    await withTaskCancellationHandler {
      while true {
        let wait = state.withLock { state in
          state.isSettled ? state.takeOutput().map(Wait.output) ?? .end : .timedOut
        }
        switch wait {
        case .output(let output): return output
        case .end: return nil
        case .timedOut: break
        }
        await withCheckedContinuation { continuation in
          let isReady = state.withLock { state in
            if state.isSettled { return true }
            state.continuations.append(continuation)
            return false
          }
          if isReady { continuation.resume() }
        }
      }
    } onCancel: {
      cancel()
    }
  }

  /// Takes no more inputs; outputs of those that were taken still come.
  package func stop() {
    end { $0.isStopped = true }
  }

  /// Takes no more inputs and forgets the outputs; who waits for one is told that there is none.
  package func cancel() {
    end { state in
      state.isStopped = true
      state.isCancelled = true
    }
  }

  private func end(_ change: (inout State) -> Void) {
    let continuations = state.withLock { state in
      change(&state)
      return state.isAtEnd ? state.takeContinuations() : []
    }
    whenEnded()
    for continuation in continuations { continuation.resume() }
  }
}
