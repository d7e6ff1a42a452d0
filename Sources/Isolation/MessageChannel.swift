import EmbedderPlatform
import EmbedderStorage

/// One end of the socket between host and worker.
struct MessageChannel: ~Copyable {
  let descriptor: CInt

  /// Why nothing more comes from the other side.
  enum Interruption: Error {
    case closed
    case timedOut
    case violation(IsolationError)
  }

  deinit {
    close(descriptor)
  }

  func send(
    _ message: Message, within time: RunningTime?
  ) throws(Interruption) {
    try unsafe send(message.header.span.bytes, within: time)
    try unsafe send(message.bytes.span.bytes, within: time)
    if let attachment = message.attachment { try send(attachment.bytes, within: time) }
  }

  func receive(within time: RunningTime?) throws(Interruption) -> Message {
    let header = try receive(Message.headerByteCount, within: time)
    let kind: Message.Kind
    let byteCount: Int
    do throws(IsolationError) {
      (kind, byteCount) = try Message.parse(header: header)
    } catch {
      throw .violation(error)
    }
    return Message(kind, bytes: try receive(byteCount, within: time))
  }

  private func send(
    _ bytes: RawSpan, within time: RunningTime?
  ) throws(Interruption) {
    #if canImport(Darwin)
    var flags: CInt = 0  // the socket was made with SO_NOSIGPIPE
    #else
    var flags = CInt(MSG_NOSIGNAL)
    #endif
    // Room for a byte is not room for all: without this the rest would wait past the end of its time.
    if time != nil { flags |= CInt(MSG_DONTWAIT) }
    var start = 0
    while start < bytes.byteCount {
      try wait(for: CShort(POLLOUT), within: time)
      let sent = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
        return unsafe sendOnce(descriptor, rest.baseAddress, rest.count, flags)
      }
      if sent < 0, errno == EINTR || errno == EAGAIN { continue }
      guard sent > 0 else { throw .closed }
      start += sent
    }
  }

  private func receive(
    _ count: Int, within time: RunningTime?
  ) throws(Interruption) -> [UInt8] {
    var bytes: [UInt8] = []
    // Grows with what really comes: a header alone cannot make us take memory.
    var piece = [UInt8](repeating: 0, count: min(count, 1 << 20))
    while bytes.count < count {
      try wait(for: CShort(POLLIN), within: time)
      let wanted = min(piece.count, count - bytes.count)
      let received = unsafe piece.withUnsafeMutableBytes { buffer in
        unsafe recv(descriptor, buffer.baseAddress, wanted, 0)
      }
      if received < 0, errno == EINTR || errno == EAGAIN { continue }
      guard received > 0 else { throw .closed }
      bytes += piece[..<received]
    }
    return bytes
  }

  private func wait(
    for events: CShort, within time: RunningTime?
  ) throws(Interruption) {
    guard let time else { return }
    switch time.wait(for: events, on: descriptor) {
    case .ready: return
    case .timedOut: throw .timedOut
    case .failed: throw .closed
    }
  }
}

/// The system's `send`, which the method of that name hides.
private func sendOnce(
  _ descriptor: CInt, _ start: UnsafeRawPointer?, _ count: Int, _ flags: CInt
) -> Int {
  unsafe send(descriptor, start, count, flags)
}
