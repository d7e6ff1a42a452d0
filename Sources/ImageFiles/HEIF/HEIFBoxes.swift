/// A box of a HEIF file: where it and what it holds lie.
struct HEIFBox {
  let type: Int
  let whole: Range<Int>
  let content: Range<Int>

  /// The box at `offset`, or `nil` where none fits before `end`.
  init?(at offset: Int, before end: Int, in bytes: RawSpan) {
    guard offset <= end - 8, var size = bytes.integer(at: offset, byteCount: 4, .bigEndian),
      let type = bytes.integer(at: offset + 4, byteCount: 4, .bigEndian)
    else { return nil }
    var headerByteCount = 8
    if size == 1 {
      headerByteCount = 16
      size = bytes.integer(at: offset + 8, byteCount: 8, .bigEndian) ?? 0
    }
    guard size >= headerByteCount, size <= end - offset else { return nil }
    self.type = type
    whole = offset..<offset + size
    content = offset + headerByteCount..<offset + size
  }

  /// The boxes that fill this one behind `byteCount` bytes of its own.
  func children(
    skipping byteCount: Int, in bytes: RawSpan, _ format: ImageFormat
  ) throws(DecodingError) -> [HEIFBox] {
    var result: [HEIFBox] = []
    var offset = content.lowerBound + byteCount
    while offset < content.upperBound {
      guard let box = HEIFBox(at: offset, before: content.upperBound, in: bytes) else {
        throw .damaged(format, details: "its boxes do not fit into each other")
      }
      result.append(box)
      offset = box.content.upperBound
    }
    return result
  }
}

/// Reads the fields of a box one after the other.
struct HEIFFields: ~Escapable {
  private let bytes: RawSpan
  private var rest: Range<Int>

  @_lifetime(copy bytes)
  init(_ range: Range<Int>, in bytes: RawSpan) {
    self.bytes = bytes
    rest = range
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Where the next field begins.
  var offset: Int { rest.lowerBound }

  /// The number in the next bytes, or `nil` where there are not as many left.
  @_lifetime(self: copy self)
  mutating func next(_ byteCount: Int) -> Int? {
    guard rest.count >= byteCount else { return nil }
    defer { rest = rest.lowerBound + byteCount..<rest.upperBound }
    return bytes.integer(at: rest.lowerBound, byteCount: byteCount, .bigEndian)
  }
}

/// Four letters as a number.
enum HEIFCode {
  static let meta = 0x6d65_7461
  static let moov = 0x6d6f_6f76
  static let idat = 0x6964_6174
  static let pitm = 0x7069_746d
  static let iinf = 0x6969_6e66
  static let infe = 0x696e_6665
  static let iloc = 0x696c_6f63
  static let iref = 0x6972_6566
  static let iprp = 0x6970_7270
  static let ipco = 0x6970_636f
  static let ipma = 0x6970_6d61
  static let free = 0x6672_6565

  // Kinds of references.
  static let auxl = 0x6175_786c
  static let cdsc = 0x6364_7363
  static let dimg = 0x6469_6d67
  static let thmb = 0x7468_6d62

  // Kinds of items.
  static let grid = 0x6772_6964
  static let iden = 0x6964_656e
  static let iovl = 0x696f_766c
  static let tmap = 0x746d_6170
  static let hvc1 = 0x6876_6331
  static let av01 = 0x6176_3031
  static let avc1 = 0x6176_6331
  static let vvc1 = 0x7676_6331
  static let j2k1 = 0x6a32_6b31
  static let jpeg = 0x6a70_6567
  static let unci = 0x756e_6369
  static let mskC = 0x6d73_6b31

  // Kinds of properties.
  static let auxC = 0x6175_7843
  static let av1C = 0x6176_3143
  static let clap = 0x636c_6170
  static let hvcC = 0x6876_6343
  static let imir = 0x696d_6972
  static let irot = 0x6972_6f74
}
