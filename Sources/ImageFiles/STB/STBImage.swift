import CEmbedderSTBImage
import EmbedderFrameBuffers
import EmbedderStorage

/// The formats that stb_image decodes: TGA, PSD and PIC, and JPEG as the reference does.
///
/// It takes what it is given on trust: where bytes are missing it goes on with zeros or with memory
/// that nobody wrote (CVE-2023-45663), and it allocates what a header says. So each of these formats
/// has a check of its own that reads the file's structure first, and only what passed it comes here.
enum STBImage {
  /// Decodes a complete image of the given size.
  ///
  /// - Parameters:
  ///   - bytes: The image, which the format's own check has accepted.
  ///   - width: Columns, held against the limits.
  ///   - height: Rows, held against the limits.
  ///   - format: What it is.
  ///   - channelCount: The channels to ask for; by default all that there are.
  ///   - hasAlpha: Whether the fourth channel counts where there is one.
  ///   - orientation: What the file says of it.
  ///   - warnings: What was odd about it.
  /// - Returns: The image as packed RGB or RGBA.
  /// - Throws: ``DecodingError``.
  static func decode(
    _ bytes: RawSpan, width: Int, height: Int, format: ImageFormat, channelCount: CInt = 0,
    hasAlpha: Bool = true, orientation: Orientation = .topLeft, warnings: [String] = []
  ) throws(DecodingError) -> DecodedImage {
    // The library counts bytes in 32 bits, in places with a few rows on top.
    let mostPixels = Int(CInt.max) / 4 - 64 * width
    guard bytes.byteCount <= Int(CInt.max) else {
      throw .tooManyBytes(found: bytes.byteCount, limit: Int(CInt.max))
    }
    guard width * height <= mostPixels else {
      throw .tooManyPixels(width: width, height: height, limit: mostPixels)
    }
    var (foundWidth, foundHeight, foundCount): (CInt, CInt, CInt) = (0, 0, 0)
    let function = unsafe format == .jpeg ? cstb_decode_jpeg : cstb_decode
    let decoded = unsafe bytes.withUnsafeBytes { source in
      unsafe function(
        source.bindMemory(to: UInt8.self).baseAddress, CInt(source.count), &foundWidth,
        &foundHeight, &foundCount, channelCount)
    }
    guard let decoded = unsafe decoded else {
      throw unsafe error(cstb_failure().map { unsafe String(cString: $0) } ?? "", format)
    }
    defer { unsafe cstb_free(decoded) }
    let count = Int(channelCount == 0 ? foundCount : channelCount)
    guard foundWidth == width, foundHeight == height, (1...4).contains(count) else {
      throw .damaged(format, details: "its size is ambiguous")
    }
    let pixelFormat: PixelFormat = count.isMultiple(of: 2) && hasAlpha ? .rgba : .rgb
    var pixels: AlignedBuffer
    do {
      pixels = try AlignedBuffer(byteCount: width * height * pixelFormat.bytesPerPixel)
    } catch {
      throw .outOfMemory(error)
    }
    let source = unsafe UnsafeRawBufferPointer(start: decoded, count: width * height * count)
    unsafe pixels.withUnsafeMutableBytes { target in
      unsafe expand(source, channelCount: count, to: target, pixelFormat)
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: pixelFormat, orientation: orientation,
      format: format, warnings: warnings, isGray: count == 1)
  }

  /// Copies pixels, gray as three equal channels.
  private static func expand(
    _ source: UnsafeRawBufferPointer, channelCount: Int,
    to target: UnsafeMutableRawBufferPointer, _ pixelFormat: PixelFormat
  ) {
    let size = pixelFormat.bytesPerPixel
    if channelCount == size {
      unsafe target.copyMemory(from: source)
      return
    }
    let isGray = channelCount <= 2
    for pixel in 0..<target.count / size {
      for channel in 0..<size {
        let isAlpha = channel == 3
        let place = isAlpha ? channelCount - 1 : isGray ? 0 : channel
        unsafe target[size * pixel + channel] = source[channelCount * pixel + place]
      }
    }
  }

  private static func error(_ message: String, _ format: ImageFormat) -> DecodingError {
    switch message {
    case "outofmem": .outOfMemory(OutOfMemory(byteCount: 0))
    case "bad file": .truncated(format, details: "its data ends early")
    case "": .damaged(format, details: "it holds no picture")
    default: .damaged(format, details: message)
    }
  }
}
