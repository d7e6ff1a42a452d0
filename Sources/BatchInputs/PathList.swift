import EmbedderPlatform
package import EmbedderStorage

/// Paths read from a descriptor as they come, each ended by a newline (CR LF too) or by a NUL.
///
/// What is no list but an archive or an image is an error.
package struct PathList: IteratorProtocol {
  private let descriptor: CInt
  private let separator: UInt8
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false
  /// Why the list could not be read to its end.
  package private(set) var error: FileError?
  private var text: ListText

  private static let blockByteCount = 1 << 16
  /// No path of a system is longer than a few thousand bytes.
  private static let longestPath = 1 << 16

  /// - Parameters:
  ///   - descriptor: What is read; stays open.
  ///   - isNullSeparated: Whether a NUL ends each path, so that it may hold newlines.
  package init(descriptor: CInt, isNullSeparated: Bool) {
    self.descriptor = descriptor
    text = ListText(isNullSeparated: isNullSeparated)
    separator = isNullSeparated ? 0 : UInt8(ascii: "\n")
  }

  package mutating func next() -> PathBytes? {
    while true {
      if let end = buffer[position...].firstIndex(of: separator) {
        let path = trimmed(buffer[position..<end])
        position = end + 1
        if !path.isEmpty { return PathBytes(path) }
      } else if isAtEnd || buffer.count - position > Self.longestPath {
        let path = trimmed(buffer[position...])
        position = buffer.count
        return path.isEmpty ? nil : PathBytes(path)
      } else {
        read()
      }
    }
  }

  /// Whether the next path, or the end, can be had without waiting for whoever writes the list.
  package var isNextAtHand: Bool {
    if isAtEnd || buffer[position...].contains(separator) { return true }
    var request = pollfd(fd: descriptor, events: CShort(POLLIN), revents: 0)
    return unsafe poll(&request, 1, 0) != 0
  }

  private func trimmed(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    separator != 0 && path.last == UInt8(ascii: "\r") ? path.dropLast() : path
  }

  private mutating func read() {
    buffer.removeFirst(position)
    position = 0
    var number: CInt = 0
    let block = unsafe [UInt8](unsafeUninitializedCapacity: Self.blockByteCount) { target, count in
      repeat {
        count = unsafe readOnce(descriptor, target.baseAddress, target.count)
        number = count < 0 ? errno : 0
        // Whoever made the descriptor may have set it so.
        if number == EAGAIN { waitForInput() }
      } while number == EINTR || number == EAGAIN
      count = max(count, 0)
    }
    if number != 0 {
      error = .system(
        path: "-", operation: "read the list of paths", errno: number,
        reason: unsafe String(cString: strerror(number)))
    }
    isAtEnd = block.isEmpty
    do {
      buffer += try text.decode(block)
    } catch {
      self.error = error
      isAtEnd = true
    }
  }

  private func waitForInput() {
    var request = pollfd(fd: descriptor, events: CShort(POLLIN), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }
}

/// The system's `read`, which the method of that name hides.
private func readOnce(_ descriptor: CInt, _ target: UnsafeMutablePointer<UInt8>?, _ count: Int)
  -> Int
{
  unsafe read(descriptor, target, count)
}
