import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Fast decoding", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct FastDecodingTests {
  private func file(orientation value: Int) -> [UInt8] {
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: false)
    return ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
  }

  @Test(
    "shows the same part of the picture the same way round", arguments: 1...8, Rotation.allCases)
  func geometry(value: Int, rotation: Rotation) throws {
    let upright = SmallJPEG.original.upright(exifOrientation: value)
    let embedder = try makeEmbedder("identity_uint8_8x6") {
      $0.decodingQuality = .fast
      $0.rotation = rotation
    }
    let file = file(orientation: value)
    let whole = RegionOfInterest(x: 0, y: 0, width: upright.width, height: upright.height)
    let part =
      value >= 5
      ? RegionOfInterest(x: 2, y: 6, width: 14, height: 17)
      : RegionOfInterest(x: 6, y: 2, width: 17, height: 14)
    for region in [nil, whole, part] {
      let found = try embedder.embed(encoded: unsafe file.span.bytes, in: region).pixels
      let used = region ?? whole
      let picture = upright.cropped(
        x: used.x, y: used.y, width: used.width, height: used.height
      ).turnedClockwise(quarterTurns: rotation.rawValue / 90)
      let output = PixelImage(width: 8, height: 6, channels: 3, bytes: found)
      // Of six squares, or what a region leaves of them.
      #expect(expectSameColors(output, picture) >= 5)
    }
    #expect(try embedder.decode(encoded: unsafe file.span.bytes).reduction?.factor == 2)
  }

  /// Compares the pixels whose surroundings in the picture have one colour, and returns their number.
  private func expectSameColors(_ output: PixelImage, _ picture: PixelImage) -> Int {
    var count = 0
    for y in 0..<output.height {
      let rows = surroundings(y, picture.height, output.height)
      for x in 0..<output.width {
        let columns = surroundings(x, picture.width, output.width)
        let colors = Set(rows.flatMap { row in columns.map { Array(picture.pixel($0, row)) } })
        guard colors.count == 1, let color = colors.first else { continue }
        let largest = zip(output.pixel(x, y), color).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(largest <= 4, "pixel \(x), \(y)")
        count += 1
      }
    }
    return count
  }

  private func surroundings(_ index: Int, _ source: Int, _ target: Int) -> Range<Int> {
    let margin = 2
    return max(
      index * source / target - margin, 0)..<min(
        ((index + 1) * source + target - 1) / target + margin, source)
  }

  @Test("gives the same for a path, encoded bytes and what was decoded before", arguments: [1, 6])
  func entrances(value: Int) throws {
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.decodingQuality = .fast }
    let bytes = file(orientation: value)
    let region = RegionOfInterest(x: 1, y: 0, width: 15, height: 16)
    let decoded = try embedder.decode(encoded: unsafe bytes.span.bytes, for: region)
    let expected = try embedder.embed(decoded, in: region)
    #expect(try embedder.embed(encoded: unsafe bytes.span.bytes, in: region) == expected)
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/a")
      #expect(try embedder.embed(contentsOf: "\(folder)/a", in: region) == expected)
    }
  }

  @Test("holds regions against the full picture")
  func regionOutside() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.decodingQuality = .fast }
    let bytes = file(orientation: 6)
    let image = try embedder.decode(encoded: unsafe bytes.span.bytes)
    let region = RegionOfInterest(x: 0, y: 9, width: 16, height: 16)
    let expected = EmbedderError.preprocessing(
      .frame(.regionOutside(region, width: 16, height: 24)))
    #expect(throws: expected) { try embedder.embed(image, in: region) }
    #expect(throws: expected) {
      try embedder.embed(encoded: unsafe bytes.span.bytes, in: region)
    }
    let inside = RegionOfInterest(x: 0, y: 8, width: 16, height: 16)
    #expect(try embedder.embed(image, in: inside).pixels.count == 8 * 6 * 3)
  }

  @Test("is exact for models that leave their input's size open")
  func openSize() throws {
    let embedder = try makeEmbedder("dynamic_uint8") { $0.decodingQuality = .fast }
    let bytes = SmallJPEG.baseline
    #expect(try embedder.decode(encoded: unsafe bytes.span.bytes).reduction == nil)
  }

  @Test("is not the default")
  func exact() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let bytes = SmallJPEG.baseline
    #expect(embedder.options.decodingQuality == .exact)
    #expect(try embedder.decode(encoded: unsafe bytes.span.bytes).reduction == nil)
  }
}
