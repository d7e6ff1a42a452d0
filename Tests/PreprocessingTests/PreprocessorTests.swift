import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

@Suite("Preprocessor")
struct PreprocessorTests {
  @Test("copies pixels that are already of the input's size", arguments: [3, 4], [0, 1, 20])
  func copies(channels: Int, padding: Int) throws {
    let image = PixelImage(patternOfWidth: 8, height: 6, channels: channels)
    var preprocessor = Preprocessor(encoding: .uint8)
    let found = try preprocessor.bytes(of: image, padding: padding, width: 8, height: 6)
    #expect(found == image.withoutAlpha().bytes)
  }

  @Test("copies a region that is of the input's size", arguments: [3, 4], [0, 7])
  func copiesRegions(channels: Int, padding: Int) throws {
    let image = PixelImage(patternOfWidth: 20, height: 15, channels: channels)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (x, y) in [(0, 0), (12, 9), (5, 3)] {
      let found = try preprocessor.bytes(
        of: image, padding: padding, region: RegionOfInterest(x: x, y: y, width: 8, height: 6),
        width: 8, height: 6)
      let expected = image.cropped(x: x, y: y, width: 8, height: 6).withoutAlpha()
      #expect(found == expected.bytes)
    }
  }

  @Test("does not see the padding of rows", arguments: [3, 4], [1, 2, 13])
  func padding(channels: Int, padding: Int) throws {
    let image = PixelImage(patternOfWidth: 23, height: 19, channels: channels)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(8, 6), (23, 6), (23, 19), (40, 40)] {
      let packed = try preprocessor.bytes(of: image, width: width, height: height)
      let padded = try preprocessor.bytes(
        of: image, padding: padding, width: width, height: height)
      #expect(difference(padded, packed) == nil)
    }
  }

  @Test("does not see pixels outside the region", arguments: [3, 4])
  func outside(channels: Int) throws {
    var generator = SeededGenerator(seed: 12)
    var image = PixelImage(randomOfWidth: 30, height: 20, channels: channels, using: &generator)
    let region = RegionOfInterest(x: 7, y: 4, width: 13, height: 11)
    var preprocessor = Preprocessor(encoding: .uint8)
    let first = try preprocessor.bytes(of: image, region: region, width: 8, height: 6)
    for y in 0..<20 {
      for x in 0..<30 where !(7..<20).contains(x) || !(4..<15).contains(y) {
        for channel in 0..<channels { image.bytes[(y * 30 + x) * channels + channel] ^= 0xff }
      }
    }
    let second = try preprocessor.bytes(of: image, region: region, width: 8, height: 6)
    #expect(first == second)
  }

  @Test("gives the reference's calls for RGBA frames of random sizes", arguments: 0..<4)
  func rgba(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(100 + seed))
    var preprocessor = Preprocessor(encoding: .uint8)
    for _ in 0..<25 {
      let image = PixelImage(
        randomOfWidth: Int.random(in: 1...60, using: &generator),
        height: Int.random(in: 1...60, using: &generator), channels: 4, using: &generator)
      let (width, height) = (
        Int.random(in: 1...40, using: &generator), Int.random(in: 1...40, using: &generator)
      )
      let frame = try FrameBuffer(
        bytes: image.bytes, width: image.width, height: image.height, format: .rgba)
      let found = try preprocessor.bytes(of: image, width: width, height: height)
      let expected = referencePixels(
        of: frame.view, region: frame.view.fullRegion, width: width, height: height)
      #expect(
        difference(found, expected) == nil,
        "\(image.width) x \(image.height) to \(width) x \(height)")
    }
  }

  @Test("gives the same whatever it was used for before")
  func independence() throws {
    var generator = SeededGenerator(seed: 17)
    let images = [(90, 70, 3), (5, 4, 4), (31, 80, 3), (64, 64, 4), (8, 6, 3)].map {
      PixelImage(randomOfWidth: $0.0, height: $0.1, channels: $0.2, using: &generator)
    }
    var used = Preprocessor(encoding: .uint8)
    for _ in 0..<60 {
      let image = images.randomElement(using: &generator) ?? images[0]
      let orientation = Orientation.allCases.randomElement(using: &generator) ?? .topLeft
      var fresh = Preprocessor(encoding: .uint8)
      let found = try used.bytes(of: image, orientation: orientation, width: 8, height: 6)
      let expected = try fresh.bytes(of: image, orientation: orientation, width: 8, height: 6)
      #expect(difference(found, expected) == nil)
    }
  }

  @Test("is usable after an error as before")
  func recovery() throws {
    let image = PixelImage(patternOfWidth: 30, height: 20, channels: 3)
    var preprocessor = Preprocessor(encoding: .uint8)
    let before = try preprocessor.bytes(of: image, width: 8, height: 6)
    let region = RegionOfInterest(x: 25, y: 0, width: 6, height: 1)
    #expect(throws: PreprocessingError.frame(.regionOutside(region, width: 30, height: 20))) {
      try preprocessor.bytes(of: image, region: region, width: 8, height: 6)
    }
    #expect(try preprocessor.bytes(of: image, width: 8, height: 6) == before)
  }

  @Test(
    "refuses regions of extreme numbers without a trap",
    arguments: [Int.min, -1, 30, 31, .max], [Int.min, -1, 0, 1, 31, .max])
  func extremeRegions(start: Int, count: Int) {
    let image = PixelImage(patternOfWidth: 30, height: 20, channels: 3)
    var preprocessor = Preprocessor(encoding: .uint8)
    for region in [
      RegionOfInterest(x: start, y: 0, width: count, height: 1),
      RegionOfInterest(x: 0, y: start, width: 1, height: count),
      RegionOfInterest(x: start, y: start, width: count, height: count),
      RegionOfInterest(x: count, y: count, width: start, height: start),
    ] {
      #expect(throws: PreprocessingError.frame(.regionOutside(region, width: 30, height: 20))) {
        try preprocessor.bytes(of: image, region: region, width: 8, height: 6)
      }
    }
  }

  @Test(
    "does not mind what the stride of a single row is", arguments: [Int.max, 1 << 40, 24, 0, -1])
  func strideOfOneRow(stride: Int) throws {
    let image = PixelImage(patternOfWidth: 8, height: 1, channels: 3)
    let frame = try FrameBuffer(
      bytes: image.bytes, width: 8, height: 1, format: .rgb, rowStride: stride)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(8, 1), (4, 1), (8, 6)] {
      let found = try preprocessor.bytes(
        of: frame.view, region: frame.view.fullRegion, width: width, height: height)
      #expect(try preprocessor.bytes(of: image, width: width, height: height) == found)
    }
  }

  @Test("explains its errors")
  func texts() {
    let region = FrameBufferError.invalidDimensions(width: 0, height: 1)
    #expect("\(PreprocessingError.frame(region))" == "\(region)")
    let step = "\(PreprocessingError.stepFailed(function: "ARGBScale", status: -1))"
    #expect(step.contains("ARGBScale") && step.contains("-1"))
  }
}
