import CTIFFShim
import FrameBuffers
import Storage

/// The first page of a TIFF file by libtiff, in every form that it converts to RGB: any of its
/// compressions, strips or tiles, 1 to 16 bits, gray, palette, RGB, CMYK, YCbCr and Lab.
enum TIFFDecoder: ImageDecoder {
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
    let file = try unsafe open(source, validByteCount: source.count, options)
    defer { unsafe ctiff_destroy(file.handle) }
    let end = unsafe Int(clamping: file.header.end_of_data)
    guard end > source.count else {
      return try unsafe decodePixels(of: file, options)
    }

    // Libtiff gives up a strip or tile as a whole whose last bytes are missing, and often there is
    // only one. With zeros in their place it decodes those before them.
    let details = "\(source.count) of \(end) bytes are there"
    let (width, height) = unsafe (Int(file.header.width), Int(file.header.height))
    try options.limits.check(width: width, height: height)
    guard options.allowsTruncated, end - source.count <= largestChunk(width, height) else {
      throw .truncated(.tiff, details: details)
    }
    var padded: AlignedBuffer
    do {
      padded = try AlignedBuffer(byteCount: end)
    } catch {
      throw .outOfMemory(error)
    }
    padded.clear()
    return try unsafe padded.withUnsafeMutableBytes { target throws(DecodingError) in
      unsafe target.copyMemory(from: source)
      let file = try unsafe open(
        UnsafeRawBufferPointer(target), validByteCount: source.count, options)
      defer { unsafe ctiff_destroy(file.handle) }
      return try unsafe decodePixels(of: file, options, cutShort: details)
    }
  }

  private typealias File = (handle: OpaquePointer, header: ctiff_header)

  /// Reads the first page's directory; the caller destroys the handle.
  private static func open(
    _ source: UnsafeRawBufferPointer, validByteCount: Int, _ options: DecodingOptions
  ) throws(DecodingError) -> File {
    // Eight bytes a pixel are what the largest picture needs whose only strip is RGBA of 16 bits.
    let largest = min(max(0, options.limits.pixelCount), Int.max >> 8) * 8 + smallestLimit
    guard
      let handle = unsafe ctiff_create(source.baseAddress, source.count, validByteCount, largest)
    else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    var header = ctiff_header()
    guard unsafe ctiff_read_header(handle, &header) else {
      defer { unsafe ctiff_destroy(handle) }
      throw unsafe error(of: handle)
    }
    return unsafe (handle, header)
  }

  private static func decodePixels(
    of file: File, _ options: DecodingOptions, cutShort details: String? = nil
  ) throws(DecodingError) -> DecodedImage {
    let header = unsafe file.header
    let (width, height) = (Int(header.width), Int(header.height))
    var pixels = try options.limits.allocate(width: width, height: height, format: .rgba)
    // A small picture has no use for huge strips or tiles, nor can a large one come from a few bytes;
    // the library takes and clears memory for either before it sees that.
    guard header.chunk_byte_count <= UInt64(largestChunk(width, height)) else {
      throw .damaged(.tiff, details: "its strips or tiles are far larger than its picture")
    }
    let mostPixelsOfByte = 16384
    guard
      header.data_byte_count == 0
        || width * height / mostPixelsOfByte <= Int(clamping: header.data_byte_count)
    else {
      throw .damaged(.tiff, details: "its data is far too short for its size")
    }
    // On success the library has written every pixel, so only a partial picture needs it.
    if details != nil { pixels.clear() }
    let isWhole = unsafe pixels.withUnsafeMutableBytes { target in
      unsafe ctiff_decode(file.handle, target.baseAddress)
    }
    guard isWhole || details != nil else { throw unsafe error(of: file.handle) }

    var warnings: [String] = []
    if let details {
      warnings.append("the TIFF image is cut short (\(details)); what is missing was made up")
    }
    if header.lacks_tags {
      warnings.append("the TIFF file ends before one of its tags; its picture is whole")
    }
    if header.is_reduced {
      warnings.append(
        "the TIFF file's first page is a smaller version of another, as in a camera's raw files; it"
          + " was used")
    }
    if header.is_premultiplied && header.has_alpha { pixels.unpremultiply() }
    if !header.has_alpha { pixels.dropAlpha() }
    let orientation = Orientation(rawValue: UInt8(clamping: header.orientation)) ?? .topLeft
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: header.has_alpha ? .rgba : .rgb,
      orientation: options.honorsOrientation ? orientation : .topLeft, format: .tiff,
      warnings: warnings)
  }

  /// What the library may always take at once, for directories and tables.
  private static let smallestLimit = 16 << 20

  /// The most bytes that a strip or tile of a sound picture can have, and generously so.
  private static func largestChunk(_ width: Int, _ height: Int) -> Int {
    smallestLimit + 16 * width * height
  }

  private static func error(of file: OpaquePointer) -> DecodingError {
    let message = unsafe String(cString: ctiff_message(file))
    return switch Int(unsafe ctiff_failure(file)) {
    case CTIFF_TRUNCATED: .truncated(.tiff, details: message)
    case CTIFF_UNSUPPORTED: .unsupported(.tiff, details: message)
    default: .damaged(.tiff, details: message)
    }
  }
}
