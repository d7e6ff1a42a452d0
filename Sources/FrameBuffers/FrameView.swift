/// A view of an image that somebody else owns, such as a camera's buffer: nothing is copied.
///
/// The compiler keeps it from outliving the bytes it was made of.
public struct FrameView: ~Escapable, Sendable {
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
  /// The pixels.
  public let bytes: RawSpan

  /// Looks at the pixels in `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: The pixels, row by row.
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - format: How the pixels lie in memory.
  ///   - orientation: How the frame is brought upright.
  ///   - rowStride: The bytes from one row to the next; by default rows are packed.
  /// - Throws: ``FrameBufferError`` when dimensions, stride and bytes do not fit together.
  @_lifetime(copy bytes)
  public init(
    bytes: RawSpan, width: Int, height: Int, format: PixelFormat,
    orientation: Orientation = .topLeft, rowStride: Int? = nil
  ) throws(FrameBufferError) {
    let stride = try validatedRowStride(
      rowStride, width: width, height: height, format: format, byteCount: bytes.byteCount)
    self.init(
      validated: bytes, width: width, height: height, format: format, orientation: orientation,
      rowStride: stride)
  }

  @_lifetime(copy bytes)
  init(
    validated bytes: RawSpan, width: Int, height: Int, format: PixelFormat,
    orientation: Orientation, rowStride: Int
  ) {
    self.bytes = bytes
    self.width = width
    self.height = height
    self.format = format
    self.orientation = orientation
    self.rowStride = rowStride
  }

  /// The region that is the whole stored frame.
  package var fullRegion: RegionOfInterest {
    RegionOfInterest(x: 0, y: 0, width: width, height: height)
  }
}
