import EmbedderFrameBuffers
import EmbedderStorage

/// JPEG by libjpeg-turbo: the accurate integer transform and smooth ("fancy") up-sampling, which stay
/// within 3 levels of the reference's decoder; or by that decoder itself.
enum JPEGDecoder: ImageDecoder {
  static let fileExtensions = ["jpg", "jpeg", "jpe", "jfif"]
  static let summary = "JPEG, baseline or progressive, also with CMYK."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.byteCount > 3 && start.starts(with: [0xff, 0xd8, 0xff])
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let file = try JPEGFile(bytes)
    let orientation = (options.honorsOrientation ? Orientation(jpeg: bytes) : nil) ?? .topLeft
    try options.limits.check(width: file.width, height: file.height)
    guard options.decodesJPEGAsTaskLibrary else {
      return try decode(file, orientation, options)
    }
    if let image = try decodeAsTaskLibrary(bytes, file, orientation, options) { return image }
    return try decode(
      JPEGFile(bytes), orientation, options,
      warnings: [
        "the Task Library's decoder does not read this JPEG file; its pixels are libjpeg-turbo's"
      ])
  }

  private static func decode(
    _ file: borrowing JPEGFile, _ orientation: Orientation, _ options: DecodingOptions,
    warnings: [String] = []
  ) throws(DecodingError) -> DecodedImage {
    let reduction = options.target?.reduction(
      storedWidth: file.width, storedHeight: file.height, orientation: orientation)
    let rows =
      reduction == nil
      ? options.onlyTarget?.sampledRows(
        storedWidth: file.width, storedHeight: file.height, orientation: orientation) : nil
    let (width, height) = (reduction?.width ?? file.width, reduction?.height ?? file.height)
    // Scaling works on four bytes a pixel, which the decoder writes as fast as three.
    let isWide = options.onlyTarget != nil && !file.hasInks
    var pixels = try options.limits.allocate(
      width: width, height: height, format: file.hasInks || isWide ? .rgba : .rgb)
    let oddities = try file.decode(
      to: &pixels, factor: reduction?.factor ?? 1, isWide: isWide, rows: rows,
      allowsTruncated: options.allowsTruncated)
    if file.hasInks { convertInks(&pixels) }
    var image = try DecodedImage(
      pixels, width: width, height: height, pixelFormat: isWide ? .rgba : .rgb,
      orientation: orientation, format: .jpeg, warnings: oddities.warnings + warnings,
      reduction: reduction, isGray: file.isGray)
    image.frame.sampledRows = rows
    return image
  }

  /// Decodes by stb_image, or returns `nil` where it does not read the file.
  ///
  /// Of damaged data stb_image makes something up, and of damaged tables it writes where it must not. So
  /// libjpeg-turbo reads all of the file before, at an eighth of the size, where that is all there is to do.
  private static func decodeAsTaskLibrary(
    _ bytes: RawSpan, _ file: borrowing JPEGFile, _ orientation: Orientation,
    _ options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage? {
    let eighth = Reduction(factor: 8, fullWidth: file.width, fullHeight: file.height)
    var pixels = try options.limits.allocate(
      width: eighth.width, height: eighth.height, format: file.hasInks ? .rgba : .rgb)
    let oddities = try file.decode(
      to: &pixels, factor: eighth.factor, allowsTruncated: options.allowsTruncated)
    guard oddities.isReadToItsEnd else { return nil }
    do throws(DecodingError) {
      return try STBImage.decode(
        bytes, width: file.width, height: file.height, format: .jpeg, orientation: orientation,
        warnings: oddities.warnings)
    } catch {
      if case .outOfMemory = error { throw error }
      return nil
    }
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
