import EmbedderFrameBuffers
import EmbedderStorage

/// The merged picture of a Photoshop document: RGB or grayscale, 8 or 16 bits, plain or packed.
///
/// Of our own, since stb_image unpacks 16-bit samples as if they were of 8, goes on with zeros where
/// data is missing, and converts negative numbers to bytes, which C leaves undefined. The numbers are
/// the same where its are defined.
enum PSDDecoder: ImageDecoder {
  static let fileExtensions = ["psd"]
  static let summary = "Photoshop documents; their merged picture."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.holds("8BPS")
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    var reader = PSDReader(bytes)
    let header = try reader.readHeader()
    let (width, height) = (header.width, header.height)
    try options.limits.check(width: width, height: height)
    let pixelFormat: PixelFormat = header.hasAlpha ? .rgba : .rgb
    let shortage = header.isPacked ? 0 : header.plainByteCount - reader.bytesLeft
    guard shortage <= 0 || options.allowsTruncated else {
      throw .truncated(.psd, details: "the last \(shortage) bytes are missing")
    }

    var pixels = try options.limits.allocate(width: width, height: height, format: pixelFormat)
    if options.allowsTruncated { pixels.clear() }
    var warnings: [String] = []
    var plane = [UInt8](repeating: 0, count: width)
    do throws(DecodingError) {
      for channel in 0..<header.usedChannelCount {
        for row in 0..<height {
          try reader.readRow(into: &plane, header)
          header.store(plane, of: channel, row, in: &pixels, pixelFormat)
        }
      }
    } catch .truncated(_, let details) where options.allowsTruncated {
      warnings.append("the PSD image is cut short (\(details)); what is missing was left black")
    }
    if header.hasAlpha { removeMatte(&pixels) }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: pixelFormat, format: .psd,
      warnings: warnings)
  }

  /// Takes out the white that Photoshop mixes in where opacity is not full.
  ///
  /// In the arithmetic of stb_image, whose result is cut off at the ends here.
  private static func removeMatte(_ pixels: inout AlignedBuffer) {
    let count = pixels.byteCount / 4
    unsafe pixels.withUnsafeMutableBytes { bytes in
      for pixel in 0..<count {
        let alpha = unsafe bytes[4 * pixel + 3]
        guard alpha != 0, alpha != 255 else { continue }
        let inverse = 1 / (Float(alpha) / 255)
        let white = 255 * (1 - inverse)
        for index in 4 * pixel..<4 * pixel + 3 {
          let value = unsafe Float(bytes[index]) * inverse + white
          unsafe bytes[index] = UInt8(min(max(value, 0), 255))
        }
      }
    }
  }
}
