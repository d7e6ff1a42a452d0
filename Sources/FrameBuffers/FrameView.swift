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
  /// The bytes from the start of one row of the first plane to the start of the next.
  public let rowStride: Int
  /// The bytes from one row of chroma to the next; 0 where there is none.
  public let chromaRowStride: Int

  /// The rows that hold pixels, where only those were decoded that one resize reads; `nil` for all.
  package var sampledRows: SampledRows?

  /// The pixels, or the luma of a YUV format.
  package let firstPlane: RawSpan
  /// Interleaved chroma, or U; empty for packed formats.
  package let secondPlane: RawSpan
  /// V; empty for all but triplanar formats.
  package let thirdPlane: RawSpan

  /// Looks at a frame in one piece of memory.
  ///
  /// Chroma follows the last row of luma, whose padding counts: rows of interleaved chroma are as far
  /// apart as rows of luma (a byte further where that is an odd width), rows of planar chroma half as
  /// far, rounded up.
  ///
  /// - Parameters:
  ///   - bytes: The pixels, row by row, plane by plane.
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - format: How the pixels lie in memory.
  ///   - orientation: How the frame is brought upright.
  ///   - rowStride: The bytes from one row of the first plane to the next; by default rows are packed.
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

  /// Looks at luma and interleaved chroma in two pieces of memory.
  ///
  /// - Parameters:
  ///   - luma: One byte a pixel.
  ///   - chroma: Two bytes for every two by two pixels: U and V for NV12, V and U for NV21.
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - format: ``PixelFormat/nv12`` or ``PixelFormat/nv21``.
  ///   - orientation: How the frame is brought upright.
  ///   - lumaRowStride: The bytes from one row of luma to the next; by default rows are packed.
  ///   - chromaRowStride: The same for chroma.
  /// - Throws: ``FrameBufferError`` when the parts do not fit together.
  @_lifetime(copy luma, copy chroma)
  public init(
    luma: RawSpan, chroma: RawSpan, width: Int, height: Int, format: PixelFormat,
    orientation: Orientation = .topLeft, lumaRowStride: Int? = nil, chromaRowStride: Int? = nil
  ) throws(FrameBufferError) {
    guard format.arrangement == .biplanar else {
      throw .planesDoNotFit(format, planeCount: 2)
    }
    rowStride = try validatedRowStride(
      lumaRowStride, width: width, height: height, format: .gray, byteCount: luma.byteCount)
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    self.chromaRowStride = try validatedRowStride(
      chromaRowStride, rowByteCount: 2 * chromaWidth, rowCount: chromaHeight,
      byteCount: chroma.byteCount)
    firstPlane = luma
    secondPlane = chroma
    thirdPlane = RawSpan()
    self.width = width
    self.height = height
    self.format = format
    self.orientation = orientation
  }

  /// Looks at luma and two planes of chroma in three pieces of memory.
  ///
  /// Cameras describe interleaved chroma in this way too: two planes one byte apart, with pixels two
  /// bytes apart. The view then is NV12 or NV21, whichever comes first in memory; otherwise it is
  /// ``PixelFormat/yv21``.
  ///
  /// - Parameters:
  ///   - y: Luma, one byte a pixel.
  ///   - u: The first chroma channel (blue), one value for every two by two pixels.
  ///   - v: The second (red).
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - orientation: How the frame is brought upright.
  ///   - lumaRowStride: The bytes from one row of luma to the next; by default rows are packed.
  ///   - chromaRowStride: The same for both planes of chroma.
  ///   - chromaPixelStride: The bytes from one value of chroma to the next, 1 or 2.
  /// - Throws: ``FrameBufferError`` when the parts do not fit together.
  @_lifetime(copy y, copy u, copy v)
  public init(
    y: RawSpan, u: RawSpan, v: RawSpan, width: Int, height: Int,
    orientation: Orientation = .topLeft, lumaRowStride: Int? = nil, chromaRowStride: Int? = nil,
    chromaPixelStride: Int = 1
  ) throws(FrameBufferError) {
    rowStride = try validatedRowStride(
      lumaRowStride, width: width, height: height, format: .gray, byteCount: y.byteCount)
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    switch chromaPixelStride {
    case 1:
      self.chromaRowStride = try validatedRowStride(
        chromaRowStride, rowByteCount: chromaWidth, rowCount: chromaHeight,
        byteCount: min(u.byteCount, v.byteCount))
      secondPlane = u
      thirdPlane = v
      format = .yv21
    case 2:
      let uComesFirst = unsafe u.address < v.address
      guard let both = uComesFirst ? interleaved(u, v) : interleaved(v, u) else {
        throw .chromaIsNotInterleaved
      }
      self.chromaRowStride = try validatedRowStride(
        chromaRowStride, rowByteCount: 2 * chromaWidth, rowCount: chromaHeight,
        byteCount: both.byteCount)
      secondPlane = both
      thirdPlane = RawSpan()
      format = uComesFirst ? .nv12 : .nv21
    default:
      throw .unsupportedChromaPixelStride(chromaPixelStride)
    }
    firstPlane = y
    self.width = width
    self.height = height
    self.orientation = orientation
  }

  @_lifetime(copy bytes)
  init(
    validated bytes: RawSpan, width: Int, height: Int, format: PixelFormat,
    orientation: Orientation, rowStride: Int
  ) {
    let planes = format.planes(width: width, height: height, rowStride: rowStride)
    firstPlane = bytes.extracting(planes[0].offset..<planes[0].end)
    chromaRowStride = planes.count > 1 ? planes[1].rowStride : 0
    // The view keeps U before V, whichever comes first in memory.
    let (second, third) = format == .yv12 ? (2, 1) : (1, 2)
    secondPlane =
      planes.count > 1 ? bytes.extracting(planes[second].offset..<planes[second].end) : RawSpan()
    thirdPlane =
      planes.count > 2 ? bytes.extracting(planes[third].offset..<planes[third].end) : RawSpan()
    self.width = width
    self.height = height
    self.format = format
    self.orientation = orientation
    self.rowStride = rowStride
  }

  /// Looks at planes that were looked at before, with the same numbers.
  @_lifetime(copy luma, copy first, copy second)
  init(
    validatedLuma luma: RawSpan, _ first: RawSpan, _ second: RawSpan, isPlanar: Bool, width: Int,
    height: Int, format: PixelFormat, orientation: Orientation, rowStride: Int,
    chromaRowStride: Int,
    pixelStride: Int
  ) {
    firstPlane = luma
    if !isPlanar {
      secondPlane = first
      thirdPlane = RawSpan()
    } else if pixelStride == 2 {
      let isUFirst = format == .nv12
      if let both = interleaved(isUFirst ? first : second, isUFirst ? second : first) {
        secondPlane = both
      } else {
        secondPlane = RawSpan()
      }
      thirdPlane = RawSpan()
    } else {
      secondPlane = first
      thirdPlane = second
    }
    self.width = width
    self.height = height
    self.format = format
    self.orientation = orientation
    self.rowStride = rowStride
    self.chromaRowStride = chromaRowStride
  }

  /// The region that is the whole stored frame.
  package var fullRegion: RegionOfInterest {
    RegionOfInterest(x: 0, y: 0, width: width, height: height)
  }
}

/// The one plane that two views of it, a byte apart, make together.
@_lifetime(copy first, copy second)
private func interleaved(_ first: RawSpan, _ second: RawSpan) -> RawSpan? {
  guard unsafe second.address == first.address + 1 else { return nil }
  let byteCount = max(first.byteCount, second.byteCount + 1)
  // Both views are valid, and together they cover these bytes without a gap.
  guard let start = unsafe UnsafeRawPointer(bitPattern: first.address) else { return nil }
  let whole = unsafe RawSpan(_unsafeStart: start, byteCount: byteCount)
  return unsafe _overrideLifetime(whole, copying: first)
}

extension RawSpan {
  /// Where the bytes are, for comparing places only.
  @unsafe
  fileprivate var address: UInt {
    unsafe withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }
}
