import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Damaged and hostile GIF files")
struct DamagedGIFTests {
  static let names = ["gif-no-clear-code.gif", "gif-interlaced.gif", "gif-frame-beyond-screen.gif"]

  @Test("are refused wherever they are cut short, unless every pixel is there", arguments: names)
  func truncation(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    let whole = try decode(file).pixels
    var acceptedCount = 0
    for length in file.indices {
      let outcome = Result { try decode(Array(file[..<length])) }
      guard let image = try? outcome.get() else { continue }
      acceptedCount += 1
      // The trailer, the empty block, the code for the end and what fills its byte.
      #expect(length >= file.count - 4)
      #expect(image.pixels == whole)
      #expect(image.warnings.count == 1)
    }
    #expect(acceptedCount >= 2)
  }

  @Test("are called cut short or damaged, and nothing else", arguments: names)
  func truncationText(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    #expect(misjudgedLengths(of: file, from: 6) == [])
  }

  @Test("never trap, for any byte that is wrong", arguments: names)
  func everyByte(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    var limits = DecodingLimits()
    limits.pixelCount = 1 << 14
    var options = DecodingOptions()
    options.limits = limits
    options.allowsTruncated = true
    for place in file.indices {
      for mask in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
        var damaged = file
        damaged[place] ^= mask
        let image = DecodingOutcome(of: damaged, options: options).image
        #expect(image.map { $0.width > 0 && $0.channels == 4 } ?? true)
      }
    }
  }

  @Test("never trap, for thousands of random damages", arguments: names)
  func randomDamage(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    var generator = SeededGenerator(seed: 1)
    var limits = DecodingLimits()
    limits.pixelCount = 1 << 14
    var options = DecodingOptions()
    options.limits = limits
    var refusedCount = 0
    for _ in 0..<1500 {
      let outcome = DecodingOutcome(of: generator.damaging(file), options: options)
      if outcome.error != nil { refusedCount += 1 }
    }
    #expect(refusedCount > 300)
  }

  @Test("are held against the limit with the frame that makes the canvas grow")
  func limits() throws {
    let file = try contents(of: Fixtures.oddFile("gif-frame-beyond-screen.gif"))
    var limits = DecodingLimits()
    limits.pixelCount = 43 * 29
    #expect(try decode(file, limits: limits).frame.width == 43)
    limits.pixelCount -= 1
    #expect(throws: DecodingError.tooManyPixels(width: 43, height: 29, limit: 43 * 29 - 1)) {
      try decode(file, limits: limits)
    }
  }

  @Test("show their first frame, whatever is wrong with the next")
  func secondFrame() throws {
    // Its second frame is larger than the screen and has a pixel of 81.
    let path = try #require(try Fixtures.findings("image").first { $0.hasSuffix("two-frames.gif") })
    let image = try decode(contents(of: path))
    #expect(image.pixels.bytes == [0, 0, 0, 255])
    #expect(image.warnings.count { $0.contains("first frame is whole") } == 1)
  }
}
