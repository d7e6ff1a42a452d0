import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Models of dynamic size", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct DynamicModelTests {
  private static let sizes = [(9, 7), (1, 1), (61, 47), (9, 7), (2, 33), (33, 2), (64, 48), (1, 1)]

  @Test(
    "take pictures of any size and orientation in turn",
    arguments: ["dynamic_float", "dynamic_input_not_first"])
  func sizesAndOrientations(model: String) throws {
    let embedder = try makeEmbedder(model)
    #expect(embedder.embeddingDimension(of: 0) == 3)
    for (width, height) in Self.sizes {
      let image = PixelImage(patternOfWidth: width, height: height, channels: 3)
      let expected = means(image.bytes).map { Float(($0 - 127.5) / 127.5) }
      for orientation in Orientation.allCases {
        let found = try embedder.floats(image.frame(orientation))
        // Sums of up to 3072 floats.
        #expect(
          difference(found, expected, tolerance: 1e-6) == nil, "\(width) x \(height) \(orientation)"
        )
      }
    }
  }

  @Test("take pictures of uint8, whose means are rounded", arguments: [3, 4])
  func uint8(channels: Int) throws {
    let embedder = try makeEmbedder("dynamic_uint8")
    for (width, height) in Self.sizes {
      let image = PixelImage(patternOfWidth: width, height: height, channels: channels)
      let expected = means(image.withoutAlpha().bytes)
      let found = try embedder.floats(image.frame(.rightTop))
      for (component, mean) in zip(found, expected) {
        #expect((Double(component) - mean).magnitude <= 0.501)
        #expect(component == component.rounded())
      }
    }
  }

  @Test("take the size of the region, not of the frame")
  func regions() throws {
    let embedder = try makeEmbedder("dynamic_float")
    let image = PixelImage(patternOfWidth: 40, height: 30, channels: 4)
    for region in [
      RegionOfInterest(x: 3, y: 5, width: 33, height: 21),
      RegionOfInterest(x: 39, y: 29, width: 1, height: 1),
      RegionOfInterest(x: 0, y: 0, width: 40, height: 1),
    ] {
      let cropped = image.cropped(
        x: region.x, y: region.y, width: region.width, height: region.height)
      let expected = means(cropped.withoutAlpha().bytes).map { Float(($0 - 127.5) / 127.5) }
      let found = try embedder.floats(image.frame(.leftTop), in: region)
      #expect(difference(found, expected, tolerance: 1e-6) == nil)
    }
  }

  @Test(
    "stretch the side that is fixed, and keep the other of the upright picture",
    arguments: ["dynamic_height", "dynamic_width"], Orientation.allCases)
  func oneSide(model: String, orientation: Orientation) throws {
    let embedder = try makeEmbedder(model)
    let normalization = try #require(embedder.modelInfo.normalization)
    for (width, height) in [(20, 15), (7, 30), (6, 6)] {
      let image = PixelImage(patternOfWidth: width, height: height, channels: 3)
      let frame = try image.frame(orientation)
      let upright = orientation.swapsWidthAndHeight ? (height, width) : (width, height)
      let input = model == "dynamic_height" ? (6, upright.1) : (upright.0, 6)
      var preprocessor = Preprocessor(encoding: .uint8)
      var buffer = try AlignedBuffer(byteCount: input.0 * input.1 * 3)
      var target = buffer.mutableBytes
      let region = frame.view.fullRegion
      try preprocessor.write(
        frame.view, region: region, width: input.0, height: input.1, to: &target)
      let pixels = Array(copying: buffer.bytes)
      let expected = means(pixels).map {
        (Float($0) - normalization.mean[0]) / normalization.std[0]
      }
      let found = try embedder.floats(frame)
      #expect(difference(found, expected, tolerance: 1e-6) == nil)
    }
  }

  @Test("are as before after a call that fails")
  func recovery() throws {
    let embedder = try makeEmbedder("dynamic_uint8")
    let image = PixelImage(patternOfWidth: 12, height: 10, channels: 3)
    let before = try embedder.floats(image.frame())
    let other = PixelImage(patternOfWidth: 5, height: 9, channels: 3)
    for region in [
      RegionOfInterest(x: 0, y: 0, width: 6, height: 9),
      RegionOfInterest(x: 0, y: 0, width: 0, height: 0),
    ] {
      #expect(throws: EmbedderError.self) { try embedder.floats(other.frame(), in: region) }
      #expect(try embedder.floats(image.frame()) == before)
    }
    #expect(try embedder.floats(other.frame()) != before)
    #expect(try embedder.floats(image.frame()) == before)
  }

  @Test("are refused for a picture that makes the vector longer, and go on")
  func growingOutput() throws {
    let embedder = try makeEmbedder("dynamic_output")
    // The size that is tried where the model leaves it open.
    let usual = PixelImage(patternOfWidth: 224, height: 224, channels: 3)
    #expect(embedder.heads.map(\.dimension) == [usual.bytes.count])
    for (width, height) in [(1, 1), (61, 47), (225, 224)] {
      #expect(try embedder.pixels(usual.frame()) == usual.bytes)
      let image = PixelImage(patternOfWidth: width, height: height, channels: 3)
      let expected = EmbedderError.outputSizeChanged(
        head: 0, found: width * height * 3, expected: usual.bytes.count)
      #expect(throws: expected) { try embedder.floats(image.frame()) }
      #expect(expected.code == .invalidArgument)
    }
    #expect(try embedder.pixels(usual.frame()) == usual.bytes)
  }

  /// The mean of each channel of packed RGB.
  private func means(_ bytes: [UInt8]) -> [Double] {
    (0..<3).map { channel in
      let values = stride(from: channel, to: bytes.count, by: 3).map { Double(bytes[$0]) }
      return values.reduce(0, +) / Double(values.count)
    }
  }
}
