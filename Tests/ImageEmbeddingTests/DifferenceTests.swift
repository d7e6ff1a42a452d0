import EmbedderModelMetadata
import Testing

@testable import ImageEmbedding

@Suite("An accelerator's vector, held against the default's")
struct DifferenceTests {
  @Test(
    "may be off by what a model rounds to",
    arguments: [
      (Rounding.none, Float(0.9e-4), true), (.none, 1.1e-4, false), (.int16, 0.9e-2, true),
      (.int16, 1.1e-2, false), (.int8, 0.1, true), (.int8, 0.5, false),
    ])
  func tolerance(rounding: Rounding, part: Float, isAllowed: Bool) {
    let expected: [Float] = [1, -2, 0.5, 0, -1.5]
    var found = expected
    found[3] += 2 * part
    #expect((Difference(found, expected, rounding, .float32).text == nil) == isAllowed)
  }

  @Test(
    "may be off by what bfloat16 rounds to, whatever a model rounds to",
    arguments: [Rounding.none, .int8], [(Float(0.1), true), (0.5, false)])
  func bfloat16(rounding: Rounding, part: (Float, Bool)) {
    let expected: [Float] = [1, -2, 0.5, 0, -1.5]
    var found = expected
    found[3] += 2 * part.0
    #expect((Difference(found, expected, rounding, .bfloat16).text == nil) == part.1)
    let halves = expected.map { $0 / 2 }
    #expect(Difference(halves, expected, rounding, .bfloat16).text == "0.5 times as long")
    #expect(Difference([1], [1, 2], rounding, .bfloat16).text == "1 components for 2")
    #expect(Difference([.nan, 1], [1, 1], rounding, .bfloat16).text != nil)
  }

  // As both accelerators do with what a model says of an input of uint8, which the default ignores.
  @Test("is refused where it has the right direction and another length")
  func length() {
    let expected: [Float] = [32, 21, 10, 138]
    #expect(Difference([16, 10.5, 5, 69], expected, .int8, .float32).text == "0.5 times as long")
    #expect(Difference([33, 21, 11, 140], expected, .int8, .float32).text == nil)
  }

  @Test("is refused where it has another number of components, a NaN, or zeros in place of values")
  func otherKinds() {
    #expect(Difference([1], [1, 2], .int8, .float32).text == "1 components for 2")
    #expect(Difference([.nan, 1], [1, 1], .none, .float32).text != nil)
    #expect(Difference([.infinity, 1], [1, 1], .int16, .float32).text != nil)
    #expect(Difference([0, 0.1], [0, 0], .none, .float32).text != nil)
    for rounding in [Rounding.none, .int16, .int8] {
      #expect(Difference([0, 0], [1, 2], rounding, .float32).text != nil)
      #expect(Difference([1, 2], [0, 0], rounding, .float32).text != nil)
      #expect(Difference([0, 0], [0, 0], rounding, .float32).text == nil)
    }
    #expect(Difference([.nan, 1], [.nan, 1], .none, .float32).text == nil)
    #expect(Difference([.infinity, 1], [.infinity, 1], .none, .float32).text == nil)
    #expect(Difference([.infinity, 1], [-.infinity, 1], .none, .float32).text != nil)
    #expect(Difference([.infinity, 1], [-.infinity, 1], .int8, .float32).text != nil)
  }
}
