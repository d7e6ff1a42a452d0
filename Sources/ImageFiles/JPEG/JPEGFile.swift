import CEmbedderJPEGShim
import EmbedderFrameBuffers
import EmbedderStorage

/// A JPEG file that is being read by libjpeg-turbo, which reads its bytes where they are.
@safe
struct JPEGFile: ~Copyable, ~Escapable {
  let width: Int
  let height: Int

  /// Whether there is one channel.
  let isGray: Bool

  /// Whether the channels are cyan, magenta, yellow and black.
  let hasInks: Bool

  private let handle: OpaquePointer

  /// Reads all that stands in front of the picture's data.
  ///
  /// - Throws: ``DecodingError``.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) throws(DecodingError) {
    let handle = unsafe bytes.withUnsafeBytes { source in
      unsafe cjpeg_create(source.baseAddress, source.count)
    }
    guard let handle = unsafe handle else { throw .outOfMemory(OutOfMemory(byteCount: 0)) }
    var header = cjpeg_header()
    guard unsafe cjpeg_read_header(handle, &header) else {
      defer { unsafe cjpeg_destroy(handle) }
      throw unsafe Self.error(of: handle, header)
    }
    unsafe self.handle = handle
    width = Int(header.width)
    height = Int(header.height)
    isGray = Int(header.colors) == CJPEG_GRAY
    hasInks = Int(header.colors) == CJPEG_INKS
  }

  deinit {
    unsafe cjpeg_destroy(handle)
  }

  /// Decodes to packed RGB, to RGBA, or to the four inks.
  ///
  /// - Parameters:
  ///   - pixels: Room for the picture's size, each side divided by `factor` and rounded up.
  ///   - factor: 1, 2, 4 or 8.
  ///   - isWide: Whether colors come as RGBA, opaque everywhere, in place of RGB.
  ///   - rows: The rows that are needed, where the factor is 1; `nil` for all. The others are left as
  ///     they are, or not.
  ///   - allowsTruncated: Whether a picture whose data ends early is decoded as far as it goes.
  /// - Returns: What was odd.
  /// - Throws: ``DecodingError``.
  func decode(
    to pixels: inout AlignedBuffer, factor: Int, isWide: Bool = false, rows: SampledRows? = nil,
    allowsTruncated: Bool
  ) throws(DecodingError) -> JPEGOddities {
    var isCutShort = false
    let needed = rows.map { self.marks(of: $0) }
    let isDone = unsafe pixels.withUnsafeMutableBytes { target in
      let target = unsafe target.bindMemory(to: UInt8.self).baseAddress
      guard let needed else {
        return unsafe cjpeg_decode(
          handle, CInt(factor), isWide, nil, allowsTruncated, target, &isCutShort)
      }
      return unsafe needed.withUnsafeBufferPointer { needed in
        unsafe cjpeg_decode(
          handle, CInt(factor), isWide, needed.baseAddress, allowsTruncated, target, &isCutShort)
      }
    }
    guard isDone else { throw unsafe Self.error(of: handle, cjpeg_header()) }
    return JPEGOddities(bits: Int(unsafe cjpeg_oddities(handle)), isCutShort: isCutShort)
  }

  /// A truth value for each row of the picture: whether it is needed.
  private func marks(of rows: SampledRows) -> [Bool] {
    var marks = Array(repeating: false, count: height)
    for row in rows.joined() { marks[row] = true }
    return marks
  }

  private static func error(of handle: OpaquePointer, _ header: cjpeg_header) -> DecodingError {
    let message = unsafe String(cString: cjpeg_message(handle))
    return switch Int(unsafe cjpeg_failure(handle)) {
    case CJPEG_TRUNCATED: .truncated(.jpeg, details: message)
    case CJPEG_UNSUPPORTED: .unsupported(.jpeg, details: message)
    case CJPEG_TOO_LARGE:
      .frame(.invalidDimensions(width: Int(header.width), height: Int(header.height)))
    case CJPEG_OUT_OF_MEMORY: .outOfMemory(OutOfMemory(byteCount: 0))
    default: .damaged(.jpeg, details: message)
    }
  }
}
