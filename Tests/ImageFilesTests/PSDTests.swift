import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Photoshop documents")
struct PSDTests {
  @Test(
    "have opacity only where the number of layers says so",
    arguments: [
      ("psd-selection.psd", PixelFormat.rgb), ("psd-selection-layers.psd", .rgb),
      ("psd-opacity.psd", .rgba), ("psd-opacity-16.psd", .rgba),
    ])
  func opacity(name: String, format: PixelFormat) throws {
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    #expect(image.frame.format == format)
    guard format == .rgba else { return }
    // The white behind what is not opaque is taken out; its opacity is at least 40, so that a level of
    // the white picture is up to 6 of the photograph's.
    let right = try ImageFile.decode(contentsOf: Fixtures.oddFile("photograph-quarter.png")).pixels
    #expect(largestDifference(image.pixels.withoutAlpha(), right) <= 7)
    #expect(
      Set(stride(from: 3, to: image.pixels.bytes.count, by: 4).map { image.pixels.bytes[$0] })
        .isSuperset(of: [40, 255]))
  }

  @Test("without a merged picture say what to do")
  func noComposite() throws {
    let file = try contents(of: Fixtures.oddFile("psd-no-composite.psd"))
    let error = try #require(DecodingOutcome(of: file).error)
    #expect("\(error)".contains("without its merged picture"))
    #expect("\(error)".contains("Maximize Compatibility"))
  }

  @Test(
    "that are cut or lie about the length of a section are refused or read in bounds",
    arguments: ["psd-opacity-16.psd", "psd-composite.psd", "psd-opacity.psd"])
  func damages(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    #expect(acceptedLengths(of: file).isEmpty)
    for place in 26..<min(file.count, 400) {
      for value in [0, 0x7f, 0xff] as [UInt8] {
        var changed = file
        changed[place] = value
        _ = DecodingOutcome(of: changed)
      }
    }
  }
}
