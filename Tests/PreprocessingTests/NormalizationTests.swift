import EmbedderPreprocessing
import Testing

@Suite("Normalization")
struct NormalizationTests {
  @Test("of one value holds for all channels")
  func oneValue() throws {
    let normalization = try Normalization(mean: [127], std: [128])
    #expect(normalization.mean == [127, 127, 127])
    #expect(normalization.std == [128, 128, 128])
  }

  @Test("of three values holds for each channel")
  func threeValues() throws {
    let normalization = try Normalization(mean: [1, 2, 3], std: [4, -5, 6])
    #expect(normalization.mean == [1, 2, 3])
    #expect(normalization.std == [4, -5, 6])
  }

  @Test("accepts any finite mean, and any std that is not nearly zero")
  func accepted() throws {
    let largest = Float.greatestFiniteMagnitude
    for std in [Float.ulpOfOne, -Float.ulpOfOne, 1e30, -largest] {
      for mean in [0, -1e30, largest, Float.leastNonzeroMagnitude] {
        #expect(try Normalization(mean: [mean], std: [std]).std == [std, std, std])
      }
    }
  }

  @Test(
    "refuses other numbers",
    arguments: [
      ([Float](), [Float](), NormalizationError.unsupportedCount(0)),
      ([1, 2], [1, 2], .unsupportedCount(2)),
      ([1, 2, 3, 4], [1, 2, 3, 4], .unsupportedCount(4)),
      ([1], [1, 2, 3], .differentCounts(mean: 1, std: 3)),
      ([1, 2, 3], [1], .differentCounts(mean: 3, std: 1)),
      ([], [1], .differentCounts(mean: 0, std: 1)),
      ([1], [0], .zeroStd), ([1], [-0.0], .zeroStd),
      ([1, 2, 3], [1, 1, 1e-8], .zeroStd), ([1], [Float.ulpOfOne.nextDown], .zeroStd),
      ([.nan], [1], .notFinite), ([.infinity], [1], .notFinite), ([1], [.nan], .notFinite),
      ([1, 2, 3], [1, -.infinity, 3], .notFinite),
    ])
  func refused(mean: [Float], std: [Float], error: NormalizationError) {
    #expect(throws: error) { try Normalization(mean: mean, std: std) }
  }

  @Test("says what was found and what is needed")
  func texts() {
    let expectations: [(NormalizationError, [String])] = [
      (.differentCounts(mean: 1, std: 3), ["mean", "std", "1", "3"]),
      (.unsupportedCount(2), ["mean", "std", "2", "1 or 3"]),
      (.zeroStd, ["std", "0"]),
      (.notFinite, ["mean", "std", "finite"]),
    ]
    for (error, words) in expectations {
      for word in words { #expect("\(error)".contains(word), "\(error)") }
    }
  }
}
