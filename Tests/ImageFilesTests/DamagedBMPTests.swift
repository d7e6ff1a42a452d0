import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Damaged and hostile BMP files")
struct DamagedBMPTests {
  static let names = [
    "bmp-rle4.bmp", "bmp-rle8-delta.bmp", "bmp-palette-2.bmp", "bmp-os2-palette.bmp",
  ]

  @Test("are refused wherever they are cut short, unless every pixel is there", arguments: names)
  func truncation(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    let whole = try decode(file).pixels
    for length in file.indices {
      guard let image = DecodingOutcome(of: Array(file[..<length])).image else { continue }
      // Two bytes are the mark for the end, or pad the last row; two more end its runs.
      #expect(length >= file.count - 4)
      #expect(image == whole)
    }
  }

  @Test("are called cut short or damaged, and nothing else", arguments: names)
  func truncationText(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    #expect(misjudgedLengths(of: file, from: 18) == [])
  }

  @Test("never trap, for any byte that is wrong", arguments: names)
  func everyByte(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    var options = DecodingOptions()
    options.limits.pixelCount = 1 << 14
    options.allowsTruncated = true
    for place in file.indices {
      for mask in [0x01, 0xff] as [UInt8] {
        var damaged = file
        damaged[place] ^= mask
        let image = DecodingOutcome(of: damaged, options: options).image
        #expect(image.map { $0.width > 0 } ?? true)
      }
    }
  }

  @Test("never trap, for headers of random numbers", arguments: 0..<4)
  func randomHeaders(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    var options = DecodingOptions()
    options.limits.pixelCount = 1 << 14
    options.allowsTruncated = true
    var decodedCount = 0
    for _ in 0..<800 {
      func number(_ values: [Int], _ byteCount: Int) -> [UInt8] {
        let value = values.randomElement(using: &generator) ?? 0
        return (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
      let start = number([54, 66, 70, 118, 138, 300, 1078, 0x7fff_ffff], 4)
      let size = number([12, 16, 40, 40, 40, 52, 56, 64, 108, 124], 4)
      let sides = number([1, 7, 33, 255, -255], 4) + number([1, 3, 64, -64, -1], 4)
      let depth = number([1, 2, 4, 8, 16, 24, 32, 64], 2)
      let compression = number([0, 0, 0, 1, 2, 3, 3, 4, 5, 6], 4)
      let header =
        Array("BM".utf8) + [0, 0, 0, 0, 0, 0, 0, 0] + start + size + sides + [1, 0] + depth
      let file = header + compression + generator.bytes(Int.random(in: 0..<600, using: &generator))
      if DecodingOutcome(of: file, options: options).image != nil { decodedCount += 1 }
    }
    #expect(decodedCount > 20)
  }

  @Test("are held against the limit before memory is taken")
  func limits() throws {
    let file = try contents(of: Fixtures.oddFile("bmp-rle8.bmp"))
    var limits = DecodingLimits()
    limits.pixelCount = 40 * 27 - 1
    #expect(throws: DecodingError.tooManyPixels(width: 40, height: 27, limit: 40 * 27 - 1)) {
      try decode(file, limits: limits)
    }
  }
}

@Suite("BMP decoder")
struct BMPDecoderTests {
  @Test("leaves transparent what runs leave out")
  func delta() throws {
    let image = try decode(contents(of: Fixtures.oddFile("bmp-rle8-delta.bmp"))).pixels
    #expect(image.channels == 4)
    #expect(Array(image.pixel(0, 3)) == [0, 0, 0, 0])
    #expect(image.pixel(8, 3).last == 255)
    #expect(Array(image.pixel(30, 0)) == [0, 0, 0, 0])
    #expect(Array(image.pixel(8, 26)) == [0, 0, 0, 0])
  }

  @Test(
    "widens channels by repeating their bits, as the reference does",
    arguments: [
      (1, [0, 255]), (2, [0, 85, 170, 255]), (3, [0, 36, 73, 109, 146, 182, 219, 255]),
    ])
  func widths(bitCount: Int, levels: [UInt8]) throws {
    // One row of every value of a red channel of so many bits.
    let red = (1 << bitCount - 1) << 10
    let masks = [red, 0x3e0, 0x1f].flatMap { number($0, 4) }
    let row = (0..<1 << bitCount).flatMap { number($0 << 10, 2) }
    let header =
      Array("BM".utf8) + number(0, 8) + number(66, 4) + number(40, 4)
      + number(1 << bitCount, 4) + number(1, 4) + number(1, 2) + number(16, 2) + number(3, 4)
      + number(0, 20)
    let image = try decode(header + masks + row).pixels
    #expect((0..<1 << bitCount).map { image.pixel($0, 0).first } == levels)
  }

  @Test("takes 32 bits for opaque where the fourth byte is 0 throughout")
  func emptyAlpha() throws {
    let image = try decode(contents(of: Fixtures.oddFile("bmp-32.bmp"))).pixels
    #expect(image.channels == 4)
    #expect(stride(from: 3, to: image.bytes.count, by: 4).allSatisfy { image.bytes[$0] == 255 })
  }

  private func number(_ value: Int, _ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
