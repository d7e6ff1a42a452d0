import EmbedderPlatform

/// Time that is used up only while this process runs.
///
/// A process that is stopped (`^Z`) or asleep with its machine must not find on waking that everybody else
/// was too slow. No clock tells that, so waiting is done in slices, none of which counts for more than it
/// was meant to last.
final class RunningTime {
  private(set) var left: Duration

  /// The longest wait without a look at what it took.
  private static let slice = Duration.seconds(1)

  init(seconds: Int) {
    left = .seconds(seconds)
  }

  /// The milliseconds of the next wait, or `nil` when no time is left.
  var nextSlice: CInt? {
    guard left > .zero else { return nil }
    let (seconds, attoseconds) = min(left, Self.slice).components
    return CInt(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
  }

  /// Takes off what a wait took, at most one slice.
  func spend(_ elapsed: Duration) {
    left -= max(.zero, min(elapsed, Self.slice))
  }

  /// Waits until a descriptor is ready for `events`.
  ///
  /// - Returns: Whether it is, time ran out, or the system cannot wait for it.
  func wait(for events: CShort, on descriptor: CInt) -> Outcome {
    while let milliseconds = nextSlice {
      let start = ContinuousClock.now
      var request = pollfd(fd: descriptor, events: events, revents: 0)
      let ready = unsafe poll(&request, 1, milliseconds)
      let number = errno
      spend(.now - start)
      if ready > 0 { return .ready }
      if ready < 0, number != EINTR { return .failed }
    }
    return .timedOut
  }

  /// What waiting led to.
  enum Outcome {
    case ready
    case timedOut
    case failed
  }
}
