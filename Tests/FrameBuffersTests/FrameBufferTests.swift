import EmbedderFrameBuffers
import EmbedderTestSupport
import Testing

/// What a caller says of an image.
struct FrameDescription: Sendable {
  var byteCount: Int
  var width: Int
  var height: Int
  var format = PixelFormat.rgb
  var rowStride: Int?
}

@Suite("Frame buffers and views")
struct FrameBufferTests {
  @Test("keep what they were made of", arguments: [PixelFormat.rgb, .rgba, .gray], [0, 5])
  func properties(format: PixelFormat, padding: Int) throws {
    let image = PixelImage(patternOfWidth: 4, height: 3, channels: format.bytesPerPixel)
    let bytes = image.padded(by: padding)
    let stride = 4 * image.channels + padding
    let frame = try FrameBuffer(
      bytes: bytes, width: 4, height: 3, format: format, orientation: .leftTop,
      rowStride: padding == 0 ? nil : stride)
    #expect(frame.width == 4)
    #expect(frame.height == 3)
    #expect(frame.format == format)
    #expect(frame.orientation == .leftTop)
    #expect(frame.rowStride == stride)
    let view = frame.view
    let viewBytes = Array(copying: view.firstPlane)
    let region = view.fullRegion
    let (viewStride, viewOrientation) = (view.rowStride, view.orientation)
    // Behind the last row nothing counts.
    #expect(viewBytes == Array(bytes.dropLast(padding)))
    #expect(viewStride == stride)
    #expect(viewOrientation == .leftTop)
    #expect(region == RegionOfInterest(x: 0, y: 0, width: 4, height: 3))
  }

  @Test("are upright unless they say otherwise")
  func defaultOrientation() throws {
    let frame = try FrameBuffer(bytes: [1, 2, 3], width: 1, height: 1, format: .rgb)
    #expect(frame.orientation == .topLeft)
  }

  @Test("take over an array without copying it")
  func uncopied() throws {
    let bytes = [UInt8](0..<12)
    let frame = try FrameBuffer(bytes: bytes, width: 2, height: 2, format: .rgb)
    let original = unsafe address(of: bytes.span.bytes)
    #expect(address(of: frame.view.firstPlane) == original)
  }

  @Test("may have an orientation given later")
  func changedOrientation() throws {
    var frame = try FrameBuffer(bytes: [1, 2, 3], width: 1, height: 1, format: .rgb)
    frame.orientation = .rightTop
    let orientation = frame.view.orientation
    #expect(orientation == .rightTop)
  }

  @Test(
    "have sides of 1 to 32768",
    arguments: [
      (0, 1), (1, 0), (-1, 1), (1, -1), (32_769, 1), (1, 32_769), (.max, 1), (1, .max), (.min, 1),
      (.max, .max), (.min, .min),
    ])
  func dimensions(width: Int, height: Int) {
    let description = FrameDescription(byteCount: 100, width: width, height: height)
    expect(.invalidDimensions(width: width, height: height), of: description)
  }

  @Test("may be as long as the longest side", arguments: [(32_768, 1), (1, 32_768)])
  func longestSides(width: Int, height: Int) throws {
    #expect(FrameBufferError.longestSide == 32_768)
    for format in PixelFormat.allCases {
      expect(
        nil,
        of: FrameDescription(
          byteCount: 4 * 32_768, width: width, height: height, format: format))
    }
  }

  @Test(
    "have rows that do not overlap",
    arguments: [(PixelFormat.rgb, 12), (.rgba, 16)], [0, 1, -1, 11, Int.min, -Int.max])
  func overlappingRows(row: (format: PixelFormat, byteCount: Int), stride: Int) {
    expect(
      .strideTooSmall(found: stride, needed: row.byteCount),
      of: FrameDescription(
        byteCount: 1000, width: 4, height: 3, format: row.format, rowStride: stride))
  }

  @Test(
    "have all their bytes",
    arguments: [
      (FrameDescription(byteCount: 0, width: 4, height: 3), 36),
      (FrameDescription(byteCount: 35, width: 4, height: 3), 36),
      (FrameDescription(byteCount: 47, width: 4, height: 3, format: .rgba), 48),
      (FrameDescription(byteCount: 51, width: 4, height: 3, rowStride: 20), 52),
    ])
  func tooFewBytes(description: FrameDescription, needed: Int) {
    expect(.tooFewBytes(found: description.byteCount, needed: needed), of: description)
  }

  @Test(
    "need no padding behind the last row, and do not mind bytes behind it",
    arguments: [
      FrameDescription(byteCount: 36, width: 4, height: 3),
      FrameDescription(byteCount: 37, width: 4, height: 3),
      FrameDescription(byteCount: 52, width: 4, height: 3, rowStride: 20),
      FrameDescription(byteCount: 60, width: 4, height: 3, rowStride: 20),
    ])
  func enoughBytes(description: FrameDescription) {
    expect(nil, of: description)
  }

  @Test(
    "refuse strides that the image library cannot count, without a trap",
    arguments: [Int.max, .max - 1, .max / 2, 1 << 62, 1 << 32, 1 << 31], [2, 3, 32_768])
  func giganticStrides(stride: Int, height: Int) {
    expect(
      .strideTooLarge(found: stride),
      of: FrameDescription(byteCount: 100, width: 4, height: height, rowStride: stride))
  }

  @Test("may have the longest stride that the image library counts")
  func longestStride() {
    let stride = Int(Int32.max)
    expect(
      .tooFewBytes(found: 100, needed: stride * 32_767 + 12),
      of: FrameDescription(byteCount: 100, width: 4, height: 32_768, rowStride: stride))
  }

  @Test(
    "of one row have no use for a stride, whatever it is",
    arguments: [Int.max, 1 << 32, 13, 12, 11, 0, -1, .min])
  func strideOfOneRow(stride: Int) throws {
    expect(nil, of: FrameDescription(byteCount: 12, width: 4, height: 1, rowStride: stride))
    let frame = try FrameBuffer(
      bytes: Array(repeating: 0, count: 12), width: 4, height: 1, format: .rgb, rowStride: stride)
    #expect(frame.rowStride == 12)
  }

  @Test("explain what does not fit together")
  func texts() {
    #expect("\(FrameBufferError.invalidDimensions(width: 0, height: 5))".contains("0 x 5"))
    let tooFew = "\(FrameBufferError.tooFewBytes(found: 35, needed: 36))"
    #expect(tooFew.contains("35") && tooFew.contains("36"))
    let overlap = "\(FrameBufferError.strideTooSmall(found: 11, needed: 12))"
    #expect(overlap.contains("11") && overlap.contains("12"))
    let gigantic = "\(FrameBufferError.strideTooLarge(found: 1 << 40))"
    #expect(gigantic.contains("1099511627776") && gigantic.contains("2147483647"))
  }

  /// Expects that a buffer and a view of the description are made, or fail with `error`, alike.
  private func expect(
    _ error: FrameBufferError?, of description: FrameDescription,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bytes = Array(repeating: UInt8(0), count: description.byteCount)
    #expect(
      bufferError(description, bytes) == error, "buffer", sourceLocation: sourceLocation)
    #expect(viewError(description, bytes) == error, "view", sourceLocation: sourceLocation)
  }

  private func bufferError(_ description: FrameDescription, _ bytes: [UInt8]) -> FrameBufferError? {
    do {
      _ = try FrameBuffer(
        bytes: bytes, width: description.width, height: description.height,
        format: description.format, rowStride: description.rowStride)
      return nil
    } catch {
      return error
    }
  }

  private func viewError(_ description: FrameDescription, _ bytes: [UInt8]) -> FrameBufferError? {
    do {
      _ = try FrameView(
        bytes: unsafe bytes.span.bytes, width: description.width, height: description.height,
        format: description.format, rowStride: description.rowStride)
      return nil
    } catch {
      return error
    }
  }
}
