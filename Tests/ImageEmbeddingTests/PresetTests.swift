import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Presets", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct PresetTests {
  @Test("are the Task Library's by default, and averages of areas on demand")
  func averages() throws {
    var generator = SeededGenerator(seed: 81)
    let image = PixelImage(randomOfWidth: 24, height: 18, channels: 3, using: &generator)
    let means = (0..<8 * 6 * 3).map { place in
      let (row, column, channel) = (place / 24, place / 3 % 8, place % 3)
      let square = image.cropped(x: 3 * column, y: 3 * row, width: 3, height: 3)
      let sum = stride(from: channel, to: 27, by: 3).reduce(0) { $0 + Int(square.bytes[$1]) }
      return UInt8((2 * sum + 9) / 18)
    }
    let antialiased = try makeEmbedder("identity_uint8_8x6") { $0.preset = .antialiasedV1 }
    #expect(try antialiased.pixels(image.frame()) == means)
    let plain = try makeEmbedder("identity_uint8_8x6")
    #expect(plain.options.preset == .taskLibraryV1)
    #expect(try plain.pixels(image.frame()) != means)
  }

  @Test("and decoding qualities are called as on the command line")
  func names() {
    #expect(PreprocessingPreset.allCases.map(\.rawValue) == ["task-library-v1", "antialiased-v1"])
    #expect(DecodingQuality.allCases.map(\.rawValue) == ["exact", "fast", "task-library"])
  }
}
