import EmbedderTestSupport
import ImageEmbedding
import Testing

/// One case of `models.json`.
struct ModelCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Reference: Decodable {
    let outcome: String
    let dimensions: [Int]?
    let embeddings: [[Float]]?
  }

  let model: String
  let product: String
  let reference: Reference

  static let photograph = "chelsea.png"

  static var all: [ModelCase] {
    get throws {
      struct File: Decodable {
        let photograph: String
        let cases: [ModelCase]
      }
      let file = try Fixtures.golden("models", as: File.self)
      try #require(file.photograph == photograph)
      return file.cases
    }
  }

  var name: String { String(model.dropLast(".tflite".count)) }

  /// Whether the product may accept the model.
  var mayBeAccepted: Bool { !product.hasPrefix("refused") }

  /// Whether the product may refuse the model.
  var mayBeRefused: Bool { product.contains("refused") }

  /// The codes with which the product may refuse; any, where none is named.
  var codes: Set<StatusCode> {
    let named = StatusCode.allCases.filter { product.contains($0.name) }
    return Set(named.isEmpty ? StatusCode.allCases : named)
  }

  var testDescription: String { "\(name): \(product)" }
}

@Suite(
  "Small models", .enabled(if: Fixtures.hasLiteRt, runtimeMissing),
  .enabled(if: Fixtures.hasPhotographs, photographsMissing))
struct ModelGoldenTests {
  private static let picture = Result {
    try ImageFile.decode(contentsOf: Fixtures.photograph(ModelCase.photograph))
  }

  @Test(
    "are accepted with the reference's vectors, or refused as promised",
    arguments: try ModelCase.all)
  func product(golden: ModelCase) throws {
    let picture = try Self.picture.get()
    do {
      let embedder = try makeEmbedder(golden.name)
      let result = try embedder.embed(picture)
      #expect(golden.mayBeAccepted)
      guard golden.reference.outcome == "accepted" else { return }
      #expect(embedder.heads.map(\.dimension) == golden.reference.dimensions)
      guard let embeddings = golden.reference.embeddings else { return }
      try #require(result.embeddings.count == embeddings.count)
      // The sums of MEAN are the only arithmetic that runtimes round differently: here over 135 300
      // floats, where this runtime is off the true mean by 2.6e-5 and the reference by 3e-6.
      let tolerance: Float = golden.name.hasPrefix("dynamic_") ? 5e-5 : 0
      for (found, expected) in zip(result.embeddings, embeddings) {
        let floats = try #require(found.featureVector.floats)
        #expect(difference(floats, expected, tolerance: tolerance) == nil)
      }
    } catch let error as EmbedderError {
      #expect(golden.mayBeRefused, "\(error)")
      #expect(golden.codes.contains(error.code), "\(error.code.name): \(error)")
    }
  }

  @Test("are all in the golden file")
  func coverage() throws {
    #expect(try ModelCase.all.map(\.name).sorted() == Fixtures.modelNames)
  }

  @Test("that the reference refuses for int8 quantize the normalized pixels")
  func int8Identity() throws {
    let frame = try Self.picture.get().frame
    let pixels = try makeEmbedder("identity_uint8_8x6").pixels(frame)
    let expected = pixels.map { pixel in
      let value = 1 / Float(127.5) * (Float(pixel) - 127.5)
      let code = (value / 0.0078125).rounded(.toNearestOrAwayFromZero) - 1
      return 0.0078125 * (min(max(code, -128), 127) + 1)
    }
    #expect(try makeEmbedder("identity_int8_8x6").floats(frame) == expected)
    #expect(try makeEmbedder("float_in_int8_out").floats(frame) == expected)
  }

  @Test(
    "that lack a normalization work with the caller's",
    arguments: [
      ("identity_float_8x6_no_metadata", "identity_float_8x6"),
      ("identity_float_8x6_rgb_only", "identity_float_8x6"),
      ("identity_int8_8x6_no_metadata", "identity_int8_8x6"),
      ("identity_int8_8x6_rgb_only", "identity_int8_8x6"),
    ])
  func givenNormalization(model: String, complete: String) throws {
    let frame = try Self.picture.get().frame
    let given = try Normalization(mean: [127.5], std: [127.5])
    let embedder = try makeEmbedder(model) { $0.normalization = given }
    #expect(try embedder.floats(frame) == makeEmbedder(complete).floats(frame))
  }

  @Test("take the caller's normalization in place of their own")
  func overridingNormalization() throws {
    let frame = try Self.picture.get().frame
    let given = try Normalization(
      mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375])
    let embedder = try makeEmbedder("identity_float_8x6") { $0.normalization = given }
    let expected = try makeEmbedder("identity_float_8x6_imagenet").floats(frame)
    #expect(try embedder.floats(frame) == expected)
    #expect(embedder.modelInfo.normalization == given)
  }
}
