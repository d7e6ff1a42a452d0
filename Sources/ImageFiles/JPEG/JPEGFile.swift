import CJPEGShim
import FrameBuffers
import Storage

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

  /// Decodes to packed RGB, or to the four inks.
  ///
  /// - Parameters:
  ///   - pixels: Room for the picture's size, each side divided by `factor` and rounded up.
  ///   - factor: 1, 2, 4 or 8.
  ///   - allowsTruncated: Whether a picture whose data ends early is decoded as far as it goes.
  /// - Returns: What was odd, one sentence each.
  /// - Throws: ``DecodingError``.
  func decode(
    to pixels: inout AlignedBuffer, factor: Int, allowsTruncated: Bool
  ) throws(DecodingError) -> [String] {
    var isCutShort = false
    let isDone = unsafe pixels.withUnsafeMutableBytes { target in
      unsafe cjpeg_decode(
        handle, CInt(factor), allowsTruncated, target.bindMemory(to: UInt8.self).baseAddress,
        &isCutShort)
    }
    guard isDone else { throw unsafe Self.error(of: handle, cjpeg_header()) }
    let oddities = Int(unsafe cjpeg_oddities(handle))
    var warnings = Self.words.filter { oddities & $0.bit != 0 }.map { "the JPEG file's \($0.text)" }
    if isCutShort {
      warnings.append("the JPEG image is cut short; what is missing was made up")
    } else if oddities & CJPEG_ODD_NO_END_MARKER != 0 {
      warnings.append("the JPEG file's end marker is missing; its picture is whole")
    }
    return warnings
  }

  private static let words: [(bit: Int, text: String)] = [
    (
      CJPEG_ODD_ADOBE_TRANSFORM,
      "Adobe segment names a color transform that does not exist; the usual one was taken"
    ),
    (CJPEG_ODD_JFIF_VERSION, "JFIF segment is of an unknown version; its picture is whole"),
    (
      CJPEG_ODD_SCAN_PARAMETERS,
      "scan header has parameters of a progressive picture, which it is not; its picture is whole"
    ),
    (CJPEG_ODD_PROGRESSION, "scans come in an order that is not allowed; its picture is whole"),
    (
      CJPEG_ODD_EXTRANEOUS_BYTES,
      "segments have extraneous bytes between them; its picture is whole"
    ),
    (CJPEG_ODD_ENDING, "picture is whole, but what follows it has no meaning"),
  ]

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
