import EmbedderFrameBuffers
import EmbedderPlatform
import EmbedderStorage

/// Radiance pictures: a brightness of 1 becomes 255, what is above it is cut off, gamma is 2.2.
///
/// The numbers are stb_image's, which is not used since its decoder never returns from runs of length
/// 0, nor from data that ends early (CVE-2021-42715), and does not know the format's older runs.
enum HDRDecoder: ImageDecoder {
  static let fileExtensions = ["hdr"]
  static let summary = "Radiance high dynamic range, brought to the range of a screen."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.holds("#?RADIANCE\n") || start.holds("#?RGBE\n")
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    var reader = HDRReader(bytes)
    let (width, height) = try reader.readHeader()
    var pixels = try options.limits.allocate(width: width, height: height, format: .rgb)
    if options.allowsTruncated { pixels.clear() }
    // One row of red, green, blue and exponent.
    var row = [UInt8](repeating: 0, count: 4 * width)
    var warnings: [String] = []
    do throws(DecodingError) {
      for index in 0..<height {
        try reader.readRow(into: &row)
        unsafe pixels.withUnsafeMutableBytes { target in
          let start = 3 * width * index
          for column in 0..<width {
            let exponent = Int(row[4 * column + 3]) << 8
            for channel in 0..<3 {
              let level = levels[exponent | Int(row[4 * column + channel])]
              unsafe target[start + 3 * column + channel] = level
            }
          }
        }
      }
    } catch .truncated(_, let details) where options.allowsTruncated {
      warnings.append("the HDR image is cut short (\(details)); what is missing was left black")
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: .rgb, format: .hdr, warnings: warnings)
  }

  /// The level of each pair of exponent and mantissa.
  private static let levels: [UInt8] = (0..<65536).map { pair in
    let (exponent, mantissa) = (pair >> 8, pair & 0xff)
    guard exponent != 0 else { return 0 }
    let value = Float(mantissa) * Float(ldexp(1, CInt(exponent - (128 + 8))))
    let level = Float(pow(Double(value), Double(Float(1) / 2.2))) * 255 + 0.5
    return UInt8(min(max(level, 0), 255))
  }
}

/// Reads a Radiance picture row by row.
private struct HDRReader: ~Escapable {
  private let bytes: RawSpan
  private var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  private var truncated: DecodingError {
    .truncated(.hdr, details: "it ends after \(bytes.byteCount) bytes")
  }

  @_lifetime(self: copy self)
  private mutating func next() throws(DecodingError) -> UInt8 {
    guard offset < bytes.byteCount else { throw truncated }
    defer { offset += 1 }
    return bytes.byte(at: offset)
  }

  @_lifetime(self: copy self)
  private mutating func readLine() throws(DecodingError) -> String {
    let longest = 1024
    var line: [UInt8] = []
    while true {
      let byte = try next()
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
      guard line.count <= longest else {
        throw .damaged(.hdr, details: "a line of its header is longer than \(longest) bytes")
      }
    }
  }

  /// Reads variables up to an empty line, then the size.
  @_lifetime(self: copy self)
  mutating func readHeader() throws(DecodingError) -> (width: Int, height: Int) {
    var isRGBE = false
    while true {
      let line = try readLine()
      if line.isEmpty { break }
      if line == "FORMAT=32-bit_rle_rgbe" { isRGBE = true }
    }
    guard isRGBE else {
      throw .unsupported(.hdr, details: "its pixels are not of the kind 32-bit_rle_rgbe")
    }
    let size = try readLine()
    let words = size.split(separator: " ")
    guard words.count == 4, let height = Int(words[1]), let width = Int(words[3]) else {
      throw .damaged(.hdr, details: "its size is \(quoted(size))")
    }
    guard words[0] == "-Y", words[2] == "+X" else {
      throw .unsupported(.hdr, details: "its rows are not stored from the top left on")
    }
    return (width, height)
  }

  /// Reads one row of pixels of four bytes.
  @_lifetime(self: copy self)
  mutating func readRow(into row: inout [UInt8]) throws(DecodingError) {
    let width = row.count / 4
    let mark = bytes.integer(at: offset, byteCount: 4, .bigEndian)
    guard let mark else { throw truncated }
    if (8..<32768).contains(width), mark >> 16 == 0x0202, mark & 0x8000 == 0 {
      guard mark & 0xffff == width else {
        throw .damaged(.hdr, details: "a row has \(mark & 0xffff) of \(width) pixels")
      }
      offset += 4
      for channel in 0..<4 { try readRuns(of: channel, into: &row) }
    } else {
      try readPixels(into: &row)
    }
  }

  /// One channel of a row, in runs and in stretches of different values.
  @_lifetime(self: copy self)
  private mutating func readRuns(
    of channel: Int, into row: inout [UInt8]
  ) throws(DecodingError) {
    let width = row.count / 4
    var column = 0
    while column < width {
      let packet = Int(try next())
      let isRun = packet > 128
      let count = isRun ? packet - 128 : packet
      guard count > 0, count <= width - column else {
        throw .damaged(
          .hdr, details: "a run is \(count) pixels long where \(width - column) are left")
      }
      var value: UInt8 = isRun ? try next() : 0
      for _ in 0..<count {
        if !isRun { value = try next() }
        row[4 * column + channel] = value
        column += 1
      }
    }
  }

  /// A row pixel by pixel, where red, green and blue of 1 repeat the pixel before.
  @_lifetime(self: copy self)
  private mutating func readPixels(into row: inout [UInt8]) throws(DecodingError) {
    let width = row.count / 4
    var column = 0
    var shift = 0
    while column < width {
      let pixel = (try next(), try next(), try next(), try next())
      guard pixel.0 == 1, pixel.1 == 1, pixel.2 == 1 else {
        row[4 * column] = pixel.0
        row[4 * column + 1] = pixel.1
        row[4 * column + 2] = pixel.2
        row[4 * column + 3] = pixel.3
        column += 1
        shift = 0
        continue
      }
      // Repetitions that follow each other are the digits of one number.
      let count = shift < 32 ? Int(pixel.3) << shift : 0
      guard column > 0, count <= width - column, shift < 32 else {
        throw .damaged(.hdr, details: "a run has no start or no end")
      }
      for _ in 0..<count {
        for channel in 0..<4 { row[4 * column + channel] = row[4 * column + channel - 4] }
        column += 1
      }
      shift += 8
    }
  }
}
