import EmbedderTestSupport
import Foundation
import Testing

@testable import ImageEmbedding

/// One case of `built_in.json`: an embedding, or the similarity of two.
struct BuiltInCase: Decodable, Sendable, CustomTestStringConvertible {
  let model: String
  let photograph: String?
  let region: [Int]?
  let l2Normalize: Bool?
  let quantize: Bool?
  let embedding: [Float]?
  let photographs: [String]?
  let similarity: Double?

  struct File: Decodable {
    let models: [String: String]
    let cases: [BuiltInCase]
  }

  static var all: [BuiltInCase] {
    get throws { try Fixtures.golden("built_in", as: File.self).cases }
  }

  /// The cases of one model's embeddings, without options.
  static func plain(_ model: BuiltInModel) throws -> [BuiltInCase] {
    try all.filter { golden in
      golden.builtIn == model && golden.embedding != nil && golden.photograph != "rocket.jpg"
        && golden.l2Normalize == false && golden.quantize == false
    }
  }

  var builtIn: BuiltInModel? { BuiltInModel(rawValue: String(model.dropLast(".tflite".count))) }

  func embedder() throws -> ImageEmbedder {
    try BuiltInEmbedders.embedder(try #require(builtIn))
  }

  var regionOfInterest: RegionOfInterest? {
    region.map { RegionOfInterest(x: $0[0], y: $0[1], width: $0[2], height: $0[3]) }
  }

  var testDescription: String {
    "\(model) \(photograph ?? photographs?.joined(separator: ", ") ?? "")"
      + " \(region.map { "\($0)" } ?? "")"
  }
}

@Suite(
  "Embeddings of built-in models", .enabled(if: Fixtures.hasLiteRt, runtimeMissing),
  .enabled(if: Fixtures.hasPhotographs, photographsMissing))
struct BuiltInEmbeddingTests {
  /// The step between neighbouring values of the int8 model's output (`built_in.json`, `int8`).
  private static let int8Step: Float = 0.02181461

  @Test(
    "are the reference's for the float model", arguments: try BuiltInCase.plain(.efficientNetLite0))
  func float(golden: BuiltInCase) throws {
    let found = try floats(golden)
    let expected = try #require(golden.embedding)
    // The runtime's kernels for AVX-512 stay within 1e-6, those for AVX2 within 4e-6; the pixels, which
    // are equal, have golden files of their own.
    #expect(difference(found, expected, tolerance: 1e-5) == nil)
  }

  @Test(
    "are those of the runtime on the reference's pixels for the int8 model",
    arguments: try BuiltInCase.plain(.efficientNetLite0Int8))
  func int8(golden: BuiltInCase) throws {
    let found = try floats(golden)
    let expected = try #require(golden.embedding)
    try #require(found.count == expected.count)
    // On the processor that made the golden file every component is equal. The kernels of others may
    // round a sum that lies on the border of two codes to the other one: a step, and rarely.
    #expect(difference(found, expected, tolerance: Self.int8Step * 1.01) == nil)
    #expect(zip(found, expected).count { $0 != $1 } <= expected.count / 100)
    let similarity = try ImageEmbedder.cosineSimilarity(.float(found), .float(expected))
    #expect(similarity > 0.9999)
  }

  @Test("are the reference's after L2 normalization and quantization")
  func options() throws {
    let cases = try BuiltInCase.all.filter { $0.l2Normalize == true }
    #expect(Set(cases.map(\.quantize)) == [true, false])
    for golden in cases {
      var options = ImageEmbedder.Options()
      options.l2Normalize = true
      options.quantize = golden.quantize == true
      let embedder = try ImageEmbedder(options: options)
      let path = Fixtures.photograph(try #require(golden.photograph))
      let vector = try embedder.embed(contentsOf: path).embeddings[0].featureVector
      let expected = try #require(golden.embedding)
      if golden.quantize == true {
        // A component within the runtimes' difference of a step may fall to its other side.
        let found = try #require(vector.quantizedValues).map { Float($0) }
        #expect(difference(found, expected, tolerance: 1) == nil)
        #expect(zip(found, expected).count { $0 != $1 } <= 2)
      } else {
        // Components are about 15 times smaller than the plain ones.
        #expect(difference(try #require(vector.floats), expected, tolerance: 1e-6) == nil)
      }
    }
  }

  @Test("are close to the reference's for a JPEG file, whose decoders differ by a few levels")
  func lossyFile() throws {
    let golden = try #require(try BuiltInCase.all.first { $0.photograph == "rocket.jpg" })
    let expected = try #require(golden.embedding)
    let similarity = try ImageEmbedder.cosineSimilarity(
      .float(try floats(golden)), .float(expected))
    #expect(similarity > 0.9995)
  }

  @Test("are the reference's for a JPEG file that is decoded as the reference does")
  func lossyFileByItsDecoder() throws {
    let golden = try #require(try BuiltInCase.all.first { $0.photograph == "rocket.jpg" })
    var options = ImageEmbedder.Options()
    options.decodingQuality = .taskLibrary
    let found = try ImageEmbedder(options: options)
      .embed(contentsOf: Fixtures.photograph("rocket.jpg")).embeddings[0].featureVector
    let expected = try #require(golden.embedding)
    #expect(difference(try #require(found.floats), expected, tolerance: 2e-6) == nil)
  }

  @Test(
    "are as similar as the reference's",
    arguments: try BuiltInCase.all.filter { $0.similarity != nil })
  func similarities(golden: BuiltInCase) throws {
    let names = try #require(golden.photographs)
    let embedder = try golden.embedder()
    let vectors = try names.map { name in
      try embedder.embed(contentsOf: Fixtures.photograph(name)).embeddings[0].featureVector
    }
    let found = try ImageEmbedder.cosineSimilarity(vectors[0], vectors[1])
    let expected = try #require(golden.similarity)
    // A hundredth of the int8 components may be off by a step, see above.
    let tolerance = golden.builtIn == .efficientNetLite0 ? 1e-6 : 1e-4
    #expect((found - expected).magnitude < tolerance)
  }

  @Test("find two views of a motorcycle alike, and a cat unlike")
  func motorcycles() throws {
    let embedder = try BuiltInEmbedders.embedder(.efficientNetLite0)
    let vectors = try ["motorcycle_left.png", "motorcycle_right.png", "chelsea.png"].map { name in
      try embedder.embed(contentsOf: Fixtures.photograph(name)).embeddings[0].featureVector
    }
    let alike = try ImageEmbedder.cosineSimilarity(vectors[0], vectors[1])
    let unlike = try ImageEmbedder.cosineSimilarity(vectors[0], vectors[2])
    #expect((alike - 0.94598).magnitude < 5e-6)
    #expect((unlike - 0.16892).magnitude < 5e-6)
  }

  private func floats(_ golden: BuiltInCase) throws -> [Float] {
    let path = Fixtures.photograph(try #require(golden.photograph))
    let result = try golden.embedder().embed(contentsOf: path, in: golden.regionOfInterest)
    return try #require(result.embeddings[0].featureVector.floats)
  }
}

@Suite("Built-in models")
struct BuiltInModelTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Models").standardized

  private static let hasFiles = FileManager.default.fileExists(
    atPath: folder.appending(path: "SHA256SUMS").path)

  @Test("are the files that the golden vectors were made with", arguments: BuiltInModel.allCases)
  func checksum(model: BuiltInModel) throws {
    let expected = try Fixtures.golden("built_in", as: BuiltInCase.File.self).models
    #expect(sha256(Array(copying: model.bytes.bytes)) == expected["\(model.rawValue).tflite"])
  }

  @Test(
    "are the files of the repository, byte for byte",
    .enabled(if: hasFiles, "the folder Models is not beside the tests"),
    arguments: BuiltInModel.allCases)
  func files(model: BuiltInModel) throws {
    let file = "\(model.rawValue).tflite"
    let expected = try contents(of: Self.folder.appending(path: file).path)
    #expect(difference(Array(copying: model.bytes.bytes), expected) == nil)
    let sums = try String(
      contentsOf: Self.folder.appending(path: "SHA256SUMS"), encoding: .utf8)
    let golden = try Fixtures.golden("built_in", as: BuiltInCase.File.self).models
    #expect(sums.contains("\(golden[file] ?? "missing")  \(file)\n"))
  }

  @Test("lie where the runtime wants them and are not copied", arguments: BuiltInModel.allCases)
  func memory(model: BuiltInModel) {
    let place = address(of: model.bytes.bytes)
    #expect(place.isMultiple(of: 64))
    #expect(address(of: model.bytes.bytes) == place)
  }

  @Test("say what they are", arguments: BuiltInModel.allCases)
  func information(model: BuiltInModel) throws {
    let info = try ModelInfo(of: .init(model: .builtIn(model)))
    #expect(info.firstError == nil)
    #expect(info.byteCount == model.bytes.bytes.byteCount)
    #expect(info.source == .builtIn(model))
    let elementType: ElementType = model == .efficientNetLite0 ? .float32 : .int8
    #expect(info.file.inputs.map(\.shape) == [[1, 224, 224, 3]])
    #expect(info.file.inputs.map(\.elementType) == [elementType])
    #expect(info.file.outputs.map(\.shape) == [[1, 1280]])
    #expect(info.file.outputs.map(\.elementType) == [elementType])
    #expect(info.normalization?.mean == [127, 127, 127])
    #expect(info.normalization?.std == [128, 128, 128])
    let metadata = try #require(info.file.metadata)
    #expect(metadata.outputs.map(\.name) == ["feature_vector"])
    #expect(metadata.inputs?.first?.content == .image(.rgb))
    #expect(metadata.license?.contains("Apache") == true)
    #expect(metadata.name?.isEmpty == false)
    #expect(metadata.author?.isEmpty == false)
  }

  @Test("have names that stand wherever a path does")
  func names() {
    #expect(
      BuiltInModel.allCases.map(\.rawValue) == ["efficientnet-lite0", "efficientnet-lite0-int8"])
  }
}
