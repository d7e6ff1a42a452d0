/// Finds out whether a TIFF file is a camera's raw file, whose first page is a small preview.
///
/// NEF, ARW, DNG, PEF and others are TIFF files. One of their directories holds the sensor's data: of a
/// colour filter's pattern, or packed in a maker's own way.
struct TIFFCameraData {
  private var maker = ""
  private var isDNG = false
  private var hasSensorData = false
  private var firstIsPicture = false

  /// The raw format of the file; `nil` where it is a TIFF file like others.
  static func format(of bytes: RawSpan) -> ForeignFormat? {
    if bytes.holds("CR\u{2}", at: 8) { return .raw("Canon CR2") }
    var data = TIFFCameraData()
    data.read(bytes)
    guard data.hasSensorData, !data.firstIsPicture else { return nil }
    if data.isDNG { return .raw("DNG") }
    let names = [
      "NIKON": "Nikon NEF", "SONY": "Sony ARW", "PENTAX": "Pentax PEF", "RICOH": "Pentax PEF",
      "CANON": "Canon CR2", "SAMSUNG": "Samsung SRW", "HASSELBLAD": "Hasselblad 3FR",
      "PHASE": "Phase One IIQ", "LEAF": "Leaf MOS", "LEICA": "Leica RWL", "KODAK": "Kodak DCR",
      "EPSON": "Epson ERF", "MAMIYA": "Mamiya MEF", "FUJI": "Fujifilm RAF",
    ]
    let maker = data.maker.uppercased()
    let name = names.first { maker.hasPrefix($0.key) }?.value
    return .raw(name ?? "a camera's TIFF")
  }

  private enum Tag {
    static let kind = 254
    static let compression = 259
    static let photometric = 262
    static let make = 271
    static let subdirectories = 330
    static let dngVersion = 50706
  }

  /// Nikon, Sony (twice), Samsung (twice), Pentax, Kodak (twice), Panasonic.
  private static let makersCompressions = [
    34713, 32767, 32766, 32770, 32772, 65535, 32867, 65000, 34316,
  ]
  private static let filterPattern = 32803
  private static let linearRaw = 34892

  private mutating func read(_ bytes: RawSpan) {
    let order: ByteOrder = bytes.holds("MM") ? .bigEndian : .littleEndian
    guard bytes.integer(at: 2, byteCount: 2, order) == 42,
      let first = bytes.integer(at: 4, byteCount: 4, order)
    else { return }
    // The first directory, those behind it and those below them; few, as cameras write few.
    var places = [first]
    var index = 0
    while index < places.count, index < 16 {
      readDirectory(at: places[index], isFirst: index == 0, bytes, order, &places)
      index += 1
    }
  }

  private mutating func readDirectory(
    at place: Int, isFirst: Bool, _ bytes: RawSpan, _ order: ByteOrder, _ places: inout [Int]
  ) {
    guard let count = bytes.integer(at: place, byteCount: 2, order), count <= 1024 else { return }
    var (kind, compression, photometric) = (0, 1, 0)
    for number in 0..<count {
      let entry = place + 2 + 12 * number
      guard let tag = bytes.integer(at: entry, byteCount: 2, order),
        let type = bytes.integer(at: entry + 2, byteCount: 2, order),
        let valueCount = bytes.integer(at: entry + 4, byteCount: 4, order),
        let far = bytes.integer(at: entry + 8, byteCount: 4, order)
      else { return }
      let isShort = type == 3
      let value =
        isShort ? bytes.integer(at: entry + 8, byteCount: 2, order) ?? 0 : far
      switch tag {
      case Tag.kind: kind = value
      case Tag.compression: compression = value
      case Tag.photometric: photometric = value
      case Tag.dngVersion: isDNG = true
      case Tag.make where isFirst:
        let start = valueCount > 4 ? far : entry + 8
        maker = text(at: start, most: min(valueCount, 16), bytes)
      case Tag.subdirectories:
        for item in 0..<min(valueCount, 8) {
          let next = valueCount == 1 ? far : bytes.integer(at: far + 4 * item, byteCount: 4, order)
          if let next { places.append(next) }
        }
      default: break
      }
    }
    let isSensorData =
      photometric == Self.filterPattern || photometric == Self.linearRaw
      || Self.makersCompressions.contains(compression)
    if isSensorData { hasSensorData = true }
    if isFirst { firstIsPicture = !isSensorData && kind & 1 == 0 && compression != 6 }
    if let next = bytes.integer(at: place + 2 + 12 * count, byteCount: 4, order), next != 0 {
      places.append(next)
    }
  }

  private func text(at place: Int, most count: Int, _ bytes: RawSpan) -> String {
    var result = ""
    for offset in 0..<count {
      guard let byte = bytes.integer(at: place + offset, byteCount: 1, .bigEndian), byte >= 0x20,
        byte < 0x7f
      else { break }
      result.unicodeScalars.append(Unicode.Scalar(UInt8(byte)))
    }
    return result
  }
}
