/// Bytes that stay where they are and as they are for as long as anyone holds this object.
///
/// What a runtime or a frame reads later must not move, change or go away: the bytes are memory of
/// our own, an array, or a constant of the program. A mapped file, which somebody else may truncate or
/// rewrite, never is one of them.
@safe
package final class SharedBytes: Sendable {
  private enum Source: ~Copyable, Sendable {
    case owned(AlignedBuffer)
    case array([UInt8])
    case constant(address: UInt, count: Int)
  }

  private let source: Source

  /// Takes over memory.
  package init(_ buffer: consuming AlignedBuffer) {
    source = .owned(buffer)
  }

  /// Keeps an array; its start is aligned to 16 bytes only.
  package init(_ array: [UInt8]) {
    source = .array(array)
  }

  /// Refers to constant data that lives as long as the program.
  @unsafe
  package init(constant bytes: UnsafeRawBufferPointer) {
    source = unsafe .constant(address: UInt(bitPattern: bytes.baseAddress), count: bytes.count)
  }

  /// The bytes; valid as long as this object.
  package var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      switch source {
      case .owned(let buffer):
        let span = unsafe RawSpan(_unsafeStart: buffer.baseAddress, byteCount: buffer.byteCount)
        return unsafe _overrideLifetime(span, borrowing: self)
      case .array(let array):
        return unsafe _overrideLifetime(array.span.bytes, borrowing: self)
      case .constant(let address, let count):
        let pointer = unsafe UnsafeRawBufferPointer(
          start: UnsafeRawPointer(bitPattern: address), count: count)
        return unsafe _overrideLifetime(RawSpan(_unsafeBytes: pointer), borrowing: self)
      }
    }
  }
}

extension SharedBytes {
  /// Copies a prefix and the bytes that follow it.
  package convenience init(
    _ prefix: [UInt8], before rest: SharedBytes
  ) throws(OutOfMemory) {
    let tail = rest.bytes
    var buffer = try AlignedBuffer(byteCount: prefix.count + tail.byteCount)
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe target.copyBytes(from: prefix)
      unsafe tail.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[prefix.count...]).copyMemory(
          from: source)
      }
    }
    self.init(buffer)
  }
}

extension AlignedBuffer {
  /// Copies an array.
  package init(copying bytes: [UInt8]) throws(OutOfMemory) {
    try self.init(byteCount: bytes.count)
    unsafe withUnsafeMutableBytes { target in
      unsafe target.copyBytes(from: bytes)
    }
  }
}
