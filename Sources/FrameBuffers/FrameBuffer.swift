package import EmbedderStorage

/// An image in memory.
///
/// Row-major from the top left of the stored frame, eight bits a channel. It owns its pixels, or keeps
/// whoever does. The orientation says how the stored frame is brought upright; nothing is moved until an
/// embedder reads it.
public struct FrameBuffer: Sendable {
  /// The number of columns of the stored frame.
  public let width: Int
  /// The number of rows of the stored frame.
  public let height: Int
  /// How the pixels lie in memory.
  public let format: PixelFormat
  /// How the stored frame is brought upright.
  public var orientation: Orientation
  /// The bytes from the start of one row of the first plane to the start of the next.
  public let rowStride: Int
  /// The rows that hold pixels, where only those were decoded that one resize reads; `nil` for all.
  ///
  /// Such a frame stays inside this package: what else would read it finds whatever was in its memory.
  package var sampledRows: SampledRows?
  private var memory: Memory

  /// Where the pixels are.
  private enum Memory: Sendable {
    /// Planes one after another.
    case single(SharedBytes)
    /// Luma and chroma wherever they are: both channels together, or U and V.
    case planes(luma: SharedBytes, chroma: [SharedBytes], rowStride: Int, pixelStride: Int)
  }

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
    memory = .single(storage)
    self.width = width
    self.height = height
    self.format = format
    self.orientation = orientation
  }

  /// Makes an image of luma and chroma in separate pieces of memory.
  ///
  /// - Parameters:
  ///   - luma: One byte a pixel.
  ///   - chroma: One piece with both channels, for ``PixelFormat/nv12`` and ``PixelFormat/nv21``; or U
  ///     and V, which may be views of one piece, a byte apart.
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - format: How the pixels lie in memory; where U and V are given, what ``FrameView`` makes of them.
  ///   - orientation: How the frame is brought upright.
  ///   - lumaRowStride: The bytes from one row of luma to the next; by default rows are packed.
  ///   - chromaRowStride: The same for chroma.
  ///   - chromaPixelStride: The bytes from one value of U or V to the next, 1 or 2.
  /// - Throws: ``FrameBufferError`` when the parts do not fit together.
  package init(
    luma: SharedBytes, chroma: [SharedBytes], width: Int, height: Int, format: PixelFormat,
    orientation: Orientation = .topLeft, lumaRowStride: Int? = nil, chromaRowStride: Int? = nil,
    chromaPixelStride: Int = 1
  ) throws(FrameBufferError) {
    // What a view accepts is accepted here.
    let (stride, chromaStride, found): (Int, Int, PixelFormat)
    switch chroma.count {
    case 1:
      let both = chroma[0]
      let view = try FrameView(
        luma: luma.bytes, chroma: both.bytes, width: width, height: height, format: format,
        orientation: orientation, lumaRowStride: lumaRowStride, chromaRowStride: chromaRowStride)
      (stride, chromaStride, found) = (view.rowStride, view.chromaRowStride, view.format)
    case 2:
      let (u, v) = (chroma[0], chroma[1])
      let view = try FrameView(
        y: luma.bytes, u: u.bytes, v: v.bytes, width: width, height: height,
        orientation: orientation, lumaRowStride: lumaRowStride, chromaRowStride: chromaRowStride,
        chromaPixelStride: chromaPixelStride)
      (stride, chromaStride, found) = (view.rowStride, view.chromaRowStride, view.format)
    default:
      throw .planesDoNotFit(format, planeCount: 1 + chroma.count)
    }
    rowStride = stride
    memory = .planes(
      luma: luma, chroma: chroma, rowStride: chromaStride, pixelStride: chromaPixelStride)
    self.width = width
    self.height = height
    self.format = found
    self.orientation = orientation
  }

  /// The same image with memory of its own.
  package func copied() throws(OutOfMemory) -> FrameBuffer {
    var copy = self
    switch memory {
    case .single(let bytes):
      copy.memory = .single(try SharedBytes.copies(of: [bytes])[0])
    case .planes(let luma, let chroma, let rowStride, let pixelStride):
      copy.memory = .planes(
        luma: try SharedBytes.copies(of: [luma])[0], chroma: try SharedBytes.copies(of: chroma),
        rowStride: rowStride, pixelStride: pixelStride)
    }
    return copy
  }

  /// The pixels without a copy; valid as long as the image.
  public var view: FrameView {
    @_lifetime(borrow self)
    get {
      switch memory {
      case .single(let bytes):
        var view = FrameView(
          validated: span(of: bytes), width: width, height: height, format: format,
          orientation: orientation, rowStride: rowStride)
        view.sampledRows = sampledRows
        return view
      case .planes(let luma, let chroma, let chromaRowStride, let pixelStride):
        return FrameView(
          validatedLuma: span(of: luma), span(of: chroma[0]), span(of: chroma.last ?? luma),
          isPlanar: chroma.count == 2, width: width, height: height, format: format,
          orientation: orientation, rowStride: rowStride, chromaRowStride: chromaRowStride,
          pixelStride: pixelStride)
      }
    }
  }

  /// Bytes that this image keeps.
  @_lifetime(borrow self)
  private func span(of bytes: SharedBytes) -> RawSpan {
    unsafe _overrideLifetime(bytes.bytes, borrowing: self)
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
