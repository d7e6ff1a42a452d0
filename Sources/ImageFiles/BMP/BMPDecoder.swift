import EmbedderFrameBuffers
import EmbedderStorage

/// Bitmaps of Windows and OS/2: palettes, channels of any bits, run lengths, and whole files inside.
enum BMPDecoder: ImageDecoder {
  static let fileExtensions = ["bmp", "dib"]
  static let summary = "Bitmaps of Windows and OS/2."

  static func recognizes(_ start: RawSpan) -> Bool {
    // Two letters are little evidence, so what follows must fit as well.
    start.holds("BM") && BMPHeader.hasKnownSize(start)
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let header = try BMPHeader(bytes)
    switch header.coding {
    case .jpeg: return try embedded(JPEGDecoder.self, bytes, header, options)
    case .png: return try embedded(PNGDecoder.self, bytes, header, options)
    default: break
    }
    try options.limits.check(width: header.width, height: header.height)
    if case .runLengths = header.coding { return try decodeRuns(bytes, header, options) }
    var warnings: [String] = []
    let isCutShort = bytes.byteCount < header.endOfPixels
    if isCutShort {
      let details = "\(bytes.byteCount) of \(header.endOfPixels) bytes are there"
      guard options.allowsTruncated else { throw .truncated(.bmp, details: details) }
      warnings.append("the BMP image is cut short (\(details)); what is missing was left black")
    }
    let format = header.pixelFormat
    var pixels = try options.limits.allocate(
      width: header.width, height: header.height, format: format)
    if isCutShort { pixels.clear() }
    try BMPRows(bytes, header).decode(to: &pixels)
    return try DecodedImage(
      pixels, width: header.width, height: header.height, pixelFormat: format, format: .bmp,
      warnings: warnings)
  }

  /// Decodes a whole file of another format that stands where the pixels should.
  private static func embedded(
    _ decoder: any ImageDecoder.Type, _ bytes: RawSpan, _ header: BMPHeader,
    _ options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    guard header.startOfPixels < bytes.byteCount else {
      throw .truncated(.bmp, details: "it ends before its pixels begin")
    }
    return try decoder.decode(
      bytes.extracting(header.startOfPixels..<bytes.byteCount), options: options)
  }

  /// Decodes runs of pixels; those that they leave out are transparent.
  private static func decodeRuns(
    _ bytes: RawSpan, _ header: BMPHeader, _ options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let (width, height) = (header.width, header.height)
    let runs = BMPRunLengths(bytes, header)
    // Once without memory: a few bytes may claim a large picture.
    let outcome = runs.read { _, _, _ in }
    if outcome.isOutsidePalette {
      throw .damaged(.bmp, details: "a pixel's colour is not in its palette")
    }
    let isWhole = outcome.pixelCount == width * height
    let details = "its runs have \(outcome.pixelCount) of \(width * height) pixels"
    if outcome.endsEarly && !isWhole && !options.allowsTruncated {
      throw .truncated(.bmp, details: details)
    }
    if outcome.isTooLong && !isWhole && !outcome.endsEarly {
      throw .damaged(.bmp, details: "a run is longer than its row, and pixels are missing")
    }
    guard outcome.pixelCount > 0 else { throw .damaged(.bmp, details: "its runs have no pixels") }
    var warnings: [String] = []
    if outcome.endsEarly {
      warnings.append(
        isWhole
          ? "the BMP file's mark for the end is missing; its picture is whole"
          : "the BMP image is cut short (\(details)); what is missing is transparent")
    }
    if outcome.isTooLong {
      warnings.append("the BMP file has runs longer than its rows; what exceeds them was left out")
    }
    let format: PixelFormat = isWhole ? .rgb : .rgba
    var pixels = try options.limits.allocate(width: width, height: height, format: format)
    if !isWhole { pixels.clear() }
    let size = format.bytesPerPixel
    unsafe pixels.withUnsafeMutableBytes { target in
      _ = runs.read { x, y, color in
        let place = (header.row(y) * width + x) * size
        unsafe target[place] = color.red
        unsafe target[place + 1] = color.green
        unsafe target[place + 2] = color.blue
        if size == 4 { unsafe target[place + 3] = .max }
      }
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: format, format: .bmp, warnings: warnings)
  }
}
