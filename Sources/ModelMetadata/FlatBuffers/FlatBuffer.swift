/// Untrusted FlatBuffers bytes, read with checks that throw.
///
/// Only what the TFLite schemas need: little-endian scalars, strings, vectors and tables. See the
/// FlatBuffers "internals" page for the format.
struct FlatBuffer: ~Escapable {
  let bytes: RawSpan

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The four-character identifier that follows the root offset, if the bytes are long enough.
  var identifier: String? {
    guard bytes.byteCount >= 8 else { return nil }
    let characters = (4..<8).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    return String(decoding: characters, as: UTF8.self)
  }

  /// The table that everything hangs from.
  @_lifetime(copy self)
  func root(_ name: String) throws(MetadataError) -> FlatBufferTable {
    try table(at: Int(load(UInt32.self, at: 0, name)), name)
  }

  /// The table at an absolute position, its vtable checked.
  @_lifetime(copy self)
  func table(at position: Int, _ name: String) throws(MetadataError) -> FlatBufferTable {
    let vtable = position - Int(try load(Int32.self, at: position, name))
    let vtableSize = Int(try load(UInt16.self, at: vtable, name))
    try check(vtable, vtableSize, name)
    return FlatBufferTable(
      buffer: self, position: position, vtable: vtable, vtableSize: vtableSize, name: name)
  }

  /// A scalar at an absolute position, which need not be aligned.
  func load<Scalar: FlatBufferScalar>(
    _ type: Scalar.Type, at position: Int, _ name: @autoclosure () -> String
  ) throws(MetadataError) -> Scalar {
    try check(position, MemoryLayout<Scalar>.size, name())
    return Scalar(
      littleEndianBytes: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Scalar.self)
    )
  }

  /// Throws unless `count` bytes from `position` on lie inside.
  func check(
    _ position: Int, _ count: Int, _ name: @autoclosure () -> String
  ) throws(MetadataError) {
    guard position >= 0, count >= 0, count <= bytes.byteCount,
      position <= bytes.byteCount - count
    else {
      throw .outOfBounds(part: name(), offset: position, byteCount: bytes.byteCount)
    }
  }
}

/// The scalars of the TFLite schemas; every bit pattern of each is a value.
protocol FlatBufferScalar: BitwiseCopyable {
  init(littleEndianBytes: Self)
}

extension FlatBufferScalar where Self: FixedWidthInteger {
  init(littleEndianBytes value: Self) { self = Self(littleEndian: value) }
}

extension Int8: FlatBufferScalar {}
extension UInt8: FlatBufferScalar {}
extension UInt16: FlatBufferScalar {}
extension Int32: FlatBufferScalar {}
extension UInt32: FlatBufferScalar {}
extension Int64: FlatBufferScalar {}
extension UInt64: FlatBufferScalar {}

extension Float: FlatBufferScalar {
  init(littleEndianBytes value: Float) {
    self.init(bitPattern: UInt32(littleEndian: value.bitPattern))
  }
}
