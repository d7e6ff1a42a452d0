import Storage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Android)
import Android
#else
import Darwin
#endif

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
    _ message: Message, before deadline: ContinuousClock.Instant?
  ) throws(Interruption) {
    try unsafe send(message.header.span.bytes, before: deadline)
    try unsafe send(message.bytes.span.bytes, before: deadline)
    if let attachment = message.attachment { try send(attachment.bytes, before: deadline) }
  }

  func receive(before deadline: ContinuousClock.Instant?) throws(Interruption) -> Message {
    let header = try receive(Message.headerByteCount, before: deadline)
    do throws(IsolationError) {
      let (kind, byteCount) = try Message.parse(header: header)
      return Message(kind, bytes: try bytes(byteCount, before: deadline))
    } catch {
      throw .violation(error)
    }
  }

  /// The content of a message; an interruption keeps its own kind.
  private func bytes(
    _ count: Int, before deadline: ContinuousClock.Instant?
  ) throws(IsolationError) -> [UInt8] {
    do {
      return try receive(count, before: deadline)
    } catch {
      throw .protocolViolation(details: "a message that ends early")
    }
  }

  private func send(
    _ bytes: RawSpan, before deadline: ContinuousClock.Instant?
  ) throws(Interruption) {
    #if canImport(Darwin)
    var flags: CInt = 0  // the socket was made with SO_NOSIGPIPE
    #else
    var flags = CInt(MSG_NOSIGNAL)
    #endif
    // Room for a byte is not room for all: without this the rest would wait past the deadline.
    if deadline != nil { flags |= CInt(MSG_DONTWAIT) }
    var start = 0
    while start < bytes.byteCount {
      try wait(for: CShort(POLLOUT), before: deadline)
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
    _ count: Int, before deadline: ContinuousClock.Instant?
  ) throws(Interruption) -> [UInt8] {
    var bytes: [UInt8] = []
    // Grows with what really comes: a header alone cannot make us take memory.
    var piece = [UInt8](repeating: 0, count: min(count, 1 << 20))
    while bytes.count < count {
      try wait(for: CShort(POLLIN), before: deadline)
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
    for events: CShort, before deadline: ContinuousClock.Instant?
  ) throws(Interruption) {
    guard let deadline else { return }
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw .timedOut }
      let milliseconds =
        left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      var request = pollfd(fd: descriptor, events: events, revents: 0)
      let ready = unsafe poll(&request, 1, CInt(clamping: milliseconds + 1))
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .closed }
    }
  }
}

/// The system's `send`, which the method of that name hides.
private func sendOnce(
  _ descriptor: CInt, _ start: UnsafeRawPointer?, _ count: Int, _ flags: CInt
) -> Int {
  unsafe send(descriptor, start, count, flags)
}
