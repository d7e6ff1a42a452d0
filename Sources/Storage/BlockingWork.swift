/// Work that blocks, for tasks that wait for it without blocking a thread of theirs.
///
/// Threads are started as work comes, up to a limit, and end when there is no more.
package final class BlockingWork: Sendable {
  /// A piece of work; told `false` where there is no thread to do it.
  private typealias Job = @Sendable (_ hasThread: Bool) -> Void

  private struct State {
    var jobs: ArraySlice<Job> = []
    var threadCount = 0
  }

  private let threadLimit: Int
  private let state = Locked(State())

  /// Prepares for work; no thread is started yet.
  package init(threadLimit: Int) {
    self.threadLimit = threadLimit
  }

  /// Does `body` on a thread of this object, after the work that came before.
  ///
  /// - Returns: What `body` gives, or `nil` where the system has no thread to give.
  package func run<Output: Sendable>(_ body: @escaping @Sendable () -> Output) async -> Output? {
    await withCheckedContinuation { continuation in
      add { hasThread in continuation.resume(returning: hasThread ? body() : nil) }
    }
  }

  private func add(_ job: @escaping Job) {
    let needsThread = state.withLock { state in
      state.jobs.append(job)
      guard state.threadCount < threadLimit else { return false }
      state.threadCount += 1
      return true
    }
    guard needsThread, !WorkerThread.start({ self.work() }) else { return }
    // Other threads do the work, if there are any.
    let stranded = state.withLock { state -> ArraySlice<Job> in
      state.threadCount -= 1
      guard state.threadCount == 0 else { return [] }
      defer { state.jobs = [] }
      return state.jobs
    }
    for job in stranded { job(false) }
  }

  private func work() {
    while let job = nextJob() { job(true) }
  }

  private func nextJob() -> Job? {
    state.withLock { state in
      let job = state.jobs.popFirst()
      if job == nil { state.threadCount -= 1 }
      return job
    }
  }
}
