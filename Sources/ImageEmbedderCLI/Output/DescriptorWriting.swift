import EmbedderPlatform

/// What became of bytes that were written to a descriptor.
enum WritingOutcome {
  case written
  /// The system refused, with this error number.
  case failed(CInt)
  /// The program is asked to end, and nobody takes the bytes.
  case abandoned
}

/// Writes all bytes to a descriptor, whoever else has made it non-blocking.
///
/// A reader may stop reading without closing its end. That is its right, but it must not keep the program
/// alive that was asked to end: a pipe, socket or terminal is therefore only written to when it has room,
/// and given up when it has had none for a while after a signal.
func writeAll(_ bytes: RawSpan, to descriptor: CInt) -> WritingOutcome {
  var status = stat()
  let mayStall = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  // What surely fits where there is room at all.
  let pieceByteCount = mayStall ? 4096 : Int.max
  var start = 0
  while start < bytes.byteCount {
    if mayStall, !waitForRoom(descriptor) { return .abandoned }
    let count = min(pieceByteCount, bytes.byteCount - start)
    let written = unsafe bytes.withUnsafeBytes { buffer in
      unsafe write(descriptor, buffer.baseAddress?.advanced(by: start), count)
    }
    if written >= 0 {
      start += written
    } else if errno != EINTR, errno != EAGAIN {
      return .failed(errno)
    }
  }
  return .written
}

/// Waits until there is room; returns whether it is still worth it.
private func waitForRoom(_ descriptor: CInt) -> Bool {
  var waitsAfterSignal = 0
  while waitsAfterSignal < Interruption.patience {
    var request = pollfd(fd: descriptor, events: CShort(POLLOUT), revents: 0)
    let ready = unsafe poll(&request, 1, CInt(Interruption.waitMilliseconds))
    // An error is for `write` to tell.
    if ready > 0 || ready < 0 && errno != EINTR { return true }
    if Interruption.signal != nil { waitsAfterSignal += 1 }
  }
  return false
}
