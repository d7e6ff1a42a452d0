import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Damaged and hostile PNG files")
struct DamagedPNGTests {
  private static let pattern = PixelImage(patternOfWidth: 9, height: 7, channels: 3)
  private static let sound: [UInt8] = {
    var writer = PNGWriter(pattern)
    writer.chunks = [
      ("gAMA", [0, 0, 0xb1, 0x8f]),
      ("eXIf", ExifBlock.orientation(6, isLittleEndian: true)),
    ]
    return writer.file
  }()

  @Test("are refused wherever they are cut short")
  func truncation() {
    // The checksum of the empty last chunk protects nothing; the reference does not read it either.
    let end = Self.sound.count - 4
    #expect(acceptedLengths(of: Self.sound).filter { $0 < end } == [], "of \(end + 4) bytes")
    #expect(misjudgedLengths(of: Self.sound, from: 8) == [], "of \(Self.sound.count) bytes")
    for count in 0..<8 {
      let error = DecodingOutcome(of: Array(Self.sound[..<count])).error
      #expect(error.map(isUnknownFormat) == true, "\(count) bytes: \(text(error))")
    }
  }

  @Test("are called cut short where the picture's own data is")
  func truncationText() throws {
    let start = try #require(Self.place(of: "IDAT"))
    for count in [start + 8, start + 50, start + 150] {
      let error = DecodingOutcome(of: Array(Self.sound[..<count])).error
      guard case .truncated(.png, _) = error else {
        Issue.record("\(count) bytes: \(text(error))")
        continue
      }
    }
  }

  @Test("are called cut short before the picture's data too")
  func earlyTruncationText() throws {
    let start = try #require(Self.place(of: "IDAT"))
    for count in [33, 40, start - 4, start] {
      let error = DecodingOutcome(of: Array(Self.sound[..<count])).error
      guard case .truncated(.png, _) = error else {
        Issue.record("\(count) bytes: \(text(error))")
        continue
      }
    }
  }

  @Test(
    "never give other pixels, for any byte that is wrong", arguments: [0x01, 0x80, 0xff] as [UInt8])
  func everyByte(mask: UInt8) {
    // Checksums cover all but a few bytes, which say nothing about the pixels.
    let changed = Self.sound.indices.filter { place in
      var damaged = Self.sound
      damaged[place] ^= mask
      let image = DecodingOutcome(of: damaged).image
      return image != nil && image != Self.pattern
    }
    #expect(changed == [])
  }

  @Test("never trap, for thousands of random damages", arguments: 0..<4)
  func randomDamage(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<1000 {
      let damaged = generator.damaging(Self.sound)
      let image = DecodingOutcome(of: damaged).image
      let places = Self.sound.indices.filter { damaged[$0] != Self.sound[$0] }
      #expect(
        image == nil || image == Self.pattern, "bytes \(places) are \(places.map { damaged[$0] })")
    }
  }

  @Test("never trap behind right checksums", arguments: 0..<4)
  func damageWithChecksums(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<500 {
      var writer = PNGWriter(Self.pattern)
      writer.bitDepth = [1, 2, 4, 8, 16, 3, 0].randomElement(using: &generator) ?? 8
      writer.colorType = Int.random(in: 0...7, using: &generator)
      writer.width = Int.random(in: 0...20, using: &generator)
      writer.height = Int.random(in: 0...20, using: &generator)
      writer.rows = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
        generator.bytes(Int.random(in: 0...40, using: &generator))
      }
      for type in ["PLTE", "tRNS", "eXIf", "gAMA", "sBIT"] where Bool.random(using: &generator) {
        writer.chunks.append((type, generator.bytes(Int.random(in: 0...20, using: &generator))))
      }
      let image = DecodingOutcome(of: writer.file).image
      #expect(image == nil || image?.width == writer.width && image?.height == writer.height)
    }
  }

  @Test(
    "are refused for sides that no picture has",
    arguments: [(0, 5), (5, 0), (0, 0), (0xffff_ffff, 1), (1, 0x8000_0000), (0x8000_0000, 0)])
  func impossibleSides(width: Int, height: Int) {
    let error = DecodingOutcome(of: header(width, height)).error
    #expect(error?.isTruncatedOrDamaged == true, "\(text(error))")
  }

  @Test(
    "are refused for sides that the product does not take, before memory is taken",
    arguments: [(65_535, 65_535), (32_769, 1), (1, 32_769), (0x7fff_ffff, 0x7fff_ffff)])
  func longSides(width: Int, height: Int) {
    guard case .unsupported(.png, let details) = DecodingOutcome(of: header(width, height)).error
    else {
      Issue.record("not refused as unsupported")
      return
    }
    #expect(details.contains("32768"))
  }

  @Test("are refused for more pixels than the limit, before memory is taken")
  func manyPixels() {
    let limit = DecodingLimits().pixelCount
    #expect(limit == 512 << 20)
    #expect(
      DecodingOutcome(of: header(32_768, 32_768)).error
        == .tooManyPixels(width: 32_768, height: 32_768, limit: limit))
  }

  @Test("are refused for a pixel above a limit of one's own, and not at it")
  func ownLimit() throws {
    var limits = DecodingLimits()
    limits.pixelCount = 63
    #expect(try decode(Self.sound, limits: limits).pixels == Self.pattern)
    limits.pixelCount = 62
    #expect(throws: DecodingError.tooManyPixels(width: 9, height: 7, limit: 62)) {
      try decode(Self.sound, limits: limits)
    }
  }

  @Test("are refused without a palette that they need")
  func missingPalette() {
    let writer = PNGWriter(width: 2, height: 1, colorType: 3, rows: [[0, 1]])
    #expect(DecodingOutcome(of: writer.file).error?.isTruncatedOrDamaged == true)
  }

  @Test("are refused with too little of the picture behind right checksums")
  func missingRows() {
    var writer = PNGWriter(Self.pattern)
    writer.rows.removeLast()
    #expect(DecodingOutcome(of: writer.file).error?.isTruncatedOrDamaged == true)
  }

  @Test("tell a user what is wrong, never about the decoder's own state")
  func texts() {
    let unclear = (8..<Self.sound.count).filter { count in
      let error = DecodingOutcome(of: Array(Self.sound[..<count])).error
      return text(error).contains("non-recoverable state")
    }
    #expect(unclear == [])
  }

  /// A file that claims a size and holds nothing.
  private func header(_ width: Int, _ height: Int) -> [UInt8] {
    PNGWriter(width: width, height: height, rows: []).file
  }

  private static func place(of type: String) -> Int? {
    sound.indices.first { sound[$0...].starts(with: type.utf8) }
  }

  private func isUnknownFormat(_ error: DecodingError) -> Bool {
    if case .unknownFormat = error { true } else { false }
  }

  private func text(_ error: DecodingError?) -> String {
    error.map { "\($0)" } ?? "accepted"
  }
}
