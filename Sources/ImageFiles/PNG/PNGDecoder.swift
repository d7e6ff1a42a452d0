import CSPNG
import FrameBuffers
import Storage

/// PNG by libspng; samples of 16 bits keep their high byte.
enum PNGDecoder: ImageDecoder {
  static func decode(
    _ bytes: RawSpan, limits: DecodingLimits
  ) throws(DecodingError) -> DecodedImage {
    // The library decodes from memory that it does not copy, so the bytes stay borrowed throughout.
    try unsafe bytes.withUnsafeBytes { source throws(DecodingError) in
      try unsafe decode(source, limits: limits)
    }
  }

  private static func decode(
    _ source: UnsafeRawBufferPointer, limits: DecodingLimits
  ) throws(DecodingError) -> DecodedImage {
    guard let context = unsafe spng_ctx_new(0) else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    defer { unsafe spng_ctx_free(context) }
    let side = UInt32(FrameBufferError.longestSide)
    try check(unsafe spng_set_image_limits(context, side, side))
    // Text and profiles beside the picture are not read; a file cannot make us keep them.
    try check(unsafe spng_set_chunk_limits(context, ancillaryByteLimit, ancillaryByteLimit))
    try check(unsafe spng_set_png_buffer(context, source.baseAddress, source.count))

    var header = spng_ihdr()
    try check(unsafe spng_get_ihdr(context, &header))
    var transparency = spng_trns()
    let isTransparent = unsafe spng_get_trns(context, &transparency) == 0
    let alphaBit: UInt8 = 4
    let hasAlpha = isTransparent || header.color_type & alphaBit != 0
    let pixelFormat: PixelFormat = hasAlpha ? .rgba : .rgb
    let (width, height) = (Int(header.width), Int(header.height))

    var pixels = try limits.allocate(width: width, height: height, format: pixelFormat)
    let format = hasAlpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8
    try check(
      unsafe pixels.withUnsafeMutableBytes { target in
        unsafe spng_decode_image(
          context, target.baseAddress, target.count, CInt(bitPattern: format.rawValue),
          CInt(bitPattern: SPNG_DECODE_TRNS.rawValue))
      })

    var exif = unsafe spng_exif()
    var orientation: Orientation?
    if unsafe spng_get_exif(context, &exif) == 0, let data = unsafe exif.data {
      let block = unsafe UnsafeRawBufferPointer(start: data, count: exif.length)
      orientation = unsafe Orientation(exif: RawSpan(_unsafeBytes: block))
    }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: pixelFormat,
      orientation: orientation ?? .topLeft, format: .png)
  }

  /// The most bytes of one chunk that is not the picture, and of all together.
  private static let ancillaryByteLimit = 16 << 20

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
