import EmbedderPlatform

/// Threads of our own: the standard library's tasks share a few threads that must not block, and
/// decoding, inference and reading from a pipe all block.
package enum WorkerThread {
  /// Decoders of hostile files may nest; the usual 8 MiB are what their libraries are tested with.
  package static let stackByteCount = 8 << 20

  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on a new thread that receives no signals, which are the host's business.
  ///
  /// - Returns: Whether the system had a thread to give.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&attributes, stackByteCount)

    // A thread inherits what its maker blocks.
    var all = sigset_t()
    var former = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &former)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &former, nil) }

    let start = unsafe Unmanaged.passRetained(Start(body))
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let status = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        #if canImport(Darwin)
        let pointer: UnsafeMutableRawPointer = unsafe argument
        #else
        guard let pointer = unsafe argument else { return nil }
        #endif
        unsafe Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    if status != 0 { unsafe start.release() }
    return status == 0
  }
}
