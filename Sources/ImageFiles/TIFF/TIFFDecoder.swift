import CEmbedderTIFFShim
import EmbedderFrameBuffers
import EmbedderStorage

/// The first page of a TIFF file by libtiff: any of its compressions, strips or tiles, 1 to 16 bits, gray,
/// palette, RGB, CMYK, YCbCr and Lab.
///
/// Libtiff itself converts 1, 2, 4, 8 and 16 bits to RGB, and of CMYK 8. What it does not convert, and Lab,
/// comes from its decoders sample by sample.
enum TIFFDecoder: ImageDecoder {
  static let fileExtensions = ["tif", "tiff"]
  static let summary = "Tagged Image File Format; the first page."

  static func recognizes(_ start: RawSpan) -> Bool {
    // Classic and big TIFF, both byte orders.
    ["II*\0", "MM\0*", "II+\0", "MM\0+"].contains { start.holds($0) }
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    if let raw = TIFFCameraData.format(of: bytes) {
      throw .foreignFormat(name: raw.name, advice: raw.advice)
    }
    let file = try TIFFFile(bytes, validByteCount: bytes.byteCount, options.limits)
    let end = Int(clamping: file.header.end_of_data)
    guard end > bytes.byteCount else { return try decode(file, options) }

    // Libtiff gives up a strip or tile as a whole whose last bytes are missing, and often there is
    // only one. With zeros in their place it decodes those before them.
    let details = "\(bytes.byteCount) of \(end) bytes are there"
    try options.limits.check(width: file.width, height: file.height)
    guard options.allowsTruncated, end - bytes.byteCount <= file.largestChunk else {
      throw .truncated(.tiff, details: details)
    }
    let padded = try bytes.padded(to: end)
    return try decode(
      TIFFFile(padded.bytes, validByteCount: bytes.byteCount, options.limits), options,
      cutShort: details)
  }

  private static func decode(
    _ file: borrowing TIFFFile, _ options: DecodingOptions, cutShort details: String? = nil
  ) throws(DecodingError) -> DecodedImage {
    let (header, width, height) = (file.header, file.width, file.height)
    var pixels = try options.limits.allocate(width: width, height: height, format: .rgba)
    // A small picture has no use for huge strips or tiles, nor can a large one come from a few bytes;
    // the library takes and clears memory for either before it sees that.
    guard header.chunk_byte_count <= UInt64(file.largestChunk) else {
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
    do throws(DecodingError) {
      try file.decode(to: &pixels)
    } catch {
      if details == nil { throw error }
    }
    pixels.convertToRGB(fromTIFF: Int(header.kind))

    var warnings: [String] = []
    if let details {
      warnings.append("the TIFF image is cut short (\(details)); what is missing was made up")
    }
    if file.lostRowCount > 0 {
      warnings.append(
        "\(file.lostRowCount) of the TIFF image's \(height) rows could not be read; they were left empty"
      )
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
      warnings: warnings, isGray: header.is_gray)
  }
}

/// A TIFF file whose directory has been read; libtiff reads its bytes where they are.
@safe
private struct TIFFFile: ~Copyable, ~Escapable {
  let header: ctiff_header
  private let handle: OpaquePointer

  /// Reads the first page's directory.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - validByteCount: How many of the bytes are the file's own.
  ///   - limits: What may be decoded.
  /// - Throws: ``DecodingError``.
  @_lifetime(copy bytes)
  init(
    _ bytes: RawSpan, validByteCount: Int, _ limits: DecodingLimits
  ) throws(DecodingError) {
    // Eight bytes a pixel are what the largest picture needs whose only strip is RGBA of 16 bits.
    let largest = min(max(0, limits.pixelCount), Int.max >> 8) * 8 + Self.smallestLimit
    let handle = unsafe bytes.withUnsafeBytes { source in
      unsafe ctiff_create(source.baseAddress, source.count, validByteCount, largest)
    }
    guard let handle = unsafe handle else { throw .outOfMemory(OutOfMemory(byteCount: 0)) }
    var header = ctiff_header()
    guard unsafe ctiff_read_header(handle, &header) else {
      defer { unsafe ctiff_destroy(handle) }
      throw unsafe Self.error(of: handle, header)
    }
    unsafe self.handle = handle
    self.header = header
  }

  deinit {
    unsafe ctiff_destroy(handle)
  }

  var width: Int { Int(header.width) }
  var height: Int { Int(header.height) }

  /// The most bytes that a strip or tile of a sound picture can have, and generously so.
  ///
  /// The size must have been held against the limits.
  var largestChunk: Int { Self.smallestLimit + 16 * width * height }

  /// What the library may always take at once, for directories and tables.
  private static let smallestLimit = 16 << 20

  /// Decodes to packed RGBA in stored order.
  func decode(to pixels: inout AlignedBuffer) throws(DecodingError) {
    let isDone = unsafe pixels.withUnsafeMutableBytes { target in
      unsafe ctiff_decode(handle, target.baseAddress)
    }
    guard isDone else { throw unsafe Self.error(of: handle, header) }
  }

  /// The rows of a fax page that could not be read.
  var lostRowCount: Int { unsafe Int(clamping: ctiff_lost_rows(handle)) }

  private static func error(of handle: OpaquePointer, _ header: ctiff_header) -> DecodingError {
    let message = unsafe String(cString: ctiff_message(handle))
    return switch Int(unsafe ctiff_failure(handle)) {
    case CTIFF_TRUNCATED: .truncated(.tiff, details: message)
    case CTIFF_UNSUPPORTED: .unsupported(.tiff, details: header.samplesAreUnsupported)
    case CTIFF_UNKNOWN_COMPRESSION:
      .unsupported(.tiff, details: header.compressionIsUnsupported)
    case CTIFF_OUT_OF_MEMORY: .outOfMemory(OutOfMemory(byteCount: 0))
    default: .damaged(.tiff, details: message)
    }
  }
}
