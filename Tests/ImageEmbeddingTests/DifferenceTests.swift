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
    #expect((Difference(found, expected, rounding).text == nil) == isAllowed)
  }

  @Test("is refused where it has another number of components, a NaN, or a value in place of zeros")
  func otherKinds() {
    #expect(Difference([1], [1, 2], .int8).text == "1 components for 2")
    #expect(Difference([.nan, 1], [1, 1], .none).text != nil)
    #expect(Difference([.infinity, 1], [1, 1], .int16).text != nil)
    #expect(Difference([0, 0.1], [0, 0], .none).text != nil)
    #expect(Difference([0, 0], [0, 0], .none).text == nil)
    #expect(Difference([.nan, 1], [.nan, 1], .none).text == nil)
  }
}
