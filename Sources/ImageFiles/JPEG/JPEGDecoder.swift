import CTurboJPEG
import FrameBuffers
import Storage

/// JPEG by libjpeg-turbo: the accurate integer transform and smooth ("fancy") up-sampling, which stay
/// within 3 levels of the reference's decoder.
enum JPEGDecoder: ImageDecoder {
  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    guard let handle = unsafe tjInitDecompress() else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    defer { unsafe tjDestroy(handle) }

    let header = try unsafe readHeader(bytes, handle)
    let orientation = (options.honorsOrientation ? Orientation(jpeg: bytes) : nil) ?? .topLeft
    let (fullWidth, fullHeight) = (Int(header.width), Int(header.height))
    try options.limits.check(width: fullWidth, height: fullHeight)
    let reduction = options.target?.reduction(
      storedWidth: fullWidth, storedHeight: fullHeight, orientation: orientation)
    let (width, height) = (reduction?.width ?? fullWidth, reduction?.height ?? fullHeight)
    var pixels = try options.limits.allocate(
      width: width, height: height, format: header.hasInks ? .rgba : .rgb)
    // The library goes on after a defect and only keeps its last message, so it is told to stop at
    // the first; where that one does no harm, or may be, it decodes once more to the end.
    var warnings: [String] = []
    let size = (width: CInt(width), height: CInt(height))
    if let defect = unsafe decompress(bytes, into: &pixels, size, header, handle, stops: true) {
      try throwUnlessAllowed(defect, options)
      guard
        let last = unsafe decompress(bytes, into: &pixels, size, header, handle, stops: false)
      else {
        throw .damaged(.jpeg, details: defect.message)
      }
      try throwUnlessAllowed(last, options, after: defect)
      // Of several defects the library words one, which may hide that the data stops.
      guard options.allowsTruncated || JPEGSegments.dataEnds(in: bytes) else {
        throw .truncated(.jpeg, details: "the end of its data is missing")
      }
      warnings.append(defect.warning)
    }
    if header.hasInks { convertInks(&pixels) }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: .rgb,
      orientation: orientation, format: .jpeg, warnings: warnings, reduction: reduction,
      isGray: header.isGray)
  }

  private struct Header {
    var width: CInt = 0
    var height: CInt = 0
    var colorSpace: CInt = -1

    var isGray: Bool { colorSpace == CInt(TJCS_GRAY.rawValue) }

    /// Whether the channels are cyan, magenta, yellow and black.
    var hasInks: Bool {
      colorSpace == CInt(TJCS_CMYK.rawValue) || colorSpace == CInt(TJCS_YCCK.rawValue)
    }
  }

  private static func readHeader(
    _ bytes: RawSpan, _ handle: tjhandle
  ) throws(DecodingError) -> Header {
    var header = Header()
    var subsampling: CInt = 0
    let status = unsafe bytes.withUnsafeBytes { source in
      unsafe tjDecompressHeader3(
        handle, source.bindMemory(to: UInt8.self).baseAddress, UInt(source.count), &header.width,
        &header.height, &subsampling, &header.colorSpace)
    }
    // A file of tables only, such as one that ends early, is no failure for the library.
    if status == 0, header.width > 0 { return header }
    let defect = unsafe JPEGDefect(lastOf: handle)
    // Only the interface's own list of usual samplings is too short; decoding knows all.
    let isUnusualSampling = defect.message.contains("determine subsampling")
    guard defect.kind == .harmless || isUnusualSampling, header.width > 0, header.colorSpace >= 0
    else {
      throw JPEGSegments.endEarly(in: bytes)
        ? .truncated(.jpeg, details: "it ends before its picture begins")
        : status == 0 ? .damaged(.jpeg, details: "it holds no picture") : defect.error
    }
    return header
  }

  /// Decodes, and returns what the library complained of: the first thing if it `stops` there.
  ///
  /// The library reduces the picture by the first of its factors that gives no more than `size`.
  private static func decompress(
    _ bytes: RawSpan, into pixels: inout AlignedBuffer, _ size: (width: CInt, height: CInt),
    _ header: Header, _ handle: tjhandle, stops: Bool
  ) -> JPEGDefect? {
    let layout = header.hasInks ? TJPF_CMYK : TJPF_RGB
    // Hundreds of scans over a large picture are an attack on our time.
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | (stops ? TJFLAG_STOPONWARNING : 0)
    let status = unsafe bytes.withUnsafeBytes { source in
      unsafe pixels.withUnsafeMutableBytes { target in
        unsafe tjDecompress2(
          handle, source.bindMemory(to: UInt8.self).baseAddress, UInt(source.count),
          target.bindMemory(to: UInt8.self).baseAddress, size.width, 0, size.height,
          CInt(layout.rawValue), flags)
      }
    }
    return status == 0 ? nil : unsafe JPEGDefect(lastOf: handle)
  }

  /// Throws unless the picture is whole in spite of the defect, or may be cut short.
  private static func throwUnlessAllowed(
    _ defect: JPEGDefect, _ options: DecodingOptions, after first: JPEGDefect? = nil
  ) throws(DecodingError) {
    switch defect.kind {
    case .harmless: return
    case .truncated where options.allowsTruncated: return
    // What comes after the end of the data has no meaning.
    case .damaged where first?.kind == .truncated && !defect.isFatal: return
    default: throw defect.error
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
