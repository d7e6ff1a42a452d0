import CEmbedderWebP
import EmbedderFrameBuffers
import EmbedderStorage

/// WebP by libwebp.
///
/// Of an animation the first frame is taken, on its canvas; what it leaves open there is transparent.
enum WebPDecoder: ImageDecoder {
  static let fileExtensions = ["webp"]
  static let summary = "WebP, lossy or lossless; the first frame of an animation."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.holds("RIFF") && start.holds("WEBP", at: 8)
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    // The library reads the bytes where they are, so they stay borrowed throughout.
    try unsafe bytes.withUnsafeBytes { source throws(DecodingError) in
      try unsafe decode(source, options: options)
    }
  }

  private static func decode(
    _ source: UnsafeRawBufferPointer, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    var data = unsafe WebPData(
      bytes: source.bindMemory(to: UInt8.self).baseAddress, size: source.count)
    var state = WEBP_DEMUX_PARSE_ERROR
    guard let demuxer = unsafe WebPDemuxPartial(&data, &state) else {
      throw state == WEBP_DEMUX_PARSING_HEADER
        ? .truncated(.webp, details: "its header ends early")
        : .damaged(.webp, details: "its chunks contradict each other")
    }
    defer { unsafe WebPDemuxDelete(demuxer) }
    var defect = state == WEBP_DEMUX_DONE ? nil : "it is shorter than it says"
    try throwTruncated(defect, options)

    var frame = unsafe WebPIterator()
    guard unsafe WebPDemuxGetFrame(demuxer, 1, &frame) == 1 else {
      throw defect.map { .truncated(.webp, details: $0) }
        ?? .damaged(.webp, details: "it holds no picture")
    }
    defer { unsafe WebPDemuxReleaseIterator(&frame) }
    let width = unsafe Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH))
    let height = unsafe Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT))
    let offset = unsafe (x: Int(frame.x_offset), y: Int(frame.y_offset))
    let size = unsafe (width: Int(frame.width), height: Int(frame.height))
    guard offset.x >= 0, offset.y >= 0, size.width > 0, size.height > 0,
      offset.x + size.width <= width, offset.y + size.height <= height
    else {
      throw .damaged(.webp, details: "its first frame reaches outside the picture")
    }

    let coversAll = size == (width, height)
    let hasAlpha = unsafe frame.has_alpha != 0 || !coversAll
    let pixelFormat: PixelFormat = hasAlpha ? .rgba : .rgb
    var pixels = try options.limits.allocate(width: width, height: height, format: pixelFormat)
    if !coversAll || options.allowsTruncated { pixels.clear() }
    let rowByteCount = width * pixelFormat.bytesPerPixel
    let start = offset.y * rowByteCount + offset.x * pixelFormat.bytesPerPixel
    let status = unsafe pixels.withUnsafeMutableBytes { target in
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...])
      return unsafe decode(
        frame.fragment, into: rest, rowByteCount: rowByteCount, hasAlpha: hasAlpha,
        keepsPartial: options.allowsTruncated)
    }
    switch status {
    case VP8_STATUS_OK: break
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED:
      defect = "its data ends early"
      try throwTruncated(defect, options)
    case VP8_STATUS_OUT_OF_MEMORY:
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      throw .unsupported(.webp, details: "it uses a feature that libwebp does not know")
    default:
      throw .damaged(.webp, details: "its data contradicts the format")
    }

    let orientation = options.honorsOrientation ? unsafe readOrientation(demuxer) : .topLeft
    let warnings = defect.map {
      ["the WebP image is cut short (\($0)); what is missing was left black"]
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: pixelFormat, orientation: orientation,
      format: .webp, warnings: warnings ?? [])
  }

  private static func throwTruncated(
    _ defect: String?, _ options: DecodingOptions
  ) throws(DecodingError) {
    guard let defect, !options.allowsTruncated else { return }
    throw .truncated(.webp, details: defect)
  }

  /// Decodes one frame's data to rows of a larger picture.
  private static func decode(
    _ fragment: WebPData, into target: UnsafeMutableRawBufferPointer, rowByteCount: Int,
    hasAlpha: Bool, keepsPartial: Bool
  ) -> VP8StatusCode {
    var config = unsafe WebPDecoderConfig()
    guard unsafe WebPInitDecoderConfig(&config) == 1 else { return VP8_STATUS_INVALID_PARAM }
    unsafe config.output.colorspace = hasAlpha ? MODE_RGBA : MODE_RGB
    unsafe config.output.is_external_memory = 1
    unsafe config.output.u.RGBA.rgba = target.bindMemory(to: UInt8.self).baseAddress
    unsafe config.output.u.RGBA.stride = CInt(rowByteCount)
    unsafe config.output.u.RGBA.size = target.count
    guard keepsPartial else {
      return unsafe WebPDecode(fragment.bytes, fragment.size, &config)
    }
    // The incremental decoder writes rows as they become known.
    guard let decoder = unsafe WebPIDecode(nil, 0, &config) else {
      return VP8_STATUS_OUT_OF_MEMORY
    }
    defer { unsafe WebPIDelete(decoder) }
    return unsafe WebPIUpdate(decoder, fragment.bytes, fragment.size)
  }

  private static func readOrientation(_ demuxer: OpaquePointer) -> Orientation {
    var iterator = unsafe WebPChunkIterator()
    guard unsafe WebPDemuxGetChunk(demuxer, "EXIF", 1, &iterator) == 1 else { return .topLeft }
    defer { unsafe WebPDemuxReleaseChunkIterator(&iterator) }
    let chunk = unsafe UnsafeRawBufferPointer(
      start: iterator.chunk.bytes, count: iterator.chunk.size)
    let bytes = unsafe RawSpan(_unsafeBytes: chunk)
    // Some programs leave the header in that only JPEG needs.
    let header = "Exif\0\0"
    let start = bytes.holds(header) ? header.utf8.count : 0
    return Orientation(exif: bytes.extracting(start..<bytes.byteCount)) ?? .topLeft
  }
}
