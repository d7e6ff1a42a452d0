import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

/// The antialiased preset against plain sums over areas.
@Suite("Averaging over areas")
struct AreaAverageTests {
  @Test(
    "gives each pixel the mean of what it covers, rounded to nearest",
    arguments: Orientation.allCases, [3, 4])
  func means(orientation: Orientation, channels: Int) throws {
    var generator = SeededGenerator(seed: 60 + UInt64(orientation.rawValue))
    var preprocessor = Preprocessor(encoding: .uint8, preset: .antialiasedV1)
    for _ in 0..<40 {
      let image = PixelImage(
        randomOfWidth: Int.random(in: 1...70, using: &generator),
        height: Int.random(in: 1...70, using: &generator), channels: channels, using: &generator)
      let region = randomRegion(image, &generator)
      let (width, height) = (
        Int.random(in: 1...30, using: &generator), Int.random(in: 1...30, using: &generator)
      )
      let found = try preprocessor.bytes(
        of: image, orientation: orientation, padding: Int.random(in: 0...5, using: &generator),
        region: region, width: width, height: height)
      let expected = try expectedPixels(image, orientation, region, width, height)
      #expect(
        difference(found, expected) == nil,
        "\(region) of \(image.width) x \(image.height) to \(width) x \(height)")
    }
  }

  @Test("does so for gray frames too", arguments: Orientation.allCases)
  func gray(orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 71)
    var preprocessor = Preprocessor(encoding: .uint8, preset: .antialiasedV1)
    for (width, height) in [(40, 31), (16, 50), (9, 9), (3, 100)] {
      let image = PixelImage(randomOfWidth: width, height: height, channels: 1, using: &generator)
      let frame = try FrameBuffer(
        bytes: image.padded(by: 3), width: width, height: height, format: .gray,
        orientation: orientation, rowStride: width + 3)
      let region = randomRegion(image, &generator)
      let found = try preprocessor.bytes(of: frame.view, region: region, width: 8, height: 6)
      let colored = PixelImage(
        width: width, height: height, channels: 3, bytes: image.bytes.flatMap { [$0, $0, $0] })
      let swaps = orientation.swapsWidthAndHeight
      if region.width >= (swaps ? 6 : 8), region.height >= (swaps ? 8 : 6) {
        let expected = try expectedPixels(colored, orientation, region, 8, 6)
        #expect(difference(found, expected) == nil, "\(region)")
      } else {
        // What is enlarged is enlarged as a plane, whose rounding is another.
        let shrunk = shrunk(image, region, swaps ? 6 : 8, swaps ? 8 : 6)
        let expected = try plainPixels(ofGray: shrunk, orientation, 8, 6)
        #expect(difference(found, expected) == nil, "\(region)")
      }
    }
  }

  @Test(
    "converts YUV frames to RGB first", arguments: YUVFrameTests.formats, Orientation.allCases)
  func yuv(format: PixelFormat, orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 72)
    var plain = Preprocessor(encoding: .uint8)
    var preprocessor = Preprocessor(encoding: .uint8, preset: .antialiasedV1)
    for (width, height) in [(40, 31), (17, 64), (33, 5)] {
      let picture = YUVPicture(randomOfWidth: width, height: height, using: &generator)
      let frame = try FrameBuffer(
        bytes: picture.bytes(format), width: width, height: height, format: format,
        orientation: orientation)
      var stored = frame.view
      stored.orientation = .topLeft
      for region in [
        frame.view.fullRegion, RegionOfInterest(x: 1, y: 1, width: width - 2, height: height - 3),
      ] {
        let rgb = PixelImage(
          width: region.width, height: region.height, channels: 3,
          bytes: try plain.bytes(
            of: stored, region: region, width: region.width, height: region.height))
        let found = try preprocessor.bytes(of: frame.view, region: region, width: 8, height: 6)
        let expected = try preprocessor.bytes(
          of: rgb, orientation: orientation, width: 8, height: 6)
        #expect(difference(found, expected) == nil, "\(region)")
      }
    }
  }

  @Test(
    "lays pictures on their backdrop first", arguments: [AlphaTreatment.white, .black],
    [Orientation.topLeft, .rightTop])
  func alpha(treatment: AlphaTreatment, orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 73)
    var flattening = Preprocessor(encoding: .uint8, alpha: treatment)
    var preprocessor = Preprocessor(encoding: .uint8, alpha: treatment, preset: .antialiasedV1)
    for (width, height) in [(40, 300), (19, 4), (5, 33)] {
      let image = PixelImage(randomOfWidth: width, height: height, channels: 4, using: &generator)
      let flat = PixelImage(
        width: width, height: height, channels: 3,
        bytes: try flattening.bytes(of: image, width: width, height: height))
      let found = try preprocessor.bytes(of: image, orientation: orientation, width: 8, height: 6)
      let expected = try preprocessor.bytes(of: flat, orientation: orientation, width: 8, height: 6)
      #expect(difference(found, expected) == nil)
    }
  }

  @Test("keeps every level of a flat picture", arguments: [3, 4])
  func flat(channels: Int) throws {
    var preprocessor = Preprocessor(encoding: .uint8, preset: .antialiasedV1)
    for level in UInt8.min...255 {
      let (width, height) = (Int(level) % 41 + 20, Int(level) % 37 + 15)
      let image = PixelImage(
        width: width, height: height, channels: channels,
        bytes: Array(repeating: level, count: width * height * channels))
      let found = try preprocessor.bytes(of: image, width: 19, height: 13)
      #expect(found.allSatisfy { $0 == level }, "\(level)")
    }
  }

  @Test("changes nothing where no axis is shrunk", arguments: [3, 4], Orientation.allCases)
  func enlarging(channels: Int, orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 74)
    var plain = Preprocessor(encoding: .uint8)
    var preprocessor = Preprocessor(encoding: .uint8, preset: .antialiasedV1)
    for (width, height) in [(6, 6), (3, 1), (1, 5)] {
      let image = PixelImage(
        randomOfWidth: width, height: height, channels: channels, using: &generator)
      let found = try preprocessor.bytes(of: image, orientation: orientation, width: 8, height: 6)
      let expected = try plain.bytes(of: image, orientation: orientation, width: 8, height: 6)
      #expect(difference(found, expected) == nil)
    }
    let image = PixelImage(randomOfWidth: 8, height: 6, channels: channels, using: &generator)
    #expect(
      try preprocessor.bytes(of: image, width: 8, height: 6) == image.withoutAlpha().bytes)
  }

  @Test(
    "has room for the longest sides",
    arguments: [(32768, 1), (1, 32768), (2, 32768), (257, 257), (258, 515), (1, 258), (32768, 3)])
  func longSides(width: Int, height: Int) throws {
    var generator = SeededGenerator(seed: 75)
    var preprocessor = Preprocessor(encoding: .uint8, preset: .antialiasedV1)
    let noise = PixelImage(randomOfWidth: width, height: height, channels: 3, using: &generator)
    let white = PixelImage(
      width: width, height: height, channels: 3,
      bytes: Array(repeating: 255, count: width * height * 3))
    for (targetWidth, targetHeight) in [(1, 1), (7, 1), (1, 7)] {
      for image in [noise, white] {
        let region = RegionOfInterest(x: 0, y: 0, width: width, height: height)
        let found = try preprocessor.bytes(of: image, width: targetWidth, height: targetHeight)
        let expected = try expectedPixels(image, .topLeft, region, targetWidth, targetHeight)
        #expect(difference(found, expected) == nil, "to \(targetWidth) x \(targetHeight)")
      }
    }
  }

  // MARK: What is expected

  /// The mean by area, and then, by the other preset, whatever is left to do.
  private func expectedPixels(
    _ image: PixelImage, _ orientation: Orientation, _ region: RegionOfInterest, _ width: Int,
    _ height: Int
  ) throws -> [UInt8] {
    let swaps = orientation.swapsWidthAndHeight
    var plain = Preprocessor(encoding: .uint8)
    return try plain.bytes(
      of: shrunk(image, region, swaps ? height : width, swaps ? width : height),
      orientation: orientation, width: width, height: height)
  }

  private func plainPixels(
    ofGray image: PixelImage, _ orientation: Orientation, _ width: Int, _ height: Int
  ) throws -> [UInt8] {
    var plain = Preprocessor(encoding: .uint8)
    let frame = try FrameBuffer(
      bytes: image.bytes, width: image.width, height: image.height, format: .gray,
      orientation: orientation)
    return try plain.bytes(
      of: frame.view, region: frame.view.fullRegion, width: width, height: height)
  }

  /// Each pixel of the result by the part of each source pixel that it covers; no axis grows.
  private func shrunk(
    _ image: PixelImage, _ region: RegionOfInterest, _ width: Int, _ height: Int
  ) -> PixelImage {
    let (width, height) = (min(width, region.width), min(height, region.height))
    let channels = image.channels
    var bytes: [UInt8] = []
    for row in 0..<height {
      let rows = parts(row, region.height, height)
      for column in 0..<width {
        let columns = parts(column, region.width, width)
        for channel in 0..<channels {
          var sum = 0.0
          for (y, heightPart) in rows {
            for (x, widthPart) in columns {
              let place = ((region.y + y) * image.width + region.x + x) * channels + channel
              sum += Double(image.bytes[place]) * heightPart * widthPart
            }
          }
          let area = Double(region.width * region.height) / Double(width * height)
          // Halves go up, also where the sum falls short of them by its own rounding.
          bytes.append(UInt8(sum / area + 0.5 + 1e-9))
        }
      }
    }
    return PixelImage(width: width, height: height, channels: channels, bytes: bytes)
  }

  /// The source pixels under a target pixel, and how much of each it covers.
  private func parts(_ index: Int, _ source: Int, _ target: Int) -> [(Int, Double)] {
    let scale = Double(source) / Double(target)
    let (start, end) = (Double(index) * scale, Double(index + 1) * scale)
    return (Int(start)..<min(Int(end.rounded(.up)), source)).map {
      ($0, min(Double($0 + 1), end) - max(Double($0), start))
    }
  }

  private func randomRegion(
    _ image: PixelImage, _ generator: inout SeededGenerator
  ) -> RegionOfInterest {
    let x = Int.random(in: 0..<image.width, using: &generator) / 2
    let y = Int.random(in: 0..<image.height, using: &generator) / 2
    return RegionOfInterest(
      x: x, y: y, width: Int.random(in: 1...image.width - x, using: &generator),
      height: Int.random(in: 1...image.height - y, using: &generator))
  }
}
