import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Damaged and hostile JPEG files")
struct DamagedJPEGTests {
  static let files = [
    SmallJPEG.baseline, SmallJPEG.grayscale, SmallJPEG.progressive,
    ExifBlock.inserted(
      ExifBlock.orientation(6, isLittleEndian: true), intoJPEG: SmallJPEG.baseline),
  ]

  @Test(
    "are refused wherever they are cut short, and whole where only their end marker is",
    arguments: files.indices)
  func truncation(index: Int) throws {
    let file = Self.files[index]
    let whole = [file.count - 2, file.count - 1]
    #expect(acceptedLengths(of: file) == whole, "of \(file.count) bytes")
    for length in whole {
      let image = try decode(Array(file[..<length]))
      #expect(image.pixels == (try decode(file).pixels))
      #expect(image.warnings.count { $0.contains("end marker") } == 1)
    }
  }

  @Test("are called cut short or damaged, and nothing else", arguments: files.indices)
  func truncationText(index: Int) {
    let file = Self.files[index]
    #expect(misjudgedLengths(of: file, from: 4) == [], "of \(file.count) bytes")
  }

  @Test("are refused wherever they are cut short, stray bytes in them or not")
  func truncationBehindStrayBytes() {
    // The harmless defect must not hide the serious one.
    let file = strayed(SmallJPEG.baseline)
    #expect(acceptedLengths(of: file) == [file.count - 2, file.count - 1])
  }

  @Test(
    "are refused as cut short in the middle of a photograph",
    .enabled(if: Fixtures.hasPhotographs, "the photographs are missing; run scripts/setup"),
    arguments: [3, 10, 100, 1000, 50_000, 100_000])
  func truncatedPhotograph(missing: Int) throws {
    let file = try contents(of: Fixtures.photograph("rocket.jpg"))
    let error = try #require(DecodingOutcome(of: file.dropLast(missing)).error)
    guard case .truncated(.jpeg, _) = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test(
    "are refused where the data of the picture is damaged",
    .enabled(if: Fixtures.hasPhotographs, "the photographs are missing; run scripts/setup"))
  func damagedPhotograph() throws {
    var file = try contents(of: Fixtures.photograph("rocket.jpg"))
    // A marker that has no place in the middle of a scan.
    file[60_000] = 0xff
    file[60_001] = 0xc4
    #expect(DecodingOutcome(of: file).error?.isTruncatedOrDamaged == true)
  }

  @Test("are refused where the data of the picture is damaged behind stray bytes")
  func damageBehindStrayBytes() throws {
    var file = strayed(SmallJPEG.baseline)
    let damaged: [UInt8] = [0xff, 0xc4]
    file.replaceSubrange(file.count - 9..<file.count - 7, with: damaged)
    #expect(DecodingOutcome(of: file).error?.isTruncatedOrDamaged == true)
  }

  @Test("never trap, for any byte that is wrong", arguments: files.indices)
  func everyByte(index: Int) {
    let file = Self.files[index]
    for place in file.indices {
      for mask in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
        var damaged = file
        damaged[place] ^= mask
        let image = DecodingOutcome(of: damaged).image
        #expect(image.map { $0.width > 0 && $0.channels == 3 } ?? true)
      }
    }
  }

  @Test("never trap, for thousands of random damages", arguments: files.indices)
  func randomDamage(index: Int) {
    var generator = SeededGenerator(seed: UInt64(index))
    var refusedCount = 0
    for _ in 0..<1500 {
      let outcome = DecodingOutcome(of: generator.damaging(Self.files[index]))
      if outcome.error != nil { refusedCount += 1 }
    }
    #expect(refusedCount > 500)
  }

  @Test("are refused for sides that they cannot have", arguments: [(0, 16), (24, 0)])
  func emptySides(width: Int, height: Int) throws {
    // A height that comes later (DNL) is sound but not supported; who knows what was meant.
    #expect(DecodingOutcome(of: try resized(width, height)).error != nil)
  }

  @Test(
    "are refused for sides and sizes that are not taken, before memory is taken",
    arguments: [(65_535, 65_535), (32_769, 1), (1, 40_000)])
  func longSides(width: Int, height: Int) throws {
    // libjpeg itself stops at 65500.
    let error = try #require(DecodingOutcome(of: try resized(width, height)).error)
    #expect(
      error == .frame(.invalidDimensions(width: width, height: height))
        || error.isTruncatedOrDamaged)
  }

  @Test("are refused for more pixels than the limit, before memory is taken")
  func manyPixels() throws {
    #expect(
      DecodingOutcome(of: try resized(32_768, 32_768)).error
        == .tooManyPixels(width: 32_768, height: 32_768, limit: DecodingLimits().pixelCount))
  }

  @Test(
    "are refused for samples of other than 8 bits", arguments: [0, 1, 7, 9, 12, 16, 255] as [UInt8])
  func unusualPrecision(precision: UInt8) throws {
    var file = SmallJPEG.baseline
    let frame = try #require(frameHeader(file))
    file[frame + 1] = 0xc1
    file[frame + 4] = precision
    #expect(DecodingOutcome(of: file).error != nil)
  }

  /// The baseline file, claiming another size.
  private func resized(_ width: Int, _ height: Int) throws -> [UInt8] {
    var file = SmallJPEG.baseline
    let frame = try #require(frameHeader(file))
    for (offset, value) in [(5, height >> 8), (6, height), (7, width >> 8), (8, width)] {
      file[frame + offset] = UInt8(truncatingIfNeeded: value)
    }
    return file
  }

  /// Where the SOF0 segment begins.
  private func frameHeader(_ file: [UInt8]) -> Int? {
    file.indices.first { file[$0...].starts(with: [0xff, 0xc0, 0, 17]) }
  }
}
