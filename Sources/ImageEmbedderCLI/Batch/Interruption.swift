import EmbedderPlatform
import Synchronization

/// Signals that ask the program to end.
///
/// A run over many images ends in good order: it takes no more inputs, finishes what is in work and
/// completes its outputs. Anything else, and a second signal, ends at once; so does what is waited for in
/// vain: a pipe that nobody writes to or reads from.
enum Interruption {
  static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// The milliseconds of one wait, after which a signal is noticed.
  static let waitMilliseconds = 100
  /// The waits in a row, after a signal, in which something has to happen.
  ///
  /// What is slow is finished, what stands still is given up. The waits are counted, not timed, since a
  /// program may be stopped meanwhile.
  static let patience = 30

  private static let isNoticed = Atomic(false)
  private static let received = Atomic<Int32>(0)

  /// Has the first signal noted instead of ending the program.
  static func note() {
    PendingFiles.prepare()
    _ = received.load(ordering: .relaxed)
    isNoticed.store(true, ordering: .relaxed)
  }

  /// The signal that was noted.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// The name of the signal that was noted.
  static var signalName: String {
    switch signal {
    case SIGINT: "SIGINT"
    case SIGHUP: "SIGHUP"
    default: "SIGTERM"
    }
  }

  /// Notes a signal, from its handler; returns whether that was all to do about it.
  static func notes(_ number: Int32) -> Bool {
    isNoticed.load(ordering: .relaxed)
      && received.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
  }
}
