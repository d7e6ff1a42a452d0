import EmbedderEmbeddings
import EmbedderTestSupport
import Testing

/// One case of `normalization.json`.
struct NormalizationCase: Decodable, Sendable, CustomTestStringConvertible {
  let model: String
  let vector: [Float]
  let l2Normalized: [Float]
  let quantized: [Int8]
  let quantizedUndefined: [Int]
  let l2NormalizedQuantized: [Int8]
  let l2NormalizedQuantizedUndefined: [Int]

  static var all: [NormalizationCase] {
    get throws {
      struct File: Decodable { let cases: [NormalizationCase] }
      return try Fixtures.golden("normalization", as: File.self).cases
    }
  }

  var testDescription: String { model }
}

@Suite("L2 normalization and scalar quantization")
struct VectorArithmeticTests {
  @Test("normalize as the reference does, to the last bit", arguments: try NormalizationCase.all)
  func normalization(golden: NormalizationCase) {
    var values = golden.vector
    normalizeL2(&values)
    #expect(difference(bits(values), bits(golden.l2Normalized)) == nil)
  }

  @Test(
    "quantize as the reference does where that is defined", arguments: try NormalizationCase.all)
  func quantization(golden: NormalizationCase) {
    #expect(
      differences(quantizeScalars(golden.vector), golden.quantized)
        .subtracting(golden.quantizedUndefined).isEmpty)
    #expect(
      differences(quantizeScalars(golden.l2Normalized), golden.l2NormalizedQuantized)
        .subtracting(golden.l2NormalizedQuantizedUndefined).isEmpty)
  }

  @Test("quantize in steps of 1/128, halves away from zero, clamped")
  func quantizationSteps() {
    let steps: [Float] = [0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 126.5, 127, 128, 256, -128]
    let values = steps.map { $0 / 128 }
    let expected: [Int8] = [0, 0, 1, -1, 1, -1, 2, 3, -3, 127, 127, 127, 127, -128]
    #expect(quantizeScalars(values) == expected)
    let half: Float = 0.5 / 128
    #expect(quantizeScalars([half.nextDown, -half.nextDown]) == [0, 0])
    #expect(quantizeScalars([-127.5 / 128, -2]) == [-128, -128])
  }

  @Test("quantize what the reference leaves undefined: beyond the range clamped, NaN as 0")
  func undefinedQuantization() {
    let values: [Float] = [
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity,
      .leastNonzeroMagnitude, .nan, -.nan, .signalingNaN,
    ]
    #expect(quantizeScalars(values) == [127, -128, 127, -128, 0, 0, 0, 0])
  }

  @Test("leave a vector of zeros, and an empty one, as they are")
  func zeros() {
    for original in [[], [0], [0, -0.0, 0]] as [[Float]] {
      var values = original
      normalizeL2(&values)
      #expect(bits(values) == bits(original))
      #expect(quantizeScalars(original) == original.map { _ in 0 })
    }
  }

  @Test("scale vectors to length 1 within the rounding of a float sum", arguments: [1, 7, 1280])
  func length(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    var values = (0..<count).map { _ in Float.random(in: -3...3, using: &generator) }
    normalizeL2(&values)
    let length = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    // A running sum of n floats is off by less than n halves of an ulp.
    #expect((length - 1).magnitude <= Double(count + 2) * Double(Float.ulpOfOne))
  }

  @Test("sum squares in order, in float")
  func orderOfSum() throws {
    let golden = try #require(try NormalizationCase.all.first { $0.model.contains("long") })
    var reversed = Array(golden.vector.reversed())
    normalizeL2(&reversed)
    // The golden vector was chosen so that another order gives other numbers.
    #expect(bits(reversed.reversed()) != bits(golden.l2Normalized))
  }

  private func bits(_ values: [Float]) -> [UInt32] {
    values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
  }

  private func differences(_ found: [Int8], _ expected: [Int8]) -> Set<Int> {
    #expect(found.count == expected.count)
    return Set(zip(found, expected).enumerated().filter { $1.0 != $1.1 }.map(\.offset))
  }
}
