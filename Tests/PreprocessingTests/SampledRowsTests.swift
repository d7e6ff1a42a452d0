import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderStorage
import EmbedderTestSupport
import Testing

/// The rows that the preprocessor does not convert must be rows that libyuv does not read.
@Suite("Rows left out of the conversion")
struct SampledRowsTests {
  /// Noise that frames of all sizes are cut from.
  private static let noise: [UInt8] = {
    var generator = SeededGenerator(seed: 11)
    return generator.bytes(1_100_000)
  }()

  /// What scratch memory is filled with before each case.
  private static let poison = Array(repeating: UInt8(0x5a), count: noise.count)

  /// The sizes of one resize.
  struct Resize: Sendable, CustomTestStringConvertible {
    var sourceWidth: Int
    var sourceHeight: Int
    var width: Int
    var height: Int

    var testDescription: String { "\(sourceWidth) x \(sourceHeight) to \(width) x \(height)" }
  }

  @Test("never show, for random sizes and regions", arguments: 0..<8)
  func randomSizes(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var preprocessor = Preprocessor(encoding: .uint8)
    for _ in 0..<60 {
      let resize = randomResize(&generator)
      let padding = Int.random(in: 0...7, using: &generator)
      let margin = Int.random(in: 0...3, using: &generator)
      try expectEqual(resize, padding: padding, margin: margin, &preprocessor)
    }
  }

  @Test(
    "never show, where factors are whole", arguments: [2, 3, 4, 5, 6, 8, 16, 31, 97],
    [(1, 1), (3, 2), (5, 7)])
  func wholeFactors(factor: Int, size: (width: Int, height: Int)) throws {
    var preprocessor = Preprocessor(encoding: .uint8)
    for (sourceWidth, excess) in [
      (size.width * factor, 0), (size.width, 0), (size.width * 2, 0), (size.width * 3 + 1, 1),
    ] {
      let resize = Resize(
        sourceWidth: sourceWidth, sourceHeight: size.height * factor + excess, width: size.width,
        height: size.height)
      try expectEqual(resize, padding: 0, margin: 0, &preprocessor)
    }
  }

  @Test(
    "never show, in the tallest pictures",
    arguments: [32_768, 32_767, 32_766, 16_384], [1, 2, 3, 4, 5, 24, 224])
  func tallPictures(sourceHeight: Int, height: Int) throws {
    var preprocessor = Preprocessor(encoding: .uint8)
    for (sourceWidth, width) in [(1, 1), (2, 1), (4, 2), (5, 3), (4, 7), (6, 6)] {
      try expectEqual(
        Resize(
          sourceWidth: sourceWidth, sourceHeight: sourceHeight, width: width, height: height),
        padding: 0, margin: 0, &preprocessor)
    }
  }

  @Test(
    "never show, in the widest pictures",
    arguments: [32_768, 32_767], [1, 2, 3, 224])
  func widePictures(sourceWidth: Int, width: Int) throws {
    var preprocessor = Preprocessor(encoding: .uint8)
    for (sourceHeight, height) in [(1, 1), (2, 1), (4, 2), (5, 3), (7, 4), (6, 6)] {
      try expectEqual(
        Resize(
          sourceWidth: sourceWidth, sourceHeight: sourceHeight, width: width, height: height),
        padding: 0, margin: 0, &preprocessor)
    }
  }

  /// Expects what the full conversion gives, after filling the scratch memory with other values.
  private func expectEqual(
    _ resize: Resize, padding: Int, margin: Int, _ preprocessor: inout Preprocessor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let region = RegionOfInterest(
      x: margin, y: margin, width: resize.sourceWidth, height: resize.sourceHeight)
    let frameWidth = resize.sourceWidth + 2 * margin
    let frameHeight = resize.sourceHeight + 2 * margin
    // As many rows as the source has are all converted.
    let poison = try FrameView(
      bytes: unsafe Self.poison.span.bytes, width: resize.sourceWidth, height: resize.sourceHeight,
      format: .rgb)
    let poisonWidth = resize.sourceWidth == 1 ? 2 : 1
    _ = try preprocessor.bytes(
      of: poison, region: poison.fullRegion, width: poisonWidth, height: resize.sourceHeight)

    let frame = try FrameView(
      bytes: unsafe Self.noise.span.bytes, width: min(frameWidth, 32_768),
      height: min(frameHeight, 32_768), format: .rgb, rowStride: frameWidth * 3 + padding)
    let found = try preprocessor.bytes(
      of: frame, region: region, width: resize.width, height: resize.height)
    let expected = referencePixels(
      of: frame, region: region, width: resize.width, height: resize.height)
    #expect(
      difference(found, expected) == nil, "\(resize.testDescription)",
      sourceLocation: sourceLocation)
  }

  /// Sizes whose source fits into the noise, shrunk a lot, a little, or enlarged.
  private func randomResize(_ generator: inout SeededGenerator) -> Resize {
    let (width, height) = (
      Int.random(in: 1...40, using: &generator), Int.random(in: 1...40, using: &generator)
    )
    let sourceHeight: Int
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: sourceHeight = Int.random(in: 1...1000, using: &generator)
    case 1: sourceHeight = min(height * Int.random(in: 1...60, using: &generator), 1000)
    case 2: sourceHeight = height + Int.random(in: 0...5, using: &generator)
    default: sourceHeight = Int.random(in: 1...height, using: &generator)
    }
    let widest = min(600, (Self.noise.count / (sourceHeight + 6) - 7) / 3 - 6)
    let sourceWidth =
      Bool.random(using: &generator)
      ? Int.random(in: 1...widest, using: &generator)
      : min(width * Int.random(in: 1...10, using: &generator), widest)
    return Resize(
      sourceWidth: sourceWidth, sourceHeight: sourceHeight, width: width, height: height)
  }
}
