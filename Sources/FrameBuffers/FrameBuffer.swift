package import Storage

/// An image in memory that owns its pixels.
///
/// Row-major from the top left of the stored frame, eight bits a channel, planes one after another. The orientation says how
/// the stored frame is brought upright; nothing is moved until an embedder reads it.
public struct FrameBuffer: Sendable {
  /// The number of columns of the stored frame.
  public let width: Int
  /// The number of rows of the stored frame.
  public let height: Int
  /// How the pixels lie in memory.
  public let format: PixelFormat
  /// How the stored frame is brought upright.
  public var orientation: Orientation
  /// The bytes from the start of one row to the start of the next.
  public let rowStride: Int
  private let storage: SharedBytes

  /// Makes an image of its pixels.
  ///
  /// - Parameters:
  ///   - bytes: The pixels, row by row and plane by plane, as ``FrameView`` describes them.
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - format: How the pixels lie in memory.
  ///   - orientation: How the frame is brought upright.
  ///   - rowStride: The bytes from one row of the first plane to the next; by default rows are packed.
  /// - Throws: ``FrameBufferError`` when dimensions, stride and bytes do not fit together.
  public init(
    bytes: [UInt8], width: Int, height: Int, format: PixelFormat,
    orientation: Orientation = .topLeft, rowStride: Int? = nil
  ) throws(FrameBufferError) {
    try self.init(
      storage: SharedBytes(bytes), width: width, height: height, format: format,
      orientation: orientation, rowStride: rowStride)
  }

  /// Makes an image of pixels that are held elsewhere as well.
  package init(
    storage: SharedBytes, width: Int, height: Int, format: PixelFormat,
    orientation: Orientation = .topLeft, rowStride: Int? = nil
  ) throws(FrameBufferError) {
    self.rowStride = try validatedRowStride(
      rowStride, width: width, height: height, format: format,
      byteCount: storage.bytes.byteCount)
    self.storage = storage
    self.width = width
    self.height = height
    self.format = format
    self.orientation = orientation
  }

  /// The pixels without a copy; valid as long as the image.
  public var view: FrameView {
    @_lifetime(borrow self)
    get {
      FrameView(
        validated: storage.bytes, width: width, height: height, format: format,
        orientation: orientation, rowStride: rowStride)
    }
  }
}

/// The row stride of a frame in one piece of memory whose parts fit together.
func validatedRowStride(
  _ rowStride: Int?, width: Int, height: Int, format: PixelFormat, byteCount: Int
) throws(FrameBufferError) -> Int {
  let sides = 1...FrameBufferError.longestSide
  guard sides.contains(width), sides.contains(height) else {
    throw .invalidDimensions(width: width, height: height)
  }
  let stride = try validatedRowStride(
    rowStride, rowByteCount: width * format.bytesPerPixel, rowCount: height, byteCount: byteCount)
  let needed =
    format.planes(width: width, height: height, rowStride: stride).map(\.end).max() ?? 0
  guard byteCount >= needed else {
    throw .tooFewBytes(found: byteCount, needed: needed)
  }
  return stride
}

/// The row stride of one plane whose parts fit together; `rowCount` and `rowByteCount` are not large.
func validatedRowStride(
  _ rowStride: Int?, rowByteCount: Int, rowCount: Int, byteCount: Int
) throws(FrameBufferError) -> Int {
  // A single row has no use for a stride, whatever the caller says it is.
  let stride = rowCount > 1 ? rowStride ?? rowByteCount : rowByteCount
  guard stride >= rowByteCount else {
    throw .strideTooSmall(found: stride, needed: rowByteCount)
  }
  guard stride <= Int(Int32.max) else {
    throw .strideTooLarge(found: stride)
  }
  let needed = stride * (rowCount - 1) + rowByteCount
  guard byteCount >= needed else {
    throw .tooFewBytes(found: byteCount, needed: needed)
  }
  return stride
}
