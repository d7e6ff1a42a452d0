import EmbedderStorage

/// The headers of a BMP file, of Windows and of OS/2, and its palette.
struct BMPHeader {
  /// How the pixels are stored.
  enum Coding {
    /// Rows of places in the palette.
    case indexed
    /// Rows of numbers of the given size, parts of which are the channels.
    case channels(BMPChannels)
    /// Rows of 16-bit numbers with a fixed point, linear light: blue, green, red, opacity.
    case linear
    /// Runs of pixels.
    case runLengths
    /// A whole JPEG or PNG file.
    case jpeg
    case png
  }

  let width: Int
  let height: Int

  /// Whether the first stored row is the uppermost one.
  let isTopDown: Bool

  let bitsPerPixel: Int
  let coding: Coding

  /// Where the pixels begin.
  let startOfPixels: Int

  /// The colours, at most 256; empty where pixels are no places in a palette.
  let palette: [BMPColor]

  /// Whether the header behind `BM` has one of the sizes that there are.
  static func hasKnownSize(_ bytes: RawSpan) -> Bool {
    bytes.integer(at: 14, byteCount: 4, .littleEndian).map(isKnown) ?? false
  }

  /// The sizes of Windows' headers, and of OS/2's, the second of which may end anywhere.
  private static func isKnown(size: Int) -> Bool {
    size == 12 || (16...64).contains(size) || size == 108 || size == 124
  }

  init(_ bytes: RawSpan) throws(DecodingError) {
    func integer(at offset: Int, byteCount: Int) throws(DecodingError) -> Int {
      guard let value = bytes.integer(at: offset, byteCount: byteCount, .littleEndian) else {
        throw .truncated(.bmp, details: "its header ends early")
      }
      return value
    }
    startOfPixels = try integer(at: 10, byteCount: 4)
    let size = try integer(at: 14, byteCount: 4)
    guard Self.isKnown(size: size) else {
      throw .unsupported(.bmp, details: "its header is of a kind with \(size) bytes")
    }
    let isOld = size == 12
    if isOld {
      width = try integer(at: 18, byteCount: 2)
      height = try integer(at: 20, byteCount: 2)
      isTopDown = false
    } else {
      width = Int(Int32(truncatingIfNeeded: try integer(at: 18, byteCount: 4)))
      let signedHeight = Int(Int32(truncatingIfNeeded: try integer(at: 22, byteCount: 4)))
      isTopDown = signedHeight < 0
      height = abs(signedHeight)
    }
    bitsPerPixel = try integer(at: isOld ? 24 : 28, byteCount: 2)
    let code = size >= 20 ? try integer(at: 30, byteCount: 4) : 0
    let isWindows = [40, 52, 56, 108, 124].contains(size)
    let compression = try Compression(code, isWindows: isWindows, bitsPerPixel)

    // Masks belong to the later headers; they follow the one of 40 bytes.
    let hasMasks = compression == .masks || compression == .masksWithAlpha
    let maskCount = size >= 56 || compression == .masksWithAlpha ? 4 : 3
    let endOfHeader = 14 + size + (hasMasks && size == 40 ? 4 * maskCount : 0)
    guard startOfPixels >= endOfHeader else {
      throw .damaged(.bmp, details: "its pixels begin inside its headers")
    }
    switch compression {
    case .jpeg: coding = .jpeg
    case .png: coding = .png
    case .runLengths: coding = .runLengths
    case .none where bitsPerPixel <= 8: coding = .indexed
    case .none where bitsPerPixel == 64: coding = .linear
    case .none, .masks, .masksWithAlpha:
      var masks: [UInt32] = []
      if hasMasks {
        for index in 0..<maskCount {
          masks.append(UInt32(try integer(at: 54 + 4 * index, byteCount: 4)))
        }
      }
      guard let channels = BMPChannels(bitsPerPixel: bitsPerPixel, masks: masks) else {
        throw .damaged(.bmp, details: "its masks are of no colors")
      }
      coding = .channels(channels)
    }

    guard bitsPerPixel <= 8, bitsPerPixel > 0 else {
      palette = []
      return
    }
    // What lies between the headers and the pixels is the palette, whatever count a header gives.
    let entryByteCount = isOld ? 3 : 4
    let colorCount = min((startOfPixels - endOfHeader) / entryByteCount, 256)
    guard colorCount > 0 else { throw .damaged(.bmp, details: "it has no palette") }
    var palette: [BMPColor] = []
    for index in 0..<colorCount {
      let color = try integer(at: endOfHeader + entryByteCount * index, byteCount: 3)
      palette.append(
        BMPColor(
          red: UInt8(color >> 16), green: UInt8(color >> 8 & 0xff), blue: UInt8(color & 0xff)))
    }
    self.palette = palette
  }

  /// The bytes from one row to the next.
  var rowByteCount: Int { (width * bitsPerPixel + 31) / 32 * 4 }

  /// Where the last row ends, without what pads it.
  ///
  /// The size must have been held against the limits.
  var endOfPixels: Int {
    startOfPixels + rowByteCount * (height - 1) + (width * bitsPerPixel + 7) / 8
  }

  /// The row of the picture that is stored as number `index`.
  func row(_ index: Int) -> Int { isTopDown ? index : height - 1 - index }
}

/// One colour of a palette.
struct BMPColor {
  let red: UInt8
  let green: UInt8
  let blue: UInt8
}

/// What a header's number for the compression means.
private enum Compression {
  case none
  case runLengths
  case masks
  case masksWithAlpha
  case jpeg
  case png

  init(_ code: Int, isWindows: Bool, _ bitsPerPixel: Int) throws(DecodingError) {
    switch (code, bitsPerPixel) {
    case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (0, 24), (0, 32), (0, 64): self = .none
    case (1, 8), (2, 4): self = .runLengths
    case (3, 16) where isWindows, (3, 24) where isWindows, (3, 32) where isWindows: self = .masks
    case (6, 16) where isWindows, (6, 24) where isWindows, (6, 32) where isWindows:
      self = .masksWithAlpha
    case (4, 24) where !isWindows: self = .runLengths
    case (4, _) where isWindows: self = .jpeg
    case (5, _) where isWindows: self = .png
    default:
      throw .unsupported(
        .bmp, details: "it has \(bitsPerPixel) bits a pixel and a compression of kind \(code)")
    }
  }
}
