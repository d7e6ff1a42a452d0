import EmbedderFrameBuffers
import EmbedderTestSupport
import Testing

@Suite("Views of frames in planes")
struct FrameViewPlanesTests {
  /// The planes of a view as arrays.
  private struct Planes: Hashable {
    var first: [UInt8]
    var second: [UInt8]
    var third: [UInt8]
    var rowStride: Int
    var chromaRowStride: Int

    init(_ view: borrowing FrameView) {
      first = Array(copying: view.firstPlane)
      second = Array(copying: view.secondPlane)
      third = Array(copying: view.thirdPlane)
      rowStride = view.rowStride
      chromaRowStride = view.chromaRowStride
    }
  }

  private let numbers = [UInt8](0..<80)

  @Test("find interleaved chroma behind luma", arguments: [PixelFormat.nv12, .nv21])
  func biplanar(format: PixelFormat) throws {
    let even = try planes(byteCount: 24, width: 4, height: 4, format: format)
    #expect(even.first == [UInt8](0..<16))
    #expect(even.second == [UInt8](16..<24))
    #expect(even.third == [])
    #expect(even.chromaRowStride == 4)
    // An odd width: rows of chroma are a byte longer than rows of luma.
    let odd = try planes(byteCount: 27, width: 5, height: 3, format: format)
    #expect(odd.first == [UInt8](0..<15))
    #expect(odd.second == [UInt8](15..<27))
    #expect(odd.chromaRowStride == 6)
    // Padded rows: chroma is padded alike, and begins behind the padding.
    let padded = try planes(byteCount: 38, width: 5, height: 3, format: format, rowStride: 8)
    #expect(padded.first == [UInt8](0..<21))
    #expect(padded.second == [UInt8](24..<38))
    #expect(padded.chromaRowStride == 8)
  }

  @Test("find planes of chroma behind luma, U first in the view")
  func triplanar() throws {
    let yv21 = try planes(byteCount: 27, width: 5, height: 3, format: .yv21)
    #expect(yv21.first == [UInt8](0..<15))
    #expect(yv21.second == [UInt8](15..<21))
    #expect(yv21.third == [UInt8](21..<27))
    #expect(yv21.chromaRowStride == 3)
    let yv12 = try planes(byteCount: 27, width: 5, height: 3, format: .yv12)
    #expect(yv12.second == yv21.third)
    #expect(yv12.third == yv21.second)
    let padded = try planes(byteCount: 39, width: 5, height: 3, format: .yv21, rowStride: 8)
    #expect(padded.second == [UInt8](24..<31))
    #expect(padded.third == [UInt8](32..<39))
    #expect(padded.chromaRowStride == 4)
  }

  @Test("need all their bytes, the last row's padding apart", arguments: PixelFormat.allCases)
  func byteCounts(format: PixelFormat) throws {
    for (width, height) in [(4, 4), (5, 3), (1, 1), (2, 3)] {
      let needed = try format.byteCount(width: width, height: height)
      _ = try planes(byteCount: needed, width: width, height: height, format: format)
      #expect(throws: FrameBufferError.tooFewBytes(found: needed - 1, needed: needed)) {
        try planes(byteCount: needed - 1, width: width, height: height, format: format)
      }
    }
  }

  @Test("are made of luma and interleaved chroma in two places")
  func twoPieces() throws {
    let (luma, chroma) = (numbers[..<15], numbers[20..<32])
    let view = try planes(luma: Array(luma), chroma: Array(chroma), format: .nv21)
    let whole = try planes(
      bytes: Array(luma + chroma), width: 5, height: 3, format: .nv21, rowStride: nil)
    #expect(view == whole)
  }

  @Test(
    "are not made of two pieces for other formats",
    arguments: PixelFormat.allCases.filter { $0.arrangement != .biplanar })
  func twoPiecesOfOthers(format: PixelFormat) {
    #expect(throws: FrameBufferError.planesDoNotFit(format, planeCount: 2)) {
      try planes(luma: numbers, chroma: numbers, format: format)
    }
  }

  @Test("hold each of two pieces against its size and stride")
  func twoPieceErrors() {
    #expect(throws: FrameBufferError.tooFewBytes(found: 14, needed: 15)) {
      try planes(luma: Array(numbers[..<14]), chroma: numbers, format: .nv12)
    }
    #expect(throws: FrameBufferError.tooFewBytes(found: 11, needed: 12)) {
      try planes(luma: numbers, chroma: Array(numbers[..<11]), format: .nv12)
    }
    #expect(throws: FrameBufferError.strideTooSmall(found: 4, needed: 5)) {
      try planes(luma: numbers, chroma: numbers, format: .nv12, lumaRowStride: 4)
    }
    #expect(throws: FrameBufferError.strideTooSmall(found: 5, needed: 6)) {
      try planes(luma: numbers, chroma: numbers, format: .nv12, chromaRowStride: 5)
    }
    for stride in [Int.max, 1 << 31] {
      #expect(throws: FrameBufferError.strideTooLarge(found: stride)) {
        try planes(luma: numbers, chroma: numbers, format: .nv12, chromaRowStride: stride)
      }
    }
  }

  @Test("are made of three planes")
  func threePieces() throws {
    let (y, u, v) = (Array(numbers[..<15]), Array(numbers[20..<26]), Array(numbers[30..<36]))
    let view = try FrameView(
      y: unsafe y.span.bytes, u: unsafe u.span.bytes, v: unsafe v.span.bytes, width: 5, height: 3)
    let format = view.format
    let planes = Planes(view)
    #expect(format == .yv21)
    #expect(planes == (try self.planes(bytes: y + u + v, width: 5, height: 3, format: .yv21)))
  }

  @Test(
    "recognise two views of interleaved chroma, whichever begins first", arguments: [true, false])
  func interleaved(uComesFirst: Bool) throws {
    let (y, chroma) = (Array(numbers[..<15]), Array(numbers[20..<32]))
    let bytes = unsafe chroma.span.bytes
    let first = bytes.extracting(0..<11)
    let second = bytes.extracting(1..<12)
    let view =
      uComesFirst
      ? try FrameView(
        y: unsafe y.span.bytes, u: first, v: second, width: 5, height: 3, chromaRowStride: 6,
        chromaPixelStride: 2)
      : try FrameView(
        y: unsafe y.span.bytes, u: second, v: first, width: 5, height: 3, chromaRowStride: 6,
        chromaPixelStride: 2)
    let format = view.format
    let planes = Planes(view)
    #expect(format == (uComesFirst ? .nv12 : .nv21))
    #expect(planes.second == chroma)
    #expect(planes.third == [])
  }

  @Test("refuse chroma that is neither planar nor interleaved")
  func otherChroma() {
    let (u, v) = (Array(numbers[..<12]), Array(numbers[12..<24]))
    #expect(throws: FrameBufferError.chromaIsNotInterleaved) {
      try threePlanes(u: u, v: v, chromaPixelStride: 2)
    }
    for stride in [0, -1, 3, .max, .min] {
      #expect(throws: FrameBufferError.unsupportedChromaPixelStride(stride)) {
        try threePlanes(u: u, v: v, chromaPixelStride: stride)
      }
    }
    #expect(throws: FrameBufferError.tooFewBytes(found: 5, needed: 6)) {
      try threePlanes(u: u, v: Array(v[..<5]), chromaPixelStride: 1)
    }
  }

  private func threePlanes(u: [UInt8], v: [UInt8], chromaPixelStride: Int) throws {
    _ = try FrameView(
      y: unsafe numbers.span.bytes, u: unsafe u.span.bytes, v: unsafe v.span.bytes, width: 5,
      height: 3, chromaPixelStride: chromaPixelStride)
  }

  @discardableResult
  private func planes(
    luma: [UInt8], chroma: [UInt8], format: PixelFormat, lumaRowStride: Int? = nil,
    chromaRowStride: Int? = nil
  ) throws -> Planes {
    Planes(
      try FrameView(
        luma: unsafe luma.span.bytes, chroma: unsafe chroma.span.bytes, width: 5, height: 3,
        format: format, lumaRowStride: lumaRowStride, chromaRowStride: chromaRowStride))
  }

  @discardableResult
  private func planes(
    byteCount: Int, width: Int, height: Int, format: PixelFormat, rowStride: Int? = nil
  ) throws -> Planes {
    try planes(
      bytes: Array(numbers[..<byteCount]), width: width, height: height, format: format,
      rowStride: rowStride)
  }

  private func planes(
    bytes: [UInt8], width: Int, height: Int, format: PixelFormat, rowStride: Int? = nil
  ) throws -> Planes {
    Planes(
      try FrameView(
        bytes: unsafe bytes.span.bytes, width: width, height: height, format: format,
        rowStride: rowStride))
  }
}
