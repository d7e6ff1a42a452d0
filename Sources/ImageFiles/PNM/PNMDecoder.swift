import EmbedderFrameBuffers
import EmbedderStorage

/// Portable bitmaps, graymaps and pixmaps, as text or binary (P1 to P6), up to 16 bits a sample.
///
/// Of our own, since stb_image reads only two of the six kinds, leaves samples below 255 dark, swaps
/// the bytes of 16-bit samples, and overruns its buffer for these (CVE-2021-42716).
enum PNMDecoder: ImageDecoder {
  static let fileExtensions = ["pnm", "pbm", "pgm", "ppm"]
  static let summary = "Portable bitmaps, graymaps and pixmaps, as text or binary."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.byteCount > 3 && start.holds("P") && (0x31...0x36).contains(start.byte(at: 1))
      && PNMHeader.isSeparator(start.byte(at: 2))
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    var reader = PNMReader(bytes)
    let header = try PNMHeader(&reader)
    let (width, height) = (header.width, header.height)
    try options.limits.check(width: width, height: height)
    var warnings: [String] = []
    var rowCount = height
    if header.isBinary {
      let (found, needed) = (reader.bytesLeft, header.rowByteCount * height)
      rowCount = min(height, found / header.rowByteCount)
      if found < needed {
        warnings.append("\(found) of \(needed) bytes are there")
      }
    }
    guard warnings.isEmpty || options.allowsTruncated else {
      throw .truncated(.pnm, details: warnings[0])
    }

    var pixels = try options.limits.allocate(width: width, height: height, format: .rgb)
    if options.allowsTruncated { pixels.clear() }
    let levels = header.levels
    do throws(DecodingError) {
      for row in 0..<rowCount {
        try decodeRow(row, header, &reader, levels, to: &pixels)
      }
    } catch .truncated(_, let details) where options.allowsTruncated {
      warnings.append(details)
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: .rgb, format: .pnm,
      warnings: warnings.map {
        "the PNM image is cut short (\($0)); what is missing was left black"
      }, isGray: header.channelCount == 1)
  }

  private static func decodeRow(
    _ row: Int, _ header: PNMHeader, _ reader: inout PNMReader, _ levels: [UInt8],
    to pixels: inout AlignedBuffer
  ) throws(DecodingError) {
    try unsafe pixels.withUnsafeMutableBytes { target throws(DecodingError) in
      var offset = row * header.width * 3
      for column in 0..<header.width {
        if header.channelCount == 3 {
          for _ in 0..<3 {
            unsafe target[offset] = try sample(column, header, &reader, levels)
            offset += 1
          }
        } else {
          let gray = try sample(column, header, &reader, levels)
          for _ in 0..<3 {
            unsafe target[offset] = gray
            offset += 1
          }
        }
      }
    }
  }

  private static func sample(
    _ column: Int, _ header: PNMHeader, _ reader: inout PNMReader, _ levels: [UInt8]
  ) throws(DecodingError) -> UInt8 {
    let value =
      if header.isBitmap {
        header.isBinary ? try reader.bit(column) : try reader.digit()
      } else if header.isBinary {
        try reader.integer(byteCount: header.bytesPerSample)
      } else {
        try reader.number()
      }
    guard value < levels.count else {
      throw .damaged(.pnm, details: "a sample is \(value), more than \(levels.count - 1)")
    }
    return levels[value]
  }
}

/// What stands in front of a portable picture's samples.
struct PNMHeader {
  let width: Int
  let height: Int
  let channelCount: Int
  let isBitmap: Bool
  let isBinary: Bool
  private let largestSample: Int

  /// Whether a byte may follow the two letters that such a file begins with.
  static func isSeparator(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: "#")
  }

  fileprivate static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }

  fileprivate init(_ reader: inout PNMReader) throws(DecodingError) {
    let kind = Int(try reader.kind())
    isBitmap = kind == 1 || kind == 4
    isBinary = kind >= 4
    channelCount = kind == 3 || kind == 6 ? 3 : 1
    width = try reader.number()
    height = try reader.number()
    largestSample = isBitmap ? 1 : try reader.number()
    guard (1...65535).contains(largestSample) else {
      throw .damaged(
        .pnm, details: "its largest sample is \(largestSample); 1 to 65535 are possible")
    }
    if isBinary { try reader.skipSpace() }
  }

  var bytesPerSample: Int { largestSample > 255 ? 2 : 1 }

  /// The bytes of a row of a binary file.
  var rowByteCount: Int {
    isBitmap ? (width + 7) / 8 : width * channelCount * bytesPerSample
  }

  /// What each sample becomes: its share of the largest one, rounded to the nearest of 255 steps.
  ///
  /// In a bitmap 1 is black. Of samples of 16 full bits the high byte counts, as everywhere.
  var levels: [UInt8] {
    guard !isBitmap else { return [255, 0] }
    guard largestSample < 65535 else { return (0...largestSample).map { UInt8($0 >> 8) } }
    return (0...largestSample).map { UInt8(($0 * 255 + largestSample / 2) / largestSample) }
  }
}

/// Reads the numbers of a portable picture one after the other.
private struct PNMReader: ~Escapable {
  private let bytes: RawSpan
  private var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  var bytesLeft: Int { bytes.byteCount - offset }

  @_lifetime(self: copy self)
  private mutating func next() throws(DecodingError) -> UInt8 {
    guard offset < bytes.byteCount else {
      throw .truncated(.pnm, details: "it ends after \(bytes.byteCount) bytes")
    }
    defer { offset += 1 }
    return bytes.byte(at: offset)
  }

  /// The digit behind the letter at the start.
  @_lifetime(self: copy self)
  mutating func kind() throws(DecodingError) -> UInt8 {
    _ = try next()
    return try next() - UInt8(ascii: "0")
  }

  /// The one byte between a binary file's header and its samples.
  @_lifetime(self: copy self)
  mutating func skipSpace() throws(DecodingError) {
    guard PNMHeader.isSpace(try next()) else {
      throw .damaged(.pnm, details: "its header does not end with white space")
    }
  }

  /// The first byte that is neither white space nor part of a comment.
  @_lifetime(self: copy self)
  private mutating func nextInk() throws(DecodingError) -> UInt8 {
    while true {
      let byte = try next()
      if byte == UInt8(ascii: "#") {
        while try next() != UInt8(ascii: "\n") {}
      } else if !PNMHeader.isSpace(byte) {
        return byte
      }
    }
  }

  /// A number in decimal digits.
  @_lifetime(self: copy self)
  mutating func number() throws(DecodingError) -> Int {
    var value = try Self.digit(try nextInk())
    let most = 1 << 32
    while offset < bytes.byteCount, !PNMHeader.isSeparator(bytes.byte(at: offset)) {
      value = value * 10 + (try Self.digit(try next()))
      guard value < most else { throw .damaged(.pnm, details: "a number has too many digits") }
    }
    return value
  }

  /// A single digit, as in bitmaps that are text.
  @_lifetime(self: copy self)
  mutating func digit() throws(DecodingError) -> Int {
    try Self.digit(try nextInk())
  }

  private static func digit(_ byte: UInt8) throws(DecodingError) -> Int {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
      throw .damaged(.pnm, details: "a number holds the byte \(byte)")
    }
    return Int(byte - UInt8(ascii: "0"))
  }

  /// A number in one or two bytes.
  @_lifetime(self: copy self)
  mutating func integer(byteCount: Int) throws(DecodingError) -> Int {
    var value = Int(try next())
    if byteCount == 2 { value = value << 8 | Int(try next()) }
    return value
  }

  /// The bit of a column, from the highest on; rows begin with a new byte.
  @_lifetime(self: copy self)
  mutating func bit(_ column: Int) throws(DecodingError) -> Int {
    let shift = 7 - column % 8
    if column % 8 == 0 { _ = try next() }
    return Int(bytes.byte(at: offset - 1) >> UInt8(shift)) & 1
  }
}
