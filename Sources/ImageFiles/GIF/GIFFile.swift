import CEmbedderGIFShim
import EmbedderStorage

/// A GIF file up to its first frame's data; giflib reads its bytes where they are.
@safe
struct GIFFile: ~Copyable, ~Escapable {
  private let frame: cgif_frame
  private let handle: OpaquePointer

  /// Reads all that stands in front of the first frame's data.
  ///
  /// - Throws: ``DecodingError``.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) throws(DecodingError) {
    let handle = unsafe bytes.withUnsafeBytes { source in
      unsafe cgif_create(source.baseAddress, source.count)
    }
    guard let handle = unsafe handle else { throw .outOfMemory(OutOfMemory(byteCount: 0)) }
    do throws(DecodingError) {
      frame = try unsafe Self.readFrame(handle)
    } catch {
      unsafe cgif_destroy(handle)
      throw error
    }
    unsafe self.handle = handle
  }

  private static func readFrame(_ handle: OpaquePointer) throws(DecodingError) -> cgif_frame {
    var frame = cgif_frame()
    guard unsafe cgif_read_frame(handle, &frame) else { throw unsafe error(of: handle) }
    guard frame.has_palette else { throw .damaged(.gif, details: "it has no palette") }
    guard frame.width > 0, frame.height > 0 else {
      throw .damaged(.gif, details: "its first frame is \(frame.width) x \(frame.height) pixels")
    }
    return frame
  }

  deinit {
    unsafe cgif_destroy(handle)
  }

  /// The frame's own size.
  var width: Int { Int(frame.width) }
  var height: Int { Int(frame.height) }

  /// The size of the canvas with all of the frame on it.
  var canvasWidth: Int { max(Int(frame.screen_width), Int(frame.left) + width) }
  var canvasHeight: Int { max(Int(frame.screen_height), Int(frame.top) + height) }

  /// Whether the frame leaves nothing of the canvas open.
  var coversCanvas: Bool { width == canvasWidth && height == canvasHeight }

  /// Where the frame's data begins.
  var dataOffset: Int { frame.data_offset }

  /// Decodes the frame's first pixels.
  ///
  /// - Parameters:
  ///   - count: How many there are.
  ///   - pixels: The canvas as packed RGBA.
  /// - Throws: ``DecodingError``.
  func decode(_ count: Int, to pixels: inout AlignedBuffer) throws(DecodingError) {
    // Four bytes each, in the order in which they lie in memory.
    var colors = [UInt32](repeating: 0, count: 256)
    unsafe colors.withUnsafeMutableBytes { unsafe cgif_palette(handle, $0.baseAddress) }
    var indices = [UInt8](repeating: 0, count: width)
    var left = count
    for row in rows {
      let columnCount = min(width, left)
      guard columnCount > 0 else { return }
      left -= columnCount
      let isRead = unsafe indices.withUnsafeMutableBufferPointer {
        unsafe cgif_read_pixels(handle, $0.baseAddress, columnCount)
      }
      guard isRead else { throw unsafe Self.error(of: handle) }
      let start = (Int(frame.top) + row) * canvasWidth + Int(frame.left)
      unsafe pixels.withUnsafeMutableBytes { bytes in
        let target = unsafe bytes.bindMemory(to: UInt32.self)
        for column in 0..<columnCount {
          unsafe target[start + column] = colors[Int(indices[column])]
        }
      }
    }
  }

  /// The frame's rows in the order in which they are stored.
  private var rows: [Int] {
    guard frame.is_interlaced else { return Array(0..<height) }
    return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0, to: height, by: $1)) }
  }

  private static func error(of handle: OpaquePointer) -> DecodingError {
    let message = unsafe String(cString: cgif_message(handle))
    return switch Int(unsafe cgif_failure(handle)) {
    case CGIF_TRUNCATED: .truncated(.gif, details: message)
    case CGIF_OUT_OF_MEMORY: .outOfMemory(OutOfMemory(byteCount: 0))
    default: .damaged(.gif, details: message)
    }
  }
}
