import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

@Suite("Pixel encodings")
struct PixelEncodingTests {
  /// Every byte in every channel, in different company: 256 pixels.
  private static let everyByte = PixelImage(
    width: 16, height: 16, channels: 3,
    bytes: (UInt8.min...UInt8.max).flatMap { [$0, 255 - $0, $0 &* 7] as [UInt8] })

  static let normalizations: [(mean: [Float], std: [Float])] = [
    ([127.5], [127.5]), ([127], [128]), ([0], [255]), ([0], [1]), ([127.5], [-127.5]),
    ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]), ([0.1, 250, -3], [0.3, -7, 1000]),
  ]

  @Test(
    "of floats are (1 / std) * (pixel - mean) in float, exactly, in rows of any length",
    arguments: normalizations, [(16, 16), (256, 1), (100, 2), (1, 256)])
  func floats(normalization: (mean: [Float], std: [Float]), size: (width: Int, height: Int)) throws
  {
    let (mean, std) = normalization
    let image = PixelImage(
      width: size.width, height: size.height, channels: 3,
      bytes: Array(Self.everyByte.bytes.prefix(3 * size.width * size.height)))
    var preprocessor = Preprocessor(encoding: .float32(try Normalization(mean: mean, std: std)))
    let bytes = try preprocessor.bytes(
      of: image, width: size.width, height: size.height, bytesPerChannel: 4)
    let expected = image.bytes.enumerated().flatMap { index, pixel in
      let channel = mean.count == 3 ? index % 3 : 0
      let reciprocal = 1 / std[channel]
      let centred = Float(pixel) - mean[channel]
      return memory(of: reciprocal * centred)
    }
    #expect(difference(bytes, expected) == nil)
  }

  @Test("of floats differ from a division, which the reference does not do")
  func reciprocals() throws {
    let normalization = try Normalization(mean: [123.675], std: [58.395])
    var preprocessor = Preprocessor(encoding: .float32(normalization))
    let bytes = try preprocessor.bytes(
      of: Self.everyByte, width: 16, height: 16, bytesPerChannel: 4)
    let divided = Self.everyByte.bytes.flatMap { memory(of: (Float($0) - 123.675) / 58.395) }
    #expect(bytes != divided)
  }

  /// The four bytes of a float as they lie in memory.
  private func memory(of value: Float) -> [UInt8] {
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
  }

  @Test(
    "of int8 are round(value / scale) + zero point, halves away from zero, clamped",
    arguments: normalizations, [(Float(0.0078125), -1), (0.5, 0), (0.003, 12), (-0.02, 100)])
  func quantized(
    normalization: (mean: [Float], std: [Float]), parameters: (scale: Float, zeroPoint: Int)
  ) throws {
    let (mean, std) = normalization
    var preprocessor = Preprocessor(
      encoding: .int8(
        try Normalization(mean: mean, std: std), scale: parameters.scale,
        zeroPoint: parameters.zeroPoint))
    let bytes = try preprocessor.bytes(of: Self.everyByte, width: 16, height: 16)
    let expected = Self.everyByte.bytes.enumerated().map { index, pixel in
      let channel = mean.count == 3 ? index % 3 : 0
      let reciprocal = 1 / std[channel]
      let centred = Float(pixel) - mean[channel]
      let steps = Double(reciprocal * centred / parameters.scale)
      let rounded = steps < 0 ? (steps - 0.5).rounded(.up) : (steps + 0.5).rounded(.down)
      return Int8(min(max(rounded + Double(parameters.zeroPoint), -128), 127))
    }
    #expect(difference(bytes.map { Int8(bitPattern: $0) }, expected) == nil)
  }

  @Test("of int8 are pixel - 128 for the built-in model's numbers")
  func builtInQuantization() throws {
    let normalization = try Normalization(mean: [127], std: [128])
    var preprocessor = Preprocessor(
      encoding: .int8(normalization, scale: 0.0078125, zeroPoint: -1))
    let bytes = try preprocessor.bytes(of: Self.everyByte, width: 16, height: 16)
    let expected = Self.everyByte.bytes.map { $0 &- 128 }
    #expect(difference(bytes, expected) == nil)
  }

  @Test(
    "of int8 round halves away from zero",
    arguments: [(UInt8(101), Int8(1)), (99, -1), (100, 0), (103, 2), (97, -2), (102, 1), (98, -1)])
  func halves(pixel: UInt8, expected: Int8) throws {
    let normalization = try Normalization(mean: [100], std: [1])
    var preprocessor = Preprocessor(encoding: .int8(normalization, scale: 2, zeroPoint: 0))
    let image = PixelImage(width: 1, height: 1, channels: 3, bytes: [pixel, pixel, pixel])
    let bytes = try preprocessor.bytes(of: image, width: 1, height: 1)
    #expect(bytes.map { Int8(bitPattern: $0) } == [expected, expected, expected])
  }

  @Test(
    "of int8 survive finite parameters that no honest model has",
    arguments: [
      (Float.leastNonzeroMagnitude, 0), (.greatestFiniteMagnitude, 0), (1, .max), (1, .min),
      (-.leastNonzeroMagnitude, 127), (-1e-30, -1000),
    ])
  func hostileParameters(scale: Float, zeroPoint: Int) throws {
    let extremes: [Float] = [0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
    let normalization = try Normalization(mean: extremes, std: [Float.ulpOfOne, 1, -1e30])
    var preprocessor = Preprocessor(
      encoding: .int8(normalization, scale: scale, zeroPoint: zeroPoint))
    let bytes = try preprocessor.bytes(of: Self.everyByte, width: 16, height: 16)
    #expect(bytes.count == 768)
  }

  @Test("apply to strided rows and turned frames alike", arguments: Orientation.allCases, [0, 5])
  func otherPaths(orientation: Orientation, padding: Int) throws {
    var generator = SeededGenerator(seed: 4)
    let image = PixelImage(randomOfWidth: 19, height: 14, channels: 3, using: &generator)
    let normalization = try Normalization(
      mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375])
    var plain = Preprocessor(encoding: .uint8)
    var quantizing = Preprocessor(encoding: .int8(normalization, scale: 0.02, zeroPoint: 3))
    for (width, height) in [(19, 14), (8, 6)] {
      let pixels = try plain.bytes(
        of: image, orientation: orientation, width: width, height: height)
      let expected = try quantizing.bytes(
        of: PixelImage(width: width, height: height, channels: 3, bytes: pixels), width: width,
        height: height)
      let found = try quantizing.bytes(
        of: image, orientation: orientation, padding: padding, width: width, height: height)
      #expect(difference(found, expected) == nil)
    }
  }

  @Test("take four bytes a channel as floats and one otherwise")
  func sizes() throws {
    let normalization = try Normalization(mean: [0], std: [1])
    #expect(PixelEncoding.uint8.bytesPerChannel == 1)
    #expect(PixelEncoding.float32(normalization).bytesPerChannel == 4)
    #expect(PixelEncoding.int8(normalization, scale: 1, zeroPoint: 0).bytesPerChannel == 1)
  }
}
