import EmbedderPlatform

/// The process in which an object was made.
///
/// A forked child has a copy of the object, but not of the threads that work for it.
struct OwnProcess: Sendable {
  private let number = getpid()

  /// Whether this is a child of that process.
  var isForeign: Bool { getpid() != number }

  /// Keeps an object for ever in a child, where freeing it would wait for threads that are not there.
  func leakIfForeign(_ object: some AnyObject) {
    if isForeign { _ = unsafe Unmanaged.passRetained(object) }
  }
}
