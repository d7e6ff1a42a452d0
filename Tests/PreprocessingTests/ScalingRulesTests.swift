import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

#if arch(x86_64)
/// The rules hold for libyuv's vector code on x86; other processors round a little differently.
@Suite("Scaling rules")
struct ScalingRulesTests {
  @Test("give what libyuv gives, for random sizes", arguments: 0..<10)
  func randomSizes(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var preprocessor = Preprocessor(encoding: .uint8)
    for _ in 0..<25 {
      let source = PixelImage(
        randomOfWidth: Int.random(in: 1...60, using: &generator),
        height: Int.random(in: 1...60, using: &generator), channels: 3, using: &generator)
      try expectRules(
        source, width: Int.random(in: 1...30, using: &generator),
        height: Int.random(in: 1...30, using: &generator), &preprocessor)
    }
  }

  @Test("give what libyuv gives, for all small sizes", arguments: 1...6)
  func smallSizes(sourceWidth: Int) throws {
    var generator = SeededGenerator(seed: UInt64(sourceWidth))
    var preprocessor = Preprocessor(encoding: .uint8)
    for sourceHeight in 1...6 {
      let source = PixelImage(
        randomOfWidth: sourceWidth, height: sourceHeight, channels: 3, using: &generator)
      for width in 1...7 {
        for height in 1...7 { try expectRules(source, width: width, height: height, &preprocessor) }
      }
    }
  }

  @Test("give what libyuv gives, for whole factors", arguments: 1...8, 1...8)
  func wholeFactors(horizontal: Int, vertical: Int) throws {
    var generator = SeededGenerator(seed: UInt64(horizontal * 8 + vertical))
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(1, 1), (4, 3), (7, 5)] {
      let source = PixelImage(
        randomOfWidth: width * horizontal, height: height * vertical, channels: 3,
        using: &generator)
      try expectRules(source, width: width, height: height, &preprocessor)
      let enlarged = PixelImage(
        randomOfWidth: width, height: height, channels: 3, using: &generator)
      try expectRules(
        enlarged, width: width * horizontal, height: height * vertical, &preprocessor)
    }
  }

  @Test(
    "darken a flat picture where columns are blended, and only there",
    arguments: [
      ((5, 5), (3, 3), 253),  // blended both ways
      ((5, 6), (3, 6), 253),  // columns only
      ((5, 6), (5, 4), 255),  // rows only
      ((3, 3), (5, 5), 253),  // enlarged
      ((10, 10), (5, 5), 255),  // 2 x 2 boxes
      ((15, 15), (5, 5), 255),  // single pixels
      ((5, 5), (5, 5), 255),  // a copy
    ])
  func flatPicture(source: (Int, Int), target: (Int, Int), expected: UInt8) throws {
    let flat = PixelImage(
      width: source.0, height: source.1, channels: 3,
      bytes: Array(repeating: 255, count: source.0 * source.1 * 3))
    var preprocessor = Preprocessor(encoding: .uint8)
    let found = try preprocessor.bytes(of: flat, width: target.0, height: target.1)
    #expect(Set(found) == [expected])
  }

  private func expectRules(
    _ source: PixelImage, width: Int, height: Int, _ preprocessor: inout Preprocessor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try preprocessor.bytes(of: source, width: width, height: height)
    let expected = ReferenceScaler.scaled(source, width: width, height: height)
    #expect(
      difference(found, expected.bytes) == nil,
      "\(source.width) x \(source.height) to \(width) x \(height)",
      sourceLocation: sourceLocation)
  }
}
#endif
