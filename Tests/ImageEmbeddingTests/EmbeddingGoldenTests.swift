import EmbedderTestSupport
import ImageEmbedding
import Testing

/// One case of `embeddings.json`.
struct EmbeddingCase: Decodable, Sendable, CustomTestStringConvertible {
  let model: String
  let frame: GoldenFrame
  let l2Normalize: Bool
  let quantize: Bool
  let embeddings: [[Float]]

  private enum CodingKeys: CodingKey {
    case model
    case l2Normalize
    case quantize
    case embeddings
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    model = try container.decode(String.self, forKey: .model)
    l2Normalize = try container.decode(Bool.self, forKey: .l2Normalize)
    quantize = try container.decode(Bool.self, forKey: .quantize)
    embeddings = try container.decode([[Float]].self, forKey: .embeddings)
    frame = try GoldenFrame(from: decoder)
  }

  static var all: [EmbeddingCase] {
    get throws {
      struct File: Decodable { let cases: [EmbeddingCase] }
      return try Fixtures.golden("embeddings", as: File.self).cases
    }
  }

  var name: String { String(model.dropLast(".tflite".count)) }

  func embedder() throws -> ImageEmbedder {
    try makeEmbedder(name) {
      $0.l2Normalize = l2Normalize
      $0.quantize = quantize
    }
  }

  var testDescription: String {
    let source = frame.photograph ?? frame.pattern.map { "pattern \($0)" } ?? ""
    return "\(name) \(source) \(frame.region.map { "\($0)" } ?? "")"
      + (l2Normalize ? " L2" : "") + (quantize ? " quantized" : "")
  }
}

@Suite("Embeddings of small models", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct EmbeddingGoldenTests {
  @Test(
    "are the reference's, photographs", .enabled(if: Fixtures.hasPhotographs, photographsMissing),
    arguments: try EmbeddingCase.all.filter { $0.frame.photograph != nil })
  func photographs(golden: EmbeddingCase) throws {
    try expectEmbeddings(of: golden)
  }

  @Test(
    "are the reference's, computed pictures",
    arguments: try EmbeddingCase.all.filter { $0.frame.pattern != nil })
  func patterns(golden: EmbeddingCase) throws {
    try expectEmbeddings(of: golden)
  }

  private func expectEmbeddings(of golden: EmbeddingCase) throws {
    let image = try golden.frame.image()
    let embedder = try golden.embedder()
    let region = golden.frame.regionOfInterest
    if golden.name == "dynamic_output" {
      // The reference gives the first three components of a vector that grew; this refuses.
      let count = 3 * (region.map { $0.width * $0.height } ?? image.width * image.height)
      let expected = embedder.heads[0].dimension
      #expect(throws: EmbedderError.outputSizeChanged(head: 0, found: count, expected: expected)) {
        try embedder.embed(image.frame(), in: region)
      }
      return
    }
    let result = try embedder.embed(image.frame(), in: region)
    try #require(result.embeddings.count == golden.embeddings.count)
    // The sums of MEAN are the only arithmetic that runtimes may round differently.
    let tolerance: Float = golden.name.hasPrefix("dynamic_") ? 1e-6 : 0
    for (index, embedding) in result.embeddings.enumerated() {
      #expect(embedding.headIndex == index)
      let vector = embedding.featureVector
      let components =
        golden.quantize
        ? try #require(vector.quantizedValues).map { Float($0) } : try #require(vector.floats)
      #expect(difference(components, golden.embeddings[index], tolerance: tolerance) == nil)
    }
  }
}

/// One case of `normalization.json`.
struct ConstantCase: Decodable, Sendable, CustomTestStringConvertible {
  let model: String
  let vector: [Float]
  let l2Normalized: [Float]
  let quantized: [Int8]
  let quantizedUndefined: [Int]
  let l2NormalizedQuantized: [Int8]
  let l2NormalizedQuantizedUndefined: [Int]

  static var all: [ConstantCase] {
    get throws {
      struct File: Decodable { let cases: [ConstantCase] }
      return try Fixtures.golden("normalization", as: File.self).cases
    }
  }

  var testDescription: String { model }
}

@Suite(
  "Embeddings of models with constant vectors", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct ConstantEmbeddingTests {
  @Test(
    "are the reference's to the last bit, with and without options", arguments: try ConstantCase.all
  )
  func vectors(golden: ConstantCase) throws {
    let name = String(golden.model.dropLast(".tflite".count))
    let frame = try PixelImage(patternOfWidth: 5, height: 4, channels: 3).frame()
    func vector(l2Normalize: Bool, quantize: Bool) throws -> FeatureVector {
      let embedder = try makeEmbedder(name) {
        $0.l2Normalize = l2Normalize
        $0.quantize = quantize
      }
      return try embedder.embed(frame).embeddings[0].featureVector
    }
    let plain = try vector(l2Normalize: false, quantize: false)
    let normalized = try vector(l2Normalize: true, quantize: false)
    #expect(difference(bits(plain.floats), bits(golden.vector)) == nil)
    #expect(difference(bits(normalized.floats), bits(golden.l2Normalized)) == nil)
    let quantized = try vector(l2Normalize: false, quantize: true)
    #expect(
      changes(quantized.quantizedValues, golden.quantized)
        .subtracting(golden.quantizedUndefined) == [])
    let both = try vector(l2Normalize: true, quantize: true)
    #expect(
      changes(both.quantizedValues, golden.l2NormalizedQuantized)
        .subtracting(golden.l2NormalizedQuantizedUndefined) == [])
  }

  private func bits(_ values: [Float]?) -> [UInt32] {
    (values ?? []).map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
  }

  private func changes(_ found: [Int8]?, _ expected: [Int8]) -> Set<Int> {
    #expect(found?.count == expected.count)
    return Set(expected.indices.filter { found?[$0] != expected[$0] })
  }
}
