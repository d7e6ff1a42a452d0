import EmbedderFrameBuffers
import EmbedderStorage

/// Truevision TGA by stb_image: gray, palette, 15 to 32 bits, plain or in runs.
enum TGADecoder: ImageDecoder {
  static let fileExtensions = ["tga"]
  static let summary = "Truevision TGA, which has no signature and is tried when nothing else fits."

  static func recognizes(_ start: RawSpan) -> Bool {
    TGAHeader(start) != nil
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    guard let header = TGAHeader(bytes) else {
      throw .damaged(.tga, details: "its header contradicts itself")
    }
    let (width, height) = (header.width, header.height)
    try options.limits.check(width: width, height: height)
    guard header.paletteStart == 0 else {
      // The library takes the first colour's number for a number of bytes to skip.
      throw .unsupported(.tga, details: "its palette begins with colour \(header.paletteStart)")
    }
    let orientation: Orientation =
      header.isMirrored && options.honorsOrientation ? .topRight : .topLeft

    let end = header.endOfPixels(in: bytes)
    guard end > bytes.byteCount else {
      return try STBImage.decode(
        bytes, width: width, height: height, format: .tga, orientation: orientation)
    }

    // For rows behind the end the library returns memory that nobody wrote.
    guard options.allowsTruncated else {
      throw .truncated(.tga, details: "its data ends after \(bytes.byteCount) bytes")
    }
    let padded = try bytes.padded(to: end)
    return try STBImage.decode(
      padded.bytes, width: width, height: height, format: .tga,
      orientation: orientation,
      warnings: ["the TGA image is cut short; what is missing was left black"])
  }
}

/// The header of a TGA file.
///
/// The format has no signature: a file is taken for one when all its fields make sense, as stb_image
/// wants them, and no other format fits.
struct TGAHeader {
  let width: Int
  let height: Int

  /// The number of the palette's first colour.
  let paletteStart: Int

  /// Whether rows go from right to left.
  let isMirrored: Bool

  private let isInRuns: Bool
  private let bytesPerPixel: Int
  private let startOfPixels: Int

  init?(_ bytes: RawSpan) {
    guard bytes.byteCount > Self.byteCount else { return nil }
    func integer(at offset: Int) -> Int {
      Int(bytes.byte(at: offset)) | Int(bytes.byte(at: offset + 1)) << 8
    }
    let kind = bytes.byte(at: 2)
    let kindsWithAndWithoutPalette: [UInt8: [UInt8]] = [1: [1, 9], 0: [2, 3, 10, 11]]
    guard kindsWithAndWithoutPalette[bytes.byte(at: 1)]?.contains(kind) == true else { return nil }
    let hasPalette = bytes.byte(at: 1) == 1
    let bitsPerPixel = Int(bytes.byte(at: 16))
    let depths = [8: 1, 15: 2, 16: 2, 24: 3, 32: 4]
    guard let bytesPerPixel = depths[bitsPerPixel],
      !hasPalette || [8, 16].contains(bitsPerPixel)
    else { return nil }
    var paletteByteCount = 0
    if hasPalette {
      guard let bytesPerColor = depths[Int(bytes.byte(at: 7))], integer(at: 5) > 0 else {
        return nil
      }
      paletteByteCount = integer(at: 5) * bytesPerColor
    }
    let descriptor = bytes.byte(at: 17)
    let interleaving = descriptor & 0xc0
    width = integer(at: 12)
    height = integer(at: 14)
    guard width > 0, height > 0, interleaving == 0 else { return nil }
    paletteStart = hasPalette ? integer(at: 3) : 0
    isMirrored = descriptor & 0x10 != 0
    isInRuns = kind >= 9
    self.bytesPerPixel = bytesPerPixel
    startOfPixels = Self.byteCount + Int(bytes.byte(at: 0)) + paletteByteCount
  }

  private static let byteCount = 18

  /// Where the last pixel ends; beyond the end of the bytes where some are missing.
  func endOfPixels(in bytes: RawSpan) -> Int {
    guard isInRuns else { return startOfPixels + width * height * bytesPerPixel }
    var offset = startOfPixels
    var left = width * height
    while left > 0, offset < bytes.byteCount {
      let packet = bytes.byte(at: offset)
      let count = Int(packet & 0x7f) + 1
      let isRun = packet & 0x80 != 0
      offset += 1 + (isRun ? 1 : count) * bytesPerPixel
      left -= count
    }
    return left > 0 ? max(offset, bytes.byteCount) + 1 : offset
  }
}
