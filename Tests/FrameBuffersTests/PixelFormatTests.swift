import EmbedderFrameBuffers
import Testing

@Suite("Pixel formats")
struct PixelFormatTests {
  @Test(
    "have a size in memory, chroma halved and rounded up",
    arguments: [
      (4, 2, 24, 32, 8, 12, 12),
      (5, 3, 45, 60, 15, 27, 27),
      (1, 1, 3, 4, 1, 3, 3),
      (2, 1, 6, 8, 2, 4, 4),
      (1, 2, 6, 8, 2, 4, 4),
    ])
  func byteCounts(
    width: Int, height: Int, rgb: Int, rgba: Int, gray: Int, interleaved: Int, planar: Int
  ) throws {
    let expected: [(PixelFormat, Int)] = [
      (.rgb, rgb), (.rgba, rgba), (.gray, gray), (.nv12, interleaved), (.nv21, interleaved),
      (.yv12, planar), (.yv21, planar),
    ]
    #expect(expected.map(\.0) == PixelFormat.allCases)
    for (format, byteCount) in expected {
      #expect(try format.byteCount(width: width, height: height) == byteCount, "\(format)")
    }
  }

  @Test(
    "have no size for sides that no frame has", arguments: PixelFormat.allCases,
    [(0, 1), (1, 0), (-1, 1), (32_769, 1), (.max, .max), (.min, 1)])
  func invalidSides(format: PixelFormat, side: (width: Int, height: Int)) {
    let expected = FrameBufferError.invalidDimensions(width: side.width, height: side.height)
    #expect(throws: expected) { try format.byteCount(width: side.width, height: side.height) }
  }

  @Test("have a size for the largest frames", arguments: PixelFormat.allCases)
  func largestSize(format: PixelFormat) throws {
    let luma = format.bytesPerPixel << 30
    let chroma = format.arrangement == .packed ? 0 : 1 << 29
    #expect(try format.byteCount(width: 32_768, height: 32_768) == luma + chroma)
  }
}
