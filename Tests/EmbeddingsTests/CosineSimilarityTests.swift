import EmbedderEmbeddings
import EmbedderTestSupport
import Testing

/// One case of `similarity.json`.
struct SimilarityCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Vector: Decodable {
    let float: [Float]?
    let quantized: [Int8]?

    var featureVector: FeatureVector { quantized.map { .quantized($0) } ?? .float(float ?? []) }
  }

  struct Failure: Decodable {
    let type: String
    let message: String
  }

  let u: Vector
  let v: Vector
  let similarity: Double?
  let error: Failure?

  static var all: [SimilarityCase] {
    get throws {
      struct File: Decodable { let cases: [SimilarityCase] }
      return try Fixtures.golden("similarity", as: File.self).cases
    }
  }

  var testDescription: String {
    "\(u.featureVector.count) and \(v.featureVector.count) components, "
      + (similarity.map { "\($0)" } ?? error?.message ?? "")
  }
}

@Suite("Cosine similarity")
struct CosineSimilarityTests {
  @Test("is the reference's to the last bit", arguments: try SimilarityCase.all)
  func goldens(golden: SimilarityCase) throws {
    let (u, v) = (golden.u.featureVector, golden.v.featureVector)
    guard let expected = golden.similarity else {
      let message = try #require(golden.error).message
      #expect {
        try cosineSimilarity(u, v)
      } throws: {
        "\($0)" == message && $0 is SimilarityError
      }
      return
    }
    let found = try cosineSimilarity(u, v)
    if expected.isNaN {
      #expect(found.isNaN)
    } else {
      #expect(found.bitPattern == expected.bitPattern, "\(found), not \(expected)")
    }
  }

  @Test("has goldens of every kind")
  func goldenKinds() throws {
    let all = try SimilarityCase.all
    #expect(all.contains { $0.u.float != nil && $0.similarity?.isFinite == true })
    #expect(all.contains { $0.u.quantized != nil && $0.similarity?.isFinite == true })
    #expect(all.contains { $0.similarity?.isNaN == true })
    #expect(Set(all.compactMap { $0.error?.message }).count >= 7)
  }

  @Test("does not depend on the order of the vectors", arguments: try SimilarityCase.all)
  func symmetry(golden: SimilarityCase) throws {
    guard golden.similarity != nil else { return }
    let (u, v) = (golden.u.featureVector, golden.v.featureVector)
    let (there, back) = (try cosineSimilarity(u, v), try cosineSimilarity(v, u))
    #expect(there.bitPattern == back.bitPattern || (there.isNaN && back.isNaN))
  }

  @Test("of random vectors is symmetric, between -1 and 1, and 1 of a vector with itself")
  func properties() throws {
    var generator = SeededGenerator(seed: 6)
    // What rounding products to float can add to the quotient, seldom by much.
    let bounds = (-1 - Double(Float.ulpOfOne))...(1 + Double(Float.ulpOfOne))
    for _ in 0..<500 {
      let count = Int.random(in: 1...300, using: &generator)
      let scale = Float(
        sign: .plus, exponent: Int.random(in: -15...15, using: &generator), significand: 1)
      let floats = (0..<2).map { _ in
        FeatureVector.float(
          (0..<count).map { _ in Float.random(in: -1...1, using: &generator) * scale })
      }
      let quantized = (0..<2).map { _ in
        FeatureVector.quantized(generator.bytes(count).map { Int8(bitPattern: $0 | 1) })
      }
      for pair in [floats, quantized] {
        let similarity = try cosineSimilarity(pair[0], pair[1])
        #expect(try cosineSimilarity(pair[1], pair[0]) == similarity)
        #expect(bounds.contains(similarity))
        #expect(try cosineSimilarity(pair[0], pair[0]) == 1)
      }
    }
  }

  @Test("names what is wrong with the vectors, in the reference's order")
  func errors() {
    expect(.differentSizes(1, 2, quantized: false), .float([1]), .float([1, 2]))
    expect(.differentSizes(0, 2, quantized: true), .quantized([]), .quantized([0, 0]))
    expect(.empty, .float([]), .float([]))
    expect(.empty, .quantized([]), .quantized([]))
    expect(.zeroNorm, .float([0, 0]), .float([1, 2]))
    expect(.zeroNorm, .float([1, 2]), .float([0, -0.0]))
    expect(.zeroNorm, .quantized([0]), .quantized([1]))
    expect(.mixedKinds, .float([1]), .quantized([1]))
    expect(.mixedKinds, .quantized([]), .float([0]))
  }

  private func expect(
    _ error: SimilarityError, _ u: FeatureVector, _ v: FeatureVector,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try cosineSimilarity(u, v) }
  }

  @Test(
    "of long quantized vectors is exact, across the blocks that are summed in 32 bits",
    arguments: [65_535, 65_536, 65_537, 131_072, 200_003])
  func longQuantized(count: Int) throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let u = generator.bytes(count).map { Int8(bitPattern: $0) }
    let v = generator.bytes(count).map { Int8(bitPattern: $0) }
    var (uv, uu, vv) = (0, 0, 0)
    for index in 0..<count {
      uv += Int(u[index]) * Int(v[index])
      uu += Int(u[index]) * Int(u[index])
      vv += Int(v[index]) * Int(v[index])
    }
    let expected = Double(uv) / (Double(uu) * Double(vv)).squareRoot()
    let found = try cosineSimilarity(.quantized(u), .quantized(v))
    #expect(found.bitPattern == expected.bitPattern)
  }

  @Test("of the largest quantized components does not overflow", arguments: [65_536, 200_000])
  func extremeQuantized(count: Int) throws {
    let u = FeatureVector.quantized(Array(repeating: -128, count: count))
    let v = FeatureVector.quantized(Array(repeating: 127, count: count))
    #expect(try cosineSimilarity(u, u) == 1)
    #expect(try cosineSimilarity(u, v) == -1)
  }

  @Test("of floats rounds products to float and sums them in double, in order")
  func floatArithmetic() throws {
    var generator = SeededGenerator(seed: 5)
    for count in [1, 2, 3, 100, 1280, 70_000] {
      let u = (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
      let v = (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
      var (uv, uu, vv) = (0.0, 0.0, 0.0)
      for (a, b) in zip(u, v) {
        uv += Double(a * b)
        uu += Double(a * a)
        vv += Double(b * b)
      }
      let found = try cosineSimilarity(.float(u), .float(v))
      #expect(found.bitPattern == (uv / (uu * vv).squareRoot()).bitPattern)
    }
  }
}
