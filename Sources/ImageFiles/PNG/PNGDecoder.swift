import CEmbedderSPNG
import EmbedderFrameBuffers
import EmbedderStorage

/// PNG by libspng; samples of 16 bits keep their high byte.
enum PNGDecoder: ImageDecoder {
  static let fileExtensions = ["png"]
  static let summary = "Portable Network Graphics; of samples of 16 bits their high byte."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let chunks = try PNGChunks(of: bytes)
    guard !chunks.endEarly || options.allowsTruncated else {
      throw .truncated(.png, details: "its last chunk is missing")
    }
    let isCut = chunks.endEarly
    let orientation = options.honorsOrientation ? chunks.orientation : nil
    // The library decodes from memory that it does not copy, so the bytes stay borrowed throughout.
    return try unsafe chunks.picture.bytes.withUnsafeBytes { source throws(DecodingError) in
      do throws(DecodingError) {
        return try unsafe decode(
          source, options: options, isCut: isCut, orientation: orientation ?? .topLeft)
      } catch .damaged(_, let details) where isCut {
        throw .truncated(.png, details: details)
      }
    }
  }

  private static func decode(
    _ source: UnsafeRawBufferPointer, options: DecodingOptions, isCut: Bool,
    orientation: Orientation
  ) throws(DecodingError) -> DecodedImage {
    guard let context = unsafe spng_ctx_new(0) else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    defer { unsafe spng_ctx_free(context) }
    let side = UInt32(FrameBufferError.longestSide)
    try check(unsafe spng_set_image_limits(context, side, side))
    try check(unsafe spng_set_png_buffer(context, source.baseAddress, source.count))

    var header = spng_ihdr()
    try check(unsafe spng_get_ihdr(context, &header))
    var transparency = spng_trns()
    let isTransparent = unsafe spng_get_trns(context, &transparency) == 0
    let alphaBit: UInt8 = 4
    let hasAlpha = isTransparent || header.color_type & alphaBit != 0
    let pixelFormat: PixelFormat = hasAlpha ? .rgba : .rgb
    let (width, height) = (Int(header.width), Int(header.height))

    var pixels = try options.limits.allocate(width: width, height: height, format: pixelFormat)
    let format = CInt(bitPattern: (hasAlpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8).rawValue)
    var defect = isCut ? "its last chunk is missing" : nil
    do throws(DecodingError) {
      if options.allowsTruncated {
        try unsafe decodeRows(context, into: &pixels, format, height: height)
      } else {
        try check(
          unsafe pixels.withUnsafeMutableBytes { target in
            unsafe spng_decode_image(
              context, target.baseAddress, target.count, format, transparencyFlag)
          })
      }
      // Also the checksum of the last data, with which the picture may be wrong. What else is wrong
      // behind the picture does it no harm.
      if unsafe spng_decode_chunks(context) == CInt(SPNG_ECHUNK_CRC.rawValue) {
        throw .damaged(.png, details: "a checksum is wrong")
      }
    } catch .truncated(_, let details) where options.allowsTruncated {
      defect = details
    }
    let warnings = defect.map {
      ["the PNG image is cut short (\($0)); what is missing was left black"]
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: pixelFormat,
      orientation: orientation, format: .png, warnings: warnings ?? [],
      isGray: header.color_type & colorBits == 0)
  }

  /// What a palette and colours set in the kind of a picture.
  private static let colorBits: UInt8 = 3

  private static let transparencyFlag = CInt(bitPattern: SPNG_DECODE_TRNS.rawValue)

  /// Decodes row by row, so that those before a defect are kept; the rest is black and transparent.
  private static func decodeRows(
    _ context: OpaquePointer, into pixels: inout AlignedBuffer, _ format: CInt, height: Int
  ) throws(DecodingError) {
    let rowByteCount = pixels.byteCount / height
    let status = unsafe pixels.withUnsafeMutableBytes { target in
      unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
      let flags = transparencyFlag | CInt(bitPattern: SPNG_DECODE_PROGRESSIVE.rawValue)
      var status = unsafe spng_decode_image(context, nil, 0, format, flags)
      while status == 0 {
        // Rows of an interlaced image come several times, with more of their pixels each time.
        var row = spng_row_info()
        status = unsafe spng_get_row_info(context, &row)
        guard status == 0, row.row_num < height else { break }
        let rest = unsafe target[Int(row.row_num) * rowByteCount..<target.count]
        let start = unsafe UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress
        status = unsafe spng_decode_row(context, start, rowByteCount)
      }
      return status
    }
    if status != CInt(SPNG_EOI.rawValue) { try check(status) }
  }

  private static func check(_ status: CInt) throws(DecodingError) {
    guard status != 0 else { return }
    let message = unsafe String(cString: spng_strerror(status))
    switch spng_errno(status) {
    case SPNG_IO_EOF, SPNG_EIDAT_TOO_SHORT, SPNG_EIDAT_STREAM:
      throw .truncated(.png, details: message)
    case SPNG_EMEM:
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    case SPNG_EUSER_WIDTH, SPNG_EUSER_HEIGHT:
      throw .unsupported(
        .png, details: "a side is longer than \(FrameBufferError.longestSide) pixels")
    default:
      throw .damaged(.png, details: message)
    }
  }
}
