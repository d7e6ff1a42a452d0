import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

@Suite("Bringing frames upright")
struct PreprocessorOrientationTests {
  /// Sizes of a source and of the upright input that it is stretched to.
  private static let sizes: [(source: (Int, Int), target: (Int, Int))] = [
    ((8, 6), (8, 6)), ((6, 8), (8, 6)), ((31, 17), (8, 6)), ((5, 4), (13, 9)), ((1, 1), (3, 2)),
    ((40, 3), (1, 7)), ((16, 12), (8, 6)), ((24, 18), (6, 8)),
  ]

  @Test(
    "rearranges the pixels of the frame resized as it is stored, and changes none",
    arguments: Orientation.allCases, [3, 4])
  func permutation(orientation: Orientation, channels: Int) throws {
    var generator = SeededGenerator(seed: UInt64(orientation.rawValue))
    var preprocessor = Preprocessor(encoding: .uint8)
    for (source, target) in Self.sizes {
      let image = PixelImage(
        randomOfWidth: source.0, height: source.1, channels: channels, using: &generator)
      let (storedWidth, storedHeight) =
        orientation.swapsWidthAndHeight ? (target.1, target.0) : target
      let resized = PixelImage(
        width: storedWidth, height: storedHeight, channels: 3,
        bytes: try preprocessor.bytes(of: image, width: storedWidth, height: storedHeight))
      let expected = resized.upright(exifOrientation: Int(orientation.rawValue))
      let found = try preprocessor.bytes(
        of: image, orientation: orientation, width: target.0, height: target.1)
      #expect(difference(found, expected.bytes) == nil, "\(source) to \(target)")
    }
  }

  @Test("takes the region from the stored frame", arguments: Orientation.allCases, [3, 4])
  func region(orientation: Orientation, channels: Int) throws {
    var generator = SeededGenerator(seed: 99)
    let image = PixelImage(
      randomOfWidth: 20, height: 15, channels: channels, using: &generator)
    var preprocessor = Preprocessor(encoding: .uint8)
    for region in [
      RegionOfInterest(x: 3, y: 5, width: 8, height: 6),
      RegionOfInterest(x: 0, y: 0, width: 6, height: 8),
      RegionOfInterest(x: 19, y: 14, width: 1, height: 1),
      RegionOfInterest(x: 1, y: 2, width: 17, height: 11),
    ] {
      let cropped = image.cropped(
        x: region.x, y: region.y, width: region.width, height: region.height)
      let expected = try preprocessor.bytes(
        of: cropped, orientation: orientation, width: 8, height: 6)
      let found = try preprocessor.bytes(
        of: image, orientation: orientation, padding: 5, region: region, width: 8, height: 6)
      #expect(difference(found, expected) == nil, "\(region)")
    }
  }

  @Test("drops alpha without a trace", arguments: Orientation.allCases)
  func alpha(orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 3)
    let image = PixelImage(randomOfWidth: 21, height: 13, channels: 4, using: &generator)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(21, 13), (13, 21), (8, 6), (30, 30)] {
      let withAlpha = try preprocessor.bytes(
        of: image, orientation: orientation, width: width, height: height)
      let without = try preprocessor.bytes(
        of: image.withoutAlpha(), orientation: orientation, width: width, height: height)
      #expect(difference(withAlpha, without) == nil)
    }
  }
}
