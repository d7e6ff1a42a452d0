import EmbedderStorage

/// How the bytes of a number follow each other.
enum ByteOrder {
  case bigEndian
  case littleEndian
}

extension RawSpan {
  /// The byte at `offset`, which must lie inside.
  func byte(at offset: Int) -> UInt8 {
    // Any byte is a UInt8, and the load itself checks the bounds.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The unsigned number in the `byteCount` bytes at `offset`, or `nil` where they lie outside.
  func integer(at offset: Int, byteCount: Int, _ order: ByteOrder) -> Int? {
    guard offset >= 0, offset <= self.byteCount - byteCount else { return nil }
    var value = 0
    for index in 0..<byteCount {
      let place = order == .bigEndian ? index : byteCount - 1 - index
      value = value << 8 | Int(byte(at: offset + place))
    }
    return value
  }

  /// Whether the first bytes are those of `prefix`.
  func starts(with prefix: [UInt8]) -> Bool {
    byteCount >= prefix.count && prefix.indices.allSatisfy { byte(at: $0) == prefix[$0] }
  }

  /// Whether the bytes at `offset` are those of an ASCII text.
  func holds(_ text: String, at offset: Int = 0) -> Bool {
    guard offset <= byteCount - text.utf8.count else { return false }
    return zip(offset..., text.utf8).allSatisfy { byte(at: $0) == $1 }
  }

  /// A copy with zeros behind it, for libraries that need what a file lacks at its end.
  func padded(to byteCount: Int) throws(DecodingError) -> AlignedBuffer {
    var result: AlignedBuffer
    do {
      result = try AlignedBuffer(byteCount: byteCount)
    } catch {
      throw .outOfMemory(error)
    }
    result.clear()
    unsafe result.withUnsafeMutableBytes { target in
      unsafe withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
    }
    return result
  }
}
