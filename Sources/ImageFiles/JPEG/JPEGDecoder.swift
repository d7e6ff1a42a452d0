import FrameBuffers
import Storage

/// JPEG by libjpeg-turbo: the accurate integer transform and smooth ("fancy") up-sampling, which stay
/// within 3 levels of the reference's decoder.
enum JPEGDecoder: ImageDecoder {
  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let file = try JPEGFile(bytes)
    let orientation = (options.honorsOrientation ? Orientation(jpeg: bytes) : nil) ?? .topLeft
    try options.limits.check(width: file.width, height: file.height)
    let reduction = options.target?.reduction(
      storedWidth: file.width, storedHeight: file.height, orientation: orientation)
    let (width, height) = (reduction?.width ?? file.width, reduction?.height ?? file.height)
    var pixels = try options.limits.allocate(
      width: width, height: height, format: file.hasInks ? .rgba : .rgb)
    let warnings = try file.decode(
      to: &pixels, factor: reduction?.factor ?? 1, allowsTruncated: options.allowsTruncated)
    if file.hasInks { convertInks(&pixels) }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: .rgb,
      orientation: orientation, format: .jpeg, warnings: warnings, reduction: reduction,
      isGray: file.isGray)
  }

  /// Turns packed inks into packed RGB, in place.
  ///
  /// Adobe's programs store the inks inverted, 255 for none. Files that lack Adobe's segment are taken
  /// for the same, as Pillow and OpenCV take them. The product is rounded to the nearest, as the
  /// reference does.
  private static func convertInks(_ pixels: inout AlignedBuffer) {
    let count = pixels.byteCount / 4
    unsafe pixels.withUnsafeMutableBytes { bytes in
      for pixel in 0..<count {
        let black = unsafe UInt32(bytes[4 * pixel + 3])
        for channel in 0..<3 {
          let product = unsafe UInt32(bytes[4 * pixel + channel]) * black + 128
          unsafe bytes[3 * pixel + channel] = UInt8((product + product >> 8) >> 8)
        }
      }
    }
    pixels.truncate(to: 3 * count)
  }
}
