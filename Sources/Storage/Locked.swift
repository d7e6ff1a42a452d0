import EmbedderPlatform

/// A value that one thread at a time may use, and that threads may wait for.
///
/// The standard library's `Mutex` would do, but its slow path is invisible to the thread sanitizer, which
/// then reports races that are none; with this one it can watch the rest of the program.
@safe
package final class Locked<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let change: UnsafeMutablePointer<pthread_cond_t>
  private var waiterCount = 0
  private var value: Value

  /// Takes over a value that nobody else uses.
  package init(_ value: sending Value) {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe change = .allocate(capacity: 1)
    unsafe pthread_cond_init(change, nil)
    self.value = value
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
    unsafe pthread_cond_destroy(change)
    unsafe change.deallocate()
  }

  /// Calls `body` with the value while no other thread does.
  ///
  /// Waking a thread costs as much as the rest of this; `wakes` says of the value that `body` leaves
  /// whether anybody may have waited for it.
  package func withLock<Result, Failure: Error>(
    wakes: (Value) -> Bool = { _ in true }, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unlock(wakes) }
    return try body(&value)
  }

  /// Calls `body` with the value as soon as another thread has left it as `condition` wants it.
  package func withLock<Result, Failure: Error>(
    when condition: (Value) -> Bool, wakes: (Value) -> Bool = { _ in true },
    do body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unlock(wakes) }
    waiterCount += 1
    while !condition(value) { unsafe pthread_cond_wait(change, mutex) }
    waiterCount -= 1
    return try body(&value)
  }

  /// Calls `body` as soon as `condition` holds, or not at all once `seconds` have passed.
  ///
  /// - Returns: What `body` returns, or `nil` when time ran out.
  package func withLock<Result>(
    when condition: (Value) -> Bool, withinSeconds seconds: Double,
    do body: (inout Value) -> Result
  ) -> Result? {
    var deadline = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &deadline)
    // A century is for ever, and fits.
    let wait = min(max(seconds, 0), 3e9)
    let nanoseconds = deadline.tv_nsec + Int((wait - wait.rounded(.down)) * 1e9)
    deadline.tv_sec += Int(wait) + nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000

    unsafe pthread_mutex_lock(mutex)
    defer { unlock { _ in true } }
    waiterCount += 1
    while !condition(value), unsafe pthread_cond_timedwait(change, mutex, &deadline) == 0 {}
    waiterCount -= 1
    return condition(value) ? body(&value) : nil
  }

  /// Lets the others in; whoever waits for a change looks whether this was the one.
  private func unlock(_ wakes: (Value) -> Bool) {
    let isAwaited = waiterCount > 0 && wakes(value)
    unsafe pthread_mutex_unlock(mutex)
    if isAwaited { unsafe pthread_cond_broadcast(change) }
  }
}
