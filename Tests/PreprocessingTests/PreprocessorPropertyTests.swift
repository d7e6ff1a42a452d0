import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

#if arch(x86_64)
/// The rules hold for libyuv's vector code on x86; other processors round a little differently.
@Suite("Any frame")
struct PreprocessorPropertyTests {
  @Test(
    "becomes what the reference's rules make of it", arguments: PixelFormat.allCases, 0..<5)
  func rules(format: PixelFormat, seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var preprocessor = Preprocessor(encoding: .uint8)
    var compared = 0
    for _ in 0..<40 {
      let orientation = Orientation.allCases.randomElement(using: &generator) ?? .topLeft
      let (width, height) = (side(1...30, &generator), side(1...30, &generator))
      let stored = orientation.swapsWidthAndHeight ? (height, width) : (width, height)
      let region = RegionOfInterest(
        x: side(0...5, &generator), y: side(0...5, &generator),
        width: source(of: stored.0, &generator), height: source(of: stored.1, &generator))
      let picture = ReferencePicture(
        randomOfWidth: region.x + region.width + side(0...5, &generator),
        height: region.y + region.height + side(0...5, &generator), format: format,
        using: &generator)
      let stride =
        picture.width * format.bytesPerPixel
        + (Bool.random(using: &generator) ? side(1...9, &generator) : 0)
      guard
        let expected = picture.upright(orientation, region: region, width: width, height: height)
      else { continue }
      let frame = try FrameBuffer(
        bytes: picture.bytes(rowStride: stride), width: picture.width, height: picture.height,
        format: format, orientation: orientation, rowStride: stride)
      let found = try preprocessor.bytes(
        of: frame.view, region: region, width: width, height: height)
      #expect(
        difference(found, expected.bytes) == nil,
        "\(orientation) \(region) to \(width) x \(height), rows of \(stride) bytes")
      compared += 1
    }
    #expect(compared > 30)
  }

  /// A length from which `length` is made: any, or one in a simple ratio.
  private func source(of length: Int, _ generator: inout SeededGenerator) -> Int {
    switch side(0...7, &generator) {
    case 0: length
    case 1: length * 2
    case 2: length * 3
    case 3: length * 4
    case 4: (length + 1) / 2
    default: side(1...60, &generator)
    }
  }

  private func side(_ range: ClosedRange<Int>, _ generator: inout SeededGenerator) -> Int {
    Int.random(in: range, using: &generator)
  }
}
#endif
