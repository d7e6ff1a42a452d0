import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Signals that ask the program to end.
///
/// A run over many images ends in good order: it takes no more inputs, finishes what is in work and
/// completes its outputs. Anything else, and a second signal, ends at once.
enum Interruption {
  static let signals = [SIGINT, SIGTERM, SIGHUP]

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

  /// Notes a signal, from its handler; returns whether that was all to do about it.
  static func notes(_ number: Int32) -> Bool {
    isNoticed.load(ordering: .relaxed)
      && received.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
  }
}
