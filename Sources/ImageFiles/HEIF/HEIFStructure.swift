import Storage

/// How the pictures in a HEIF file depend on each other, checked before libheif follows it.
///
/// Libheif 1.15 decodes what a file refers to without asking whether that makes sense. It overflows the
/// stack where a grid contains itself or two pictures are each other's opacity, aborts where a part
/// does not exist, and reads and writes past its buffers where a tile of more than 8 bits has opacity
/// of 8. So only what cameras and encoders write is let through: a coded picture or a grid of coded
/// pictures, with auxiliary pictures of the same kinds. All of it must be unambiguous, so that libheif
/// reads the same as we do.
struct HEIFStructure {
  private let format: ImageFormat

  /// The type of each item.
  private var types: [Int: Int] = [:]
  private var references: [Reference] = []
  private var primaryItem: Int?

  private struct Reference {
    let type: Int
    let source: Int
    let targets: [Int]
  }

  private struct Box {
    let type: Int
    let content: Range<Int>
  }

  /// Four letters as a number.
  private enum Code {
    static let meta = 0x6d65_7461
    static let pitm = 0x7069_746d
    static let iinf = 0x6969_6e66
    static let infe = 0x696e_6665
    static let iref = 0x6972_6566
    static let auxl = 0x6175_786c
    static let dimg = 0x6469_6d67
    static let grid = 0x6772_6964
    static let iden = 0x6964_656e
    static let iovl = 0x696f_766c
    static let coded = [0x6876_6331, 0x6176_3031]  // hvc1, av01
  }

  /// Reads the structure and checks it.
  ///
  /// - Throws: ``DecodingError`` for a structure that contradicts the format, or that libheif cannot
  ///   be trusted with.
  static func check(_ bytes: RawSpan, _ format: ImageFormat) throws(DecodingError) {
    var structure = HEIFStructure(format: format)
    try structure.read(bytes)
    try structure.checkReferences()
  }

  private init(format: ImageFormat) {
    self.format = format
  }

  private func damaged(_ details: String) -> DecodingError {
    .damaged(format, details: details)
  }

  // MARK: Reading

  private mutating func read(_ bytes: RawSpan) throws(DecodingError) {
    var meta: Box?
    var offset = 0
    // What follows the last box that fits, libheif does not read either.
    while let box = Self.box(at: offset, before: bytes.byteCount, in: bytes) {
      if box.type == Code.meta {
        guard meta == nil else { throw damaged("it describes its pictures twice") }
        meta = box
      }
      offset = box.content.upperBound
    }
    guard let meta else { throw damaged("it does not describe its pictures") }

    var seen: Set<Int> = []
    for box in try children(of: meta, skipping: 4, in: bytes) {
      guard [Code.pitm, Code.iinf, Code.iref].contains(box.type) else { continue }
      guard seen.insert(box.type).inserted else {
        throw damaged("it describes its pictures twice")
      }
      var fields = Fields(box.content, in: bytes)
      let version = fields.next(1)
      _ = fields.next(3)
      switch box.type {
      case Code.pitm: primaryItem = fields.next(version == 0 ? 2 : 4)
      case Code.iinf: try readItems(box, skipping: version == 0 ? 6 : 8, bytes)
      default: try readReferences(&fields, idByteCount: version == 0 ? 2 : 4)
      }
    }
  }

  private mutating func readItems(
    _ list: Box, skipping byteCount: Int, _ bytes: RawSpan
  ) throws(DecodingError) {
    for box in try children(of: list, skipping: byteCount, in: bytes) where box.type == Code.infe {
      var fields = Fields(box.content, in: bytes)
      let version = fields.next(1) ?? 0
      _ = fields.next(3)
      let item = fields.next(version <= 2 ? 2 : 4)
      _ = fields.next(2)
      // Before version 2 items had no types, and were no pictures.
      guard let item, let type = version < 2 ? 0 : fields.next(4),
        types.updateValue(type, forKey: item) == nil
      else {
        throw damaged("an item is described twice or not to the end")
      }
    }
  }

  private mutating func readReferences(
    _ fields: inout Fields, idByteCount: Int
  ) throws(DecodingError) {
    while !fields.isAtEnd {
      guard let byteCount = fields.next(4), let type = fields.next(4),
        let source = fields.next(idByteCount), let count = fields.next(2),
        byteCount == 10 + idByteCount + count * idByteCount
      else {
        throw damaged("its references do not add up")
      }
      var targets: [Int] = []
      for _ in 0..<count {
        guard let target = fields.next(idByteCount) else {
          throw damaged("its references do not add up")
        }
        targets.append(target)
      }
      references.append(Reference(type: type, source: source, targets: targets))
    }
  }

  /// The boxes that fill a box behind its own fields.
  private func children(
    of parent: Box, skipping byteCount: Int, in bytes: RawSpan
  ) throws(DecodingError) -> [Box] {
    var result: [Box] = []
    var offset = parent.content.lowerBound + byteCount
    while offset < parent.content.upperBound {
      guard let box = Self.box(at: offset, before: parent.content.upperBound, in: bytes) else {
        throw damaged("its boxes do not fit into each other")
      }
      result.append(box)
      offset = box.content.upperBound
    }
    return result
  }

  private static func box(at offset: Int, before end: Int, in bytes: RawSpan) -> Box? {
    guard offset <= end - 8, var size = bytes.integer(at: offset, byteCount: 4, .bigEndian),
      let type = bytes.integer(at: offset + 4, byteCount: 4, .bigEndian)
    else { return nil }
    var headerByteCount = 8
    if size == 1 {
      headerByteCount = 16
      size = bytes.integer(at: offset + 8, byteCount: 8, .bigEndian) ?? 0
    }
    guard size >= headerByteCount, size <= end - offset else { return nil }
    return Box(type: type, content: offset + headerByteCount..<offset + size)
  }

  // MARK: Checking

  private func checkReferences() throws(DecodingError) {
    let sources = Set(references.filter { $0.type == Code.auxl }.map(\.source))
    var parts: Set<Int> = []
    for (item, type) in types where [Code.grid, Code.iden, Code.iovl].contains(type) {
      for reference in references where reference.type == Code.dimg && reference.source == item {
        parts.formUnion(reference.targets)
      }
    }
    for part in parts {
      guard let type = types[part] else { throw damaged("a part of its picture does not exist") }
      guard Code.coded.contains(type) else {
        throw .unsupported(format, details: "its picture is composed of composed pictures")
      }
    }
    for reference in references where reference.type == Code.auxl {
      for target in reference.targets {
        guard !sources.contains(target), !parts.contains(target) else {
          throw .unsupported(
            format, details: "a part of its picture, or an auxiliary one, has auxiliary pictures")
        }
      }
      guard let type = types[reference.source], isPlain(type) else {
        throw .unsupported(format, details: "an auxiliary picture of it is composed")
      }
    }
    guard let primaryItem, let type = types[primaryItem] else {
      throw damaged("its main picture does not exist")
    }
    guard isPlain(type) else {
      throw .unsupported(format, details: "its picture is of a kind that is not decoded")
    }
  }

  private func isPlain(_ type: Int) -> Bool {
    type == Code.grid || Code.coded.contains(type)
  }
}

/// Reads the fields of a box one after the other.
private struct Fields: ~Escapable {
  private let bytes: RawSpan
  private var rest: Range<Int>

  @_lifetime(copy bytes)
  init(_ range: Range<Int>, in bytes: RawSpan) {
    self.bytes = bytes
    rest = range
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The number in the next bytes, or `nil` where there are not as many left.
  @_lifetime(self: copy self)
  mutating func next(_ byteCount: Int) -> Int? {
    guard rest.count >= byteCount else { return nil }
    defer { rest = rest.lowerBound + byteCount..<rest.upperBound }
    return bytes.integer(at: rest.lowerBound, byteCount: byteCount, .bigEndian)
  }
}
