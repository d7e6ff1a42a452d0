import EmbedderStorage

/// How the pictures in a HEIF file depend on each other, read before libheif follows it.
///
/// Libheif 1.15 decodes what a file refers to without asking whether that makes sense. It overflows the
/// stack where a grid contains itself or two pictures are each other's opacity, aborts where a part
/// does not exist, and reads and writes past its buffers where a tile of more than 8 bits has opacity
/// of 8. So only what cameras and encoders write is let through: a coded picture or a grid of coded
/// pictures, with auxiliary pictures of the same kinds. All of it must be unambiguous, so that libheif
/// reads the same as we do.
struct HEIFStructure {
  let format: ImageFormat

  /// The type of each item.
  private(set) var types: [Int: Int] = [:]
  var references: [Reference] = []
  var primaryItem: Int?
  private(set) var properties: [HEIFBox] = []
  private(set) var associations: [Int: [Association]] = [:]
  /// The places of each item's data; `nil` where libheif alone can say.
  private(set) var data: [Int: [Range<Int>]?] = [:]

  /// The box that describes the pictures, and those in it.
  private(set) var meta: HEIFBox?
  private(set) var parts: [Int: HEIFBox] = [:]

  struct Reference {
    var type: Int
    let source: Int
    var targets: [Int]
    let place: Range<Int>
  }

  /// A property of an item.
  struct Association {
    /// Its number among the properties, from 1 on; 0 for none.
    let index: Int
    /// Where that number stands.
    let place: Range<Int>
  }

  /// Reads the structure.
  ///
  /// - Throws: ``DecodingError`` for a structure that contradicts the format.
  init(_ bytes: RawSpan, _ format: ImageFormat) throws(DecodingError) {
    self.format = format
    try read(bytes)
  }

  private func damaged(_ details: String) -> DecodingError {
    .damaged(format, details: details)
  }

  // MARK: Reading

  private mutating func read(_ bytes: RawSpan) throws(DecodingError) {
    var offset = 0
    var isSequence = false
    // What follows the last box that fits, libheif does not read either.
    while let box = HEIFBox(at: offset, before: bytes.byteCount, in: bytes) {
      if box.type == HEIFCode.meta {
        guard meta == nil else { throw damaged("it describes its pictures twice") }
        meta = box
      }
      if box.type == HEIFCode.moov { isSequence = true }
      offset = box.content.upperBound
    }
    guard let meta else {
      if isSequence {
        throw .unsupported(
          format,
          details: "it is an animation or a film without a still picture; extract a picture from it"
        )
      }
      throw damaged("it does not describe its pictures")
    }
    let known = [
      HEIFCode.idat, HEIFCode.pitm, HEIFCode.iinf, HEIFCode.iref, HEIFCode.iloc, HEIFCode.iprp,
    ]
    for box in try meta.children(skipping: 4, in: bytes, format) where known.contains(box.type) {
      guard parts.updateValue(box, forKey: box.type) == nil else {
        throw damaged("it describes its pictures twice")
      }
    }
    // In this order, so that of several errors always the same is told.
    for box in known.compactMap({ parts[$0] }) {
      var fields = HEIFFields(box.content, in: bytes)
      switch box.type {
      case HEIFCode.idat: continue
      case HEIFCode.iprp: try readProperties(box, bytes)
      default:
        let version = fields.next(1) ?? 0
        _ = fields.next(3)
        switch box.type {
        case HEIFCode.pitm: primaryItem = fields.next(version == 0 ? 2 : 4)
        case HEIFCode.iinf: try readItems(box, skipping: version == 0 ? 6 : 8, bytes)
        case HEIFCode.iref: try readReferences(&fields, idByteCount: version == 0 ? 2 : 4)
        default: try readLocations(&fields, version: version, bytes)
        }
      }
    }
  }

  private mutating func readItems(
    _ list: HEIFBox, skipping byteCount: Int, _ bytes: RawSpan
  ) throws(DecodingError) {
    for box in try list.children(skipping: byteCount, in: bytes, format)
    where box.type == HEIFCode.infe {
      var fields = HEIFFields(box.content, in: bytes)
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
    _ fields: inout HEIFFields, idByteCount: Int
  ) throws(DecodingError) {
    while !fields.isAtEnd {
      let start = fields.offset
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
      references.append(
        Reference(type: type, source: source, targets: targets, place: start..<fields.offset))
    }
  }

  private mutating func readProperties(
    _ box: HEIFBox, _ bytes: RawSpan
  ) throws(DecodingError) {
    for part in try box.children(skipping: 0, in: bytes, format) {
      switch part.type {
      case HEIFCode.ipco:
        guard properties.isEmpty else { throw damaged("it describes its pictures twice") }
        properties = try part.children(skipping: 0, in: bytes, format)
      case HEIFCode.ipma: try readAssociations(part, bytes)
      default: break
      }
    }
  }

  private mutating func readAssociations(
    _ box: HEIFBox, _ bytes: RawSpan
  ) throws(DecodingError) {
    var fields = HEIFFields(box.content, in: bytes)
    let version = fields.next(1) ?? 0
    let indexByteCount = (fields.next(3) ?? 0) & 1 == 0 ? 1 : 2
    let itemCount = fields.next(4) ?? 0
    for _ in 0..<itemCount {
      guard let item = fields.next(version == 0 ? 2 : 4), let count = fields.next(1) else {
        throw damaged("its properties do not add up")
      }
      var list: [Association] = []
      for _ in 0..<count {
        let start = fields.offset
        guard let number = fields.next(indexByteCount) else {
          throw damaged("its properties do not add up")
        }
        // The first bit says that it must be understood.
        let index = number & (indexByteCount == 1 ? 0x7f : 0x7fff)
        list.append(Association(index: index, place: start..<fields.offset))
      }
      // Libheif takes the first of several lists.
      guard associations.updateValue(list, forKey: item) == nil else {
        throw damaged("an item's properties are given twice")
      }
    }
  }

  private mutating func readLocations(
    _ fields: inout HEIFFields, version: Int, _ bytes: RawSpan
  ) throws(DecodingError) {
    guard let sizes = fields.next(2), let itemCount = fields.next(version < 2 ? 2 : 4) else {
      throw damaged("its data is nowhere")
    }
    let (offsetSize, lengthSize, baseSize) = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15)
    let indexSize = version > 0 ? sizes & 15 : 0
    // Libheif takes other sizes for none, and knows no index in version 1.
    let isUsual = [offsetSize, lengthSize, baseSize, indexSize].allSatisfy {
      [0, 4, 8].contains($0)
    }
    guard isUsual, version != 1 || indexSize == 0 else { return }
    let stored = parts[HEIFCode.idat]?.content ?? 0..<0
    for _ in 0..<itemCount {
      guard let item = fields.next(version < 2 ? 2 : 4) else { return }
      let method = version > 0 ? (fields.next(2) ?? 0) & 15 : 0
      _ = fields.next(2)
      guard let base = fields.next(baseSize), let count = fields.next(2) else { return }
      let space = method == 1 ? stored : 0..<bytes.byteCount
      var ranges: [Range<Int>]? = method <= 1 ? [] : nil
      for _ in 0..<count {
        _ = fields.next(indexSize)
        guard let offset = fields.next(offsetSize), let length = fields.next(lengthSize) else {
          return
        }
        let (start, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, start >= 0, length >= 0, start <= space.count,
          length <= space.count - start
        else {
          ranges = nil
          continue
        }
        let first = space.lowerBound + start
        ranges?.append(first..<first + length)
      }
      guard data.updateValue(ranges, forKey: item) == nil else {
        throw damaged("an item's data is in two places")
      }
    }
  }

  // MARK: Looking up

  /// The parts of the pictures that are composed of others.
  var composedParts: Set<Int> {
    var result: Set<Int> = []
    for reference in references where reference.type == HEIFCode.dimg {
      let composed = [HEIFCode.grid, HEIFCode.iden, HEIFCode.iovl]
      if composed.contains(types[reference.source] ?? 0) { result.formUnion(reference.targets) }
    }
    return result
  }

  /// Whether an item is a picture of a kind that is decoded.
  func isPlain(_ item: Int) -> Bool {
    types[item].map { [HEIFCode.grid, HEIFCode.hvc1, HEIFCode.av01].contains($0) } ?? false
  }

  /// The first property of a type that an item has.
  func property(_ type: Int, of item: Int) -> HEIFBox? {
    for association in associations[item] ?? [] {
      guard properties.indices.contains(association.index - 1) else { continue }
      let box = properties[association.index - 1]
      if box.type == type { return box }
    }
    return nil
  }

  /// The coded pictures that an item is made of: itself, or the parts of a grid.
  func codedItems(of item: Int) -> [Int] {
    guard types[item] == HEIFCode.grid else { return [item] }
    return references.filter { $0.type == HEIFCode.dimg && $0.source == item }.flatMap(\.targets)
  }

  /// Whether an auxiliary picture is opacity.
  func isOpacity(_ item: Int, in bytes: RawSpan) -> Bool {
    guard let box = property(HEIFCode.auxC, of: item) else { return false }
    let names = [
      "urn:mpeg:avc:2015:auxid:1", "urn:mpeg:hevc:2015:auxid:1",
      "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    ]
    return names.contains {
      bytes.holds($0 + "\0", at: box.content.lowerBound + 4)
        && box.content.count >= 4 + $0.utf8.count + 1
    }
  }

  // MARK: Checking

  /// Throws for a structure that libheif cannot be trusted with.
  func checkReferences() throws(DecodingError) {
    let sources = Set(references.filter { $0.type == HEIFCode.auxl }.map(\.source))
    let parts = composedParts
    for part in parts.sorted() {
      guard let type = types[part] else { throw damaged("a part of its picture does not exist") }
      guard [HEIFCode.hvc1, HEIFCode.av01].contains(type) else {
        throw .unsupported(format, details: "its picture is composed of composed pictures")
      }
    }
    for reference in references where reference.type == HEIFCode.auxl {
      for target in reference.targets {
        guard !sources.contains(target), !parts.contains(target) else {
          throw .unsupported(
            format, details: "a part of its picture, or an auxiliary one, has auxiliary pictures")
        }
      }
      guard isPlain(reference.source) else {
        throw .unsupported(format, details: "an auxiliary picture of it is composed")
      }
    }
    guard let primaryItem, let type = types[primaryItem] else {
      throw damaged("its main picture does not exist")
    }
    guard isPlain(primaryItem) else {
      let kinds = [
        HEIFCode.iden: "derived from another", HEIFCode.iovl: "laid over others",
        HEIFCode.avc1: "coded as AVC", HEIFCode.vvc1: "coded as VVC",
        HEIFCode.j2k1: "coded as JPEG 2000", HEIFCode.jpeg: "coded as JPEG",
        HEIFCode.unci: "not compressed", HEIFCode.mskC: "a mask",
      ]
      throw .unsupported(
        format,
        details: "its picture is \(kinds[type] ?? "of an unknown kind"), and only HEVC and AV1 and"
          + " grids of these are read; convert it to PNG, for example with heif-convert")
    }
  }
}
