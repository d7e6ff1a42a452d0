import CEmbedderLibYUV
import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

@Suite("Gray frames")
struct GrayFrameTests {
  @Test("become RGB with equal channels", arguments: Orientation.allCases, [0, 5])
  func copies(orientation: Orientation, padding: Int) throws {
    let image = PixelImage(patternOfWidth: 9, height: 7, channels: 1)
    let upright = image.upright(exifOrientation: Int(orientation.rawValue))
    let found = try pixels(
      of: image, orientation, padding: padding, width: upright.width, height: upright.height)
    #expect(found == upright.bytes.flatMap { [$0, $0, $0] })
  }

  @Test(
    "give what the same image in three equal channels gives", arguments: Orientation.allCases,
    PreprocessingPreset.allCases)
  func asThreeChannels(orientation: Orientation, preset: PreprocessingPreset) throws {
    var generator = SeededGenerator(seed: 51)
    for (width, height) in [(8, 6), (31, 40), (3, 5), (200, 1), (16, 12), (640, 480)] {
      let gray = PixelImage(randomOfWidth: width, height: height, channels: 1, using: &generator)
      let color = PixelImage(
        width: width, height: height, channels: 3, bytes: gray.bytes.flatMap { [$0, $0, $0] })
      let found = try pixels(
        of: gray, orientation, padding: 3, width: 16, height: 12, preset: preset)
      let expected = try pixels(
        of: color, orientation, padding: 5, width: 16, height: 12, preset: preset)
      #expect(difference(found, expected) == nil)
    }
  }

  private func pixels(
    of image: PixelImage, _ orientation: Orientation, padding: Int, width: Int, height: Int,
    preset: PreprocessingPreset = .taskLibraryV1
  ) throws -> [UInt8] {
    var preprocessor = Preprocessor(encoding: .uint8, preset: preset)
    let frame = try FrameBuffer(
      bytes: image.padded(by: padding), width: image.width, height: image.height,
      format: image.channels == 1 ? .gray : .rgb, orientation: orientation,
      rowStride: image.width * image.channels + padding)
    return try preprocessor.bytes(
      of: frame.view, region: frame.view.fullRegion, width: width, height: height)
  }
}

@Suite("Transparency")
struct AlphaTreatmentTests {
  @Test(
    "lays the picture on white or black, rounded to nearest",
    arguments: [AlphaTreatment.white, .black])
  func backdrop(treatment: AlphaTreatment) throws {
    // Every level of one channel with every alpha.
    var bytes: [UInt8] = []
    for level in UInt8.min...255 {
      for alpha in UInt8.min...255 { bytes += [level, 255 - level, 128, alpha] }
    }
    let image = PixelImage(width: 256, height: 256, channels: 4, bytes: bytes)
    let backdrop = treatment == .white ? 255.0 : 0.0
    var preprocessor = Preprocessor(encoding: .uint8, alpha: treatment)
    let found = try preprocessor.bytes(of: image, width: 256, height: 256)
    // Ties cannot occur: 255 is odd.
    var wrongCount = 0
    for pixel in 0..<256 * 256 {
      let alpha = Double(bytes[4 * pixel + 3]) / 255
      for channel in 0..<3 {
        let level = Double(bytes[4 * pixel + channel])
        let expected = (level * alpha + backdrop * (1 - alpha)).rounded()
        if Double(found[3 * pixel + channel]) != expected { wrongCount += 1 }
      }
    }
    #expect(wrongCount == 0)
  }

  @Test("changes nothing where all is opaque", arguments: AlphaTreatment.allCases)
  func opaque(treatment: AlphaTreatment) throws {
    var generator = SeededGenerator(seed: 52)
    var image = PixelImage(randomOfWidth: 33, height: 21, channels: 4, using: &generator)
    for place in stride(from: 3, to: image.bytes.count, by: 4) { image.bytes[place] = 255 }
    var preprocessor = Preprocessor(encoding: .uint8, alpha: treatment)
    for (width, height) in [(33, 21), (8, 6), (50, 40)] {
      let found = try preprocessor.bytes(of: image, width: width, height: height)
      let expected = try preprocessor.bytes(
        of: image.withoutAlpha(), width: width, height: height)
      #expect(difference(found, expected) == nil)
    }
  }

  @Test(
    "is laid on the backdrop before the picture is resized",
    arguments: [AlphaTreatment.white, .black])
  func order(treatment: AlphaTreatment) throws {
    var generator = SeededGenerator(seed: 53)
    var preprocessor = Preprocessor(encoding: .uint8, alpha: treatment)
    for (width, height) in [(40, 300), (9, 9), (3, 2)] {
      let image = PixelImage(
        randomOfWidth: width, height: height, channels: 4, using: &generator)
      let flat = PixelImage(
        width: width, height: height, channels: 3,
        bytes: try preprocessor.bytes(of: image, width: width, height: height))
      let found = try preprocessor.bytes(of: image, orientation: .leftTop, width: 8, height: 6)
      let expected = try preprocessor.bytes(of: flat, orientation: .leftTop, width: 8, height: 6)
      #expect(difference(found, expected) == nil)
    }
  }
}
