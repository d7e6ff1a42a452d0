/// Bytes that stay where they are and as they are for as long as anyone holds this object.
///
/// What a runtime or a frame reads later must not move, change or go away: the bytes are memory of
/// our own, an array, a constant of the program, or what a caller lends and leaves alone. A mapped file,
/// which somebody else may truncate or rewrite, never is one of them.
@safe
package final class SharedBytes: Sendable {
  private enum Source: ~Copyable, Sendable {
    case owned(AlignedBuffer)
    case array([UInt8])
    /// A constant of the program, or memory that its owner keeps.
    case foreign(address: UInt, count: Int, owner: (any Sendable)?)
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
    source = unsafe .foreign(
      address: UInt(bitPattern: bytes.baseAddress), count: bytes.count, owner: nil)
  }

  /// Refers to memory that somebody else keeps where it is and as it is.
  ///
  /// - Parameters:
  ///   - bytes: The memory.
  ///   - owner: What is kept for as long as this object; `nil` where the caller sees to it that the
  ///     memory lives longer.
  @unsafe
  package init(borrowing bytes: UnsafeRawBufferPointer, keeping owner: (any Sendable)?) {
    source = unsafe .foreign(
      address: UInt(bitPattern: bytes.baseAddress), count: bytes.count, owner: owner)
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
      case .foreign(let address, let count, _):
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

extension SharedBytes {
  /// Copies of several pieces, which keep their distance where they overlap: views of one plane.
  package static func copies(of pieces: [SharedBytes]) throws(OutOfMemory) -> [SharedBytes] {
    let places = pieces.map(\.place)
    guard let start = places.map(\.lowerBound).min(), let end = places.map(\.upperBound).max()
    else {
      return []
    }
    let total = places.reduce(0) { $0 + $1.count }
    guard end - start <= UInt(total) else {
      return try pieces.map { piece throws(OutOfMemory) in try copies(of: [piece])[0] }
    }
    var copy = try AlignedBuffer(byteCount: Int(end - start))
    for (piece, place) in zip(pieces, places) {
      unsafe copy.withUnsafeMutableBytes { target in
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: target[Int(place.lowerBound - start)...])
        unsafe piece.bytes.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
      }
    }
    let owner = SharedBytes(copy)
    return places.map { place in
      let offset = Int(place.lowerBound - start)
      return unsafe owner.bytes.withUnsafeBytes { whole in
        unsafe SharedBytes(
          borrowing: UnsafeRawBufferPointer(rebasing: whole[offset..<offset + place.count]),
          keeping: owner)
      }
    }
  }

  private var place: Range<UInt> {
    unsafe bytes.withUnsafeBytes { bytes in
      let start = UInt(bitPattern: bytes.baseAddress)
      return start..<start + UInt(bytes.count)
    }
  }
}
