import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

/// One case of `pixels.json`.
struct PixelCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Failure: Decodable {
    let message: String
  }

  let model: String
  let frame: GoldenFrame
  let pixels: String?
  let sha256: String?
  let error: Failure?

  private enum CodingKeys: CodingKey {
    case model
    case pixels
    case sha256
    case error
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    model = try container.decode(String.self, forKey: .model)
    pixels = try container.decodeIfPresent(String.self, forKey: .pixels)
    sha256 = try container.decodeIfPresent(String.self, forKey: .sha256)
    error = try container.decodeIfPresent(Failure.self, forKey: .error)
    frame = try GoldenFrame(from: decoder)
  }

  static var all: [PixelCase] {
    get throws {
      struct File: Decodable { let cases: [PixelCase] }
      return try Fixtures.golden("pixels", as: File.self).cases
    }
  }

  /// The width and height in a name such as `identity_uint8_8x6.tflite`.
  var inputSize: (width: Int, height: Int) {
    let numbers = model.split { "_.x".contains($0) }.compactMap { Int($0) }
    return (numbers[0], numbers[1])
  }

  var region: RegionOfInterest? {
    frame.region.map { RegionOfInterest(x: $0[0], y: $0[1], width: $0[2], height: $0[3]) }
  }

  var testDescription: String {
    let source = frame.photograph ?? frame.pattern.map { "pattern \($0)" } ?? ""
    return "\(model) \(source) \(frame.format) \(frame.region.map { "\($0)" } ?? "")"
  }
}

@Suite("Pixels that reach the model")
struct PixelGoldenTests {
  @Test(
    "are the reference's for computed pictures",
    arguments: try PixelCase.all.filter { $0.frame.pattern != nil })
  func patterns(golden: PixelCase) throws {
    try expectPixels(of: golden)
  }

  @Test(
    "are the reference's for photographs",
    .enabled(if: Fixtures.hasPhotographs, "the photographs are missing; run scripts/setup"),
    arguments: try PixelCase.all.filter { $0.frame.photograph != nil })
  func photographs(golden: PixelCase) throws {
    try expectPixels(of: golden)
  }

  @Test("have goldens for every size, format and kind of result")
  func coverage() throws {
    let all = try PixelCase.all
    #expect(all.count == 438)
    #expect(Set(all.map(\.model)).count == 5)
    #expect(Set(all.map(\.frame.format)) == ["rgb", "rgba"])
    #expect(all.contains { $0.error != nil })
    #expect(all.contains { $0.sha256 != nil })
  }

  private func expectPixels(of golden: PixelCase) throws {
    let image = try golden.frame.image()
    let (width, height) = golden.inputSize
    var preprocessor = Preprocessor(encoding: .uint8)
    if golden.error != nil {
      let region = try #require(golden.region)
      let expected = PreprocessingError.frame(
        .regionOutside(region, width: image.width, height: image.height))
      #expect(throws: expected) {
        try preprocessor.bytes(of: image, region: region, width: width, height: height)
      }
      return
    }
    let found = try preprocessor.bytes(
      of: image, region: golden.region, width: width, height: height)
    if let pixels = golden.pixels {
      #expect(found.count * 2 == pixels.utf8.count)
      #expect(hexadecimal(found) == pixels)
    } else {
      #expect(sha256(found) == golden.sha256)
    }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
