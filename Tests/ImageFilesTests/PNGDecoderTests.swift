import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("PNG decoder")
struct PNGDecoderTests {
  /// Samples of a picture of 5 by 2 pixels, for each depth: the smallest, the largest, and others.
  private static let samples: [Int: [[UInt8]]] = [
    1: [[0, 1, 1, 0, 1], [1, 0, 0, 1, 0]],
    2: [[0, 1, 2, 3, 0], [3, 2, 1, 0, 1]],
    4: [[0, 15, 7, 1, 8], [5, 0, 10, 3, 14]],
    8: [[0, 255, 127, 128, 1], [254, 3, 77, 0, 99]],
  ]

  @Test("spreads gray of few bits over the whole range", arguments: [1, 2, 4, 8])
  func gray(bitDepth: Int) throws {
    let samples = try #require(Self.samples[bitDepth])
    let image = try decode(packed(samples, bitDepth: bitDepth, colorType: 0).file)
    let factor = 255 / UInt8((1 << bitDepth) - 1)
    #expect(image.frame.format == .rgb)
    #expect(image.format == .png)
    #expect(image.pixels.width == 5)
    #expect(image.pixels.height == 2)
    let expected = samples.joined().flatMap { sample in
      [UInt8](repeating: sample * factor, count: 3)
    }
    #expect(image.pixels.bytes == expected)
    #expect(image.warnings.allSatisfy { $0.contains("5 x 2 pixels") })
  }

  @Test("keeps the high byte of 16 bits", arguments: [0, 2, 4, 6])
  func sixteenBits(colorType: Int) throws {
    let channels = [0: 1, 2: 3, 4: 2, 6: 4][colorType] ?? 0
    let high: [UInt8] = (0..<3 * channels).map { UInt8($0 * 20) }
    let inverse: [UInt8] = high.map { 255 - $0 }
    let rows: [[UInt8]] = [high.flatMap { [$0, 0xff] }, inverse.flatMap { [$0, 0x80] }]
    let image = try decode(
      PNGWriter(width: 3, height: 2, bitDepth: 16, colorType: colorType, rows: rows).file)
    #expect(image.pixels.bytes == expanded(high + inverse, colorType: colorType))
    #expect(image.frame.format == (colorType >= 4 ? .rgba : .rgb))
  }

  @Test("gives colour, alpha and gray with alpha as they are", arguments: [2, 4, 6])
  func eightBits(colorType: Int) throws {
    let channels = [2: 3, 4: 2, 6: 4][colorType] ?? 0
    var generator = SeededGenerator(seed: UInt64(colorType))
    let rows = (0..<5).map { _ in generator.bytes(7 * channels) }
    let image = try decode(
      PNGWriter(width: 7, height: 5, colorType: colorType, rows: rows).file)
    #expect(image.pixels.bytes == expanded(Array(rows.joined()), colorType: colorType))
    #expect(image.frame.format == (colorType >= 4 ? .rgba : .rgb))
  }

  @Test(
    "looks colours up in a palette, transparent ones too", arguments: [1, 2, 4, 8], [false, true])
  func palette(bitDepth: Int, isTransparent: Bool) throws {
    let samples = try #require(Self.samples[bitDepth])
    let colors: [[UInt8]] = (0..<1 << bitDepth).map { index in
      let red = UInt8(index)
      return [red, 255 - red, red &* 3]
    }
    var writer = packed(samples, bitDepth: bitDepth, colorType: 3)
    writer.chunks = [("PLTE", Array(colors.joined()))]
    // The table of alphas may be shorter than the palette.
    let alphas: [UInt8] = [0, 128]
    if isTransparent { writer.chunks.append(("tRNS", alphas)) }
    let image = try decode(writer.file)
    #expect(image.frame.format == (isTransparent ? .rgba : .rgb))
    var expected: [UInt8] = []
    for index in samples.joined() {
      expected += colors[Int(index)]
      if isTransparent { expected.append(index < 2 ? alphas[Int(index)] : 255) }
    }
    #expect(image.pixels.bytes == expected)
  }

  @Test("makes one gray value transparent", arguments: [1, 2, 4, 8])
  func transparentGray(bitDepth: Int) throws {
    let samples = try #require(Self.samples[bitDepth])
    let key = samples[0][1]
    var writer = packed(samples, bitDepth: bitDepth, colorType: 0)
    writer.chunks = [("tRNS", [0, key])]
    let image = try decode(writer.file)
    let factor = 255 / UInt8((1 << bitDepth) - 1)
    let expected: [UInt8] = samples.joined().flatMap { sample -> [UInt8] in
      let gray = sample * factor
      return [gray, gray, gray, sample == key ? 0 : 255]
    }
    #expect(image.frame.format == .rgba)
    #expect(image.pixels.bytes == expected)
  }

  @Test("makes one colour transparent")
  func transparentColor() throws {
    let row: [UInt8] = [10, 20, 30, 10, 20, 31, 10, 20, 30]
    var writer = PNGWriter(width: 3, height: 1, rows: [row])
    writer.chunks = [("tRNS", [0, 10, 0, 20, 0, 30])]
    let image = try decode(writer.file)
    #expect(image.pixels.bytes == [10, 20, 30, 0, 10, 20, 31, 255, 10, 20, 30, 0])
  }

  @Test("compares all 16 bits of a transparent value, gray and colour", arguments: [0, 2])
  func transparentSixteenBits(colorType: Int) throws {
    let channels = colorType == 0 ? 1 : 3
    // Two pixels with the same high bytes; the key is the first.
    let pixels: [[UInt8]] = [[7, 1], [7, 2]].map { pixel in
      (0..<channels).flatMap { _ in pixel }
    }
    var writer = PNGWriter(
      width: 2, height: 1, bitDepth: 16, colorType: colorType, rows: [Array(pixels.joined())])
    writer.chunks = [("tRNS", pixels[0])]
    let image = try decode(writer.file)
    #expect(image.pixels.bytes == [7, 7, 7, 0, 7, 7, 7, 255])
  }

  @Test(
    "gives the pixels of photographs that a second decoder gives",
    .enabled(if: Fixtures.hasPhotographs, "the photographs are missing; run scripts/setup"),
    arguments: [
      ("chelsea.png", PixelFormat.rgb), ("camera.png", .rgb), ("horse.png", .rgba),
      ("chessboard_RGB.png", .rgb), ("chessboard_GRAY.png", .rgb), ("text.png", .rgb),
    ])
  func photographs(name: String, format: PixelFormat) throws {
    let reference = try ReferencePNG(contentsOf: Fixtures.photograph(name))
    let image = try ImageFile.decode(contentsOf: Fixtures.photograph(name))
    #expect(image.frame.format == format)
    #expect(image.frame.width == reference.width)
    #expect(image.frame.height == reference.height)
    #expect(image.frame.orientation == .topLeft)
    let samples = reference.samples
    let bytes =
      reference.bitDepth == 16
      ? stride(from: 0, to: samples.count, by: 2).map { samples[$0] } : samples
    let expected = expanded(bytes, colorType: reference.colorType)
    #expect(difference(image.pixels.bytes, expected) == nil)
  }

  @Test("takes the orientation from EXIF data", arguments: UInt16(0)...9, [false, true])
  func exif(value: UInt16, isLittleEndian: Bool) throws {
    let block = ExifBlock.orientation(value, isLittleEndian: isLittleEndian)
    for isBehindPicture in [false, true] {
      var writer = PNGWriter(PixelImage(patternOfWidth: 3, height: 2, channels: 3))
      if isBehindPicture {
        writer.chunksBehind = [("eXIf", block)]
      } else {
        writer.chunks = [("eXIf", block)]
      }
      let image = try decode(writer.file)
      let expected = (1...8).contains(value) ? Orientation(rawValue: UInt8(value)) : nil
      #expect(image.frame.orientation == expected ?? .topLeft)
      #expect(image.uprightWidth == (5...8 ~= value ? 2 : 3))
      #expect(image.uprightHeight == (5...8 ~= value ? 3 : 2))
    }
  }

  @Test("does not mind chunks beside the picture, however odd")
  func otherChunks() throws {
    let pattern = PixelImage(patternOfWidth: 3, height: 2, channels: 3)
    for (type, content) in [
      ("tEXt", Array("Comment\0hello".utf8)), ("gAMA", [0, 0, 0xb1, 0x8f]), ("gAMA", [0]),
      ("tIME", []), ("prVt", [1, 2, 3]), ("iCCP", [1, 2, 3]), ("eXIf", [1]), ("eXIf", []),
      ("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 1]),
    ] as [(String, [UInt8])] {
      var writer = PNGWriter(pattern)
      writer.chunks = [(type, content)]
      #expect(DecodingOutcome(of: writer.file).image == pattern, "\(type) \(content)")
    }
  }

  @Test("skips text, however long")
  func longText() throws {
    let pattern = PixelImage(patternOfWidth: 3, height: 2, channels: 3)
    var writer = PNGWriter(pattern)
    writer.chunks = [("tEXt", Array("Comment\0".utf8) + Array(repeating: 0x61, count: 17 << 20))]
    #expect(DecodingOutcome(of: writer.file).image == pattern)
  }

  @Test("does not mind bytes behind the end")
  func trailingBytes() throws {
    let pattern = PixelImage(patternOfWidth: 3, height: 2, channels: 3)
    #expect(try decode(PNGWriter(pattern).file + [1, 2, 3]).pixels == pattern)
  }

  @Test("leaves out the orientation when told to")
  func ignoredOrientation() throws {
    var writer = PNGWriter(PixelImage(patternOfWidth: 3, height: 2, channels: 3))
    writer.chunks = [("eXIf", ExifBlock.orientation(6, isLittleEndian: true))]
    var options = DecodingOptions()
    options.honorsOrientation = false
    #expect(try decode(writer.file, options: options).frame.orientation == .topLeft)
    #expect(try decode(writer.file).frame.orientation == .rightTop)
  }

  @Test("keeps the rows of a file that is cut short when told to, and says so")
  func allowedTruncation() throws {
    let pattern = PixelImage(patternOfWidth: 20, height: 30, channels: 3)
    var writer = PNGWriter(pattern)
    writer.longestDataChunk = 61
    let file = writer.file
    var options = DecodingOptions()
    options.allowsTruncated = true
    // Half of the rows, each with a byte for its filter and a chunk of its own.
    let image = try decode(Array(file[..<(33 + 15 * 73)]), options: options)
    #expect(image.warnings.count { $0.contains("cut short") } == 1)
    let known = image.pixels.bytes.prefix(14 * 60)
    #expect(known.elementsEqual(pattern.bytes.prefix(14 * 60)))
    #expect(image.pixels.bytes.suffix(14 * 60).allSatisfy { $0 == 0 })
    #expect(try decode(file, options: options).pixels == pattern)
    #expect(try !decode(file, options: options).warnings.contains { $0.contains("cut short") })
  }

  @Test("keeps the rows of a single piece of data, wherever it is cut", arguments: [3, 4])
  func allowedTruncationInsideData(channels: Int) throws {
    let pattern = PixelImage(patternOfWidth: 20, height: 30, channels: channels)
    let file = PNGWriter(pattern).file
    var options = DecodingOptions()
    options.allowsTruncated = true
    // Behind the signature, the header and the start of the data, each row has a byte for its filter.
    let (start, rowLength) = (8 + 25 + 8 + 7, 1 + 20 * channels)
    let end = start + 30 * rowLength
    for count in start + 1..<file.count - 12 {
      // For a row libspng also wants the next one's filter.
      let rowCount = count < end ? (count - start - 1) / rowLength : 30
      let image = try decode(Array(file[..<count]), options: options)
      #expect(image.warnings.count { $0.contains("cut short") } == 1)
      let known = pattern.bytes.prefix(rowCount * 20 * channels)
      let expected = known + Array(repeating: 0, count: pattern.bytes.count - known.count)
      #expect(difference(image.pixels.bytes, Array(expected)) == nil, "\(count) bytes")
    }
  }

  @Test("does not take damage in front of the cut for a cut")
  func damageBeforeCut() throws {
    var writer = PNGWriter(PixelImage(patternOfWidth: 20, height: 30, channels: 3))
    writer.longestDataChunk = 61
    var file = Array(writer.file[..<(33 + 15 * 73)])
    file[33 + 3 * 73 + 20] ^= 1
    var options = DecodingOptions()
    options.allowsTruncated = true
    #expect(throws: DecodingError.self) { try decode(file, options: options) }
  }

  private func packed(_ samples: [[UInt8]], bitDepth: Int, colorType: Int) -> PNGWriter {
    PNGWriter(
      width: 5, height: 2, bitDepth: bitDepth, colorType: colorType,
      rows: samples.map { PNGWriter.pack($0, bitDepth: bitDepth) })
  }

  /// Samples of 8 bits as RGB or RGBA.
  private func expanded(_ samples: [UInt8], colorType: Int) -> [UInt8] {
    switch colorType {
    case 0: samples.flatMap { [$0, $0, $0] }
    case 4:
      stride(from: 0, to: samples.count, by: 2).flatMap { start in
        [samples[start], samples[start], samples[start], samples[start + 1]]
      }
    default: samples
    }
  }
}
