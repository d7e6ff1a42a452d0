import EmbedderTestSupport
import Foundation
import Testing

/// `Goldens/built_in.json`: what the reference says of photographs.
private struct GoldenSimilarities: Decodable {
  struct Case: Decodable {
    let model: String
    let photographs: [String]?
    let similarity: Double?
  }

  let cases: [Case]
}

@Suite("similarity", .enabled(if: Fixtures.hasEverything, Absence.everything))
struct SimilarityTests {
  static let left = Fixtures.photograph("motorcycle_left.png")
  static let right = Fixtures.photograph("motorcycle_right.png")

  /// The object that `--json` prints.
  struct JSONObject: Decodable {
    let first: String
    let second: String
    let model: String
    let cosineSimilarity: Double?
    let warnings: [String]?
  }

  // MARK: Output

  @Test("prints one line and nothing else")
  func plain() throws {
    let run = try imageEmbedder("similarity", Self.left, Self.right)
    run.expectSuccess()
    #expect(run.output == "Cosine similarity: 0.945980\n")
  }

  @Test("prints an object on request")
  func json() throws {
    let run = try imageEmbedder("similarity", "--json", Self.left, Self.right)
    run.expectSuccess()
    let object = try #require(try run.json(JSONObject.self).first)
    #expect(object.first == Self.left)
    #expect(object.second == Self.right)
    #expect(object.model == "efficientnet-lite0")
    #expect(abs((object.cosineSimilarity ?? 0) - 0.945980) < 1e-6)
    #expect(run.outputLines.count == 1)
    let keys = ["\"first\":", "\"second\":", "\"model\":", "\"cosine_similarity\":"]
    let places = try keys.map { try #require(run.output.range(of: $0)).lowerBound }
    #expect(places == places.sorted())
  }

  static let golden: [(model: String, photographs: [String], similarity: Double)] = {
    let golden = try? Fixtures.golden("built_in", as: GoldenSimilarities.self)
    return (golden?.cases ?? []).compactMap { entry in
      guard let photographs = entry.photographs, let similarity = entry.similarity else {
        return nil
      }
      return (String(entry.model.dropLast(7)), photographs, similarity)
    }
  }()

  @Test("is that of the reference, for both built-in models", arguments: golden)
  func reference(model: String, photographs: [String], similarity: Double) throws {
    let paths = photographs.map(Fixtures.photograph)
    let run = try imageEmbedder(["similarity", "--model", model] + paths)
    run.expectSuccess()
    let printed = try #require(Double(run.output.dropFirst("Cosine similarity: ".count).dropLast()))
    // Other processors may round a code of the int8 model differently.
    #expect(abs(printed - similarity) < (model.hasSuffix("int8") ? 5e-3 : 2e-6))
  }

  @Test("has seen both built-in models")
  func goldenIsThere() {
    #expect(Set(Self.golden.map(\.model)).count == 2)
  }

  @Test("of an image and itself is 1")
  func same() throws {
    let run = try imageEmbedder("similarity", Self.left, Self.left)
    run.expectSuccess()
    #expect(run.output == "Cosine similarity: 1.000000\n")
  }

  // MARK: Options

  @Test(
    "compares the vectors that embed writes with the same options",
    arguments: [
      [], ["--l2-normalize"], ["--quantize"], ["--l2-normalize", "--quantize"],
      ["--region", "100,50,300,200"], ["--rotation", "90"], ["--threads", "1"],
      ["--region", "0,0,64,64", "--rotation", "270", "--quantize"],
      ["--model", "efficientnet-lite0-int8", "--l2-normalize"],
      ["--mean", "127.5", "--std", "127.5"],
      ["--mean", "123.675,116.28,103.53", "--std", "58.395,57.12,57.375"],
    ])
  func options(options: [String]) throws {
    let run = try imageEmbedder(["similarity", Self.left, Self.right] + options)
    run.expectSuccess()
    let vectors = try imageEmbedder(["embed", Self.left, Self.right] + options)
      .json(JSONRow.self).map(\.components)
    try #require(vectors.map(\.count) == [1280, 1280])
    let expected = Self.cosine(vectors[0], vectors[1])
    #expect(run.output == "Cosine similarity: \(String(format: "%.6f", expected))\n")
  }

  @Test("changes with the options that change vectors")
  func optionsMatter() throws {
    let variants = [
      [], ["--quantize"], ["--region", "100,50,300,200"], ["--rotation", "90"],
      ["--rotation", "180"], ["--model", "efficientnet-lite0-int8"],
      ["--mean", "0", "--std", "255"],
    ]
    let outputs = try variants.map { options in
      try imageEmbedder(["similarity", Self.left, Self.right] + options).output
    }
    #expect(Set(outputs).count == variants.count)
  }

  @Test("takes a region of the whole image for the image")
  func wholeRegion() throws {
    let run = try imageEmbedder("similarity", Self.left, Self.right, "--region", "0,0,741,500")
    run.expectSuccess()
    #expect(run.output == "Cosine similarity: 0.945980\n")
  }

  @Test("ignores the length of vectors")
  func normalized() throws {
    let run = try imageEmbedder("similarity", Self.left, Self.right, "--l2-normalize")
    #expect(run.output == "Cosine similarity: 0.945980\n")
    let last = try imageEmbedder(
      "similarity", Self.left, Self.right, "--l2-normalize", "--no-l2-normalize")
    #expect(last.output == "Cosine similarity: 0.945980\n")
  }

  // MARK: Vectors without a direction

  @Test("of a vector of zeros is refused")
  func zeros() throws {
    let model = Fixtures.model("constant_zero")
    try imageEmbedder("similarity", Self.left, Self.right, "--model", model)
      .expectStop(naming: ["0 norm"])
  }

  @Test(
    "of components that are no numbers is an error, or null and a warning",
    arguments: ["constant_nan", "constant_infinite"])
  func notNumbers(name: String) throws {
    let arguments = ["similarity", Self.left, Self.right, "--model", Fixtures.model(name)]
    try imageEmbedder(arguments).expectStop(naming: ["NaN", "infinite"])
    let run = try imageEmbedder(arguments + ["--json"])
    run.expectSuccess()
    let object = try #require(try run.json(JSONObject.self).first)
    #expect(object.cosineSimilarity == nil)
    #expect(object.warnings?.count == 1)
    #expect(run.output.contains("\"cosine_similarity\":null"))
  }

  private static func cosine(_ u: [Float], _ v: [Float]) -> Double {
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return dot(u, v) / (dot(u, u) * dot(v, v)).squareRoot()
  }
}
