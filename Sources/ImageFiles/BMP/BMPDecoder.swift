import FrameBuffers
import Storage

/// Windows bitmaps by stb_image: 1, 4, 8, 16, 24 and 32 bits, not compressed.
enum BMPDecoder: ImageDecoder {
  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let header = try BMPHeader(bytes)
    let (width, height) = (header.width, header.height)
    try options.limits.check(width: width, height: height)
    var warnings: [String] = []
    // The library takes bytes behind the end for zeros and says nothing.
    if bytes.byteCount < header.endOfPixels {
      let details = "\(bytes.byteCount) of \(header.endOfPixels) bytes are there"
      guard options.allowsTruncated else { throw .truncated(.bmp, details: details) }
      warnings.append("the BMP image is cut short (\(details)); what is missing was left black")
    }
    try header.checkIndices(in: bytes)
    return try STBImage.decode(
      bytes, width: width, height: height, format: .bmp, warnings: warnings)
  }
}

/// The headers of a BMP file, with the checks that stb_image lacks.
struct BMPHeader {
  let width: Int
  let height: Int
  let bitsPerPixel: Int

  /// Where the first row starts.
  private let startOfPixels: Int

  /// The entries of the palette, for at most 8 bits a pixel.
  private let paletteCount: Int

  /// Whether the header behind `BM` has one of the sizes that there are.
  static func hasKnownSize(_ bytes: RawSpan) -> Bool {
    let size = bytes.integer(at: 14, byteCount: 4, .littleEndian)
    return size.map([12, 16, 40, 52, 56, 64, 108, 124].contains) ?? false
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
    guard [12, 40, 56, 108, 124].contains(size) else {
      throw .unsupported(.bmp, details: "its header is of a kind with \(size) bytes")
    }
    let isOld = size == 12
    if isOld {
      width = try integer(at: 18, byteCount: 2)
      height = try integer(at: 20, byteCount: 2)
    } else {
      width = Int(Int32(truncatingIfNeeded: try integer(at: 18, byteCount: 4)))
      // A negative height says that rows go from top to bottom.
      height = abs(Int(Int32(truncatingIfNeeded: try integer(at: 22, byteCount: 4))))
    }
    bitsPerPixel = try integer(at: isOld ? 24 : 28, byteCount: 2)
    let compression = isOld ? 0 : try integer(at: 30, byteCount: 4)
    let hasMasks = compression == 3
    guard compression == 0 || hasMasks else {
      throw .unsupported(.bmp, details: "its pixels are compressed (kind \(compression))")
    }
    // The library counts 12 bytes too many in front of an old file's palette.
    guard [1, 4, 8, 16, 24, 32].contains(bitsPerPixel), !isOld || bitsPerPixel == 24 else {
      throw .unsupported(
        .bmp,
        details: "it has \(bitsPerPixel) bits a pixel and a header of \(size) bytes")
    }
    let endOfHeader = 14 + size + (hasMasks && size <= 56 ? 12 : 0)
    if bitsPerPixel <= 8 {
      paletteCount = (startOfPixels - endOfHeader) / 4
      guard !hasMasks, (1...256).contains(paletteCount) else {
        throw .damaged(.bmp, details: "its palette has no or too many colours")
      }
    } else {
      paletteCount = 0
      guard startOfPixels == endOfHeader else {
        throw .unsupported(.bmp, details: "its pixels do not follow its header")
      }
    }
  }

  private var rowByteCount: Int { (width * bitsPerPixel + 31) / 32 * 4 }

  /// Where the last row ends, without what pads it.
  ///
  /// The size must have been held against the limits.
  var endOfPixels: Int {
    startOfPixels + rowByteCount * (height - 1) + (width * bitsPerPixel + 7) / 8
  }

  /// Throws for a pixel whose colour is not in the palette.
  ///
  /// The library would take for the colour whatever its stack holds there.
  func checkIndices(in bytes: RawSpan) throws(DecodingError) {
    guard bitsPerPixel <= 8, paletteCount < 1 << bitsPerPixel else { return }
    let mask = UInt8(truncatingIfNeeded: (1 << bitsPerPixel) - 1)
    for row in 0..<height {
      let start = startOfPixels + row * rowByteCount
      for column in 0..<width {
        let bit = column * bitsPerPixel
        guard start + bit / 8 < bytes.byteCount else { return }
        let shift = 8 - bitsPerPixel - bit % 8
        guard bytes.byte(at: start + bit / 8) >> UInt8(shift) & mask < paletteCount else {
          throw .damaged(.bmp, details: "a pixel's colour is not in its palette")
        }
      }
    }
  }
}
