import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Embedding files", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct ImageFileEmbeddingTests {
  /// A picture that is 8 x 6 when it is upright, as the model's input, so that nothing is resized.
  private static let upright = PixelImage(patternOfWidth: 8, height: 6, channels: 3)

  /// The stored picture that EXIF orientation `value` brings upright.
  private func stored(_ upright: PixelImage, _ value: Int) -> PixelImage {
    // Each orientation is its own inverse, but for the quarter turns.
    upright.upright(exifOrientation: [6: 8, 8: 6][value] ?? value)
  }

  private func file(_ upright: PixelImage, orientation value: Int) -> [UInt8] {
    var writer = PNGWriter(stored(upright, value))
    writer.chunks = [
      ("eXIf", ExifBlock.orientation(UInt16(value), isLittleEndian: value.isMultiple(of: 2)))
    ]
    return writer.file
  }

  @Test("turns them upright by their EXIF data", arguments: 1...8)
  func exif(value: Int) throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let found = try embedding(of: file(Self.upright, orientation: value), by: embedder)
    #expect(found.pixels == Self.upright.bytes)
  }

  @Test("leaves them as stored when told to ignore EXIF data", arguments: 1...8)
  func ignoredExif(value: Int) throws {
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.decoding.honorsOrientation = false }
    let found = try embedding(of: file(Self.upright, orientation: value), by: embedder)
    let expected = try embedder.pixels(stored(Self.upright, value).frame())
    #expect(found.pixels == expected)
    if value <= 4 { #expect(found.pixels == stored(Self.upright, value).bytes) }
  }

  @Test("turns them clockwise after their EXIF data", arguments: 1...8, Rotation.allCases)
  func rotation(value: Int, rotation: Rotation) throws {
    let quarterTurns = rotation.rawValue / 90
    // What has to be upright so that the turned picture is of the input's size.
    let before = Self.upright.turnedClockwise(quarterTurns: (4 - quarterTurns) % 4)
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.rotation = rotation }
    let found = try embedding(of: file(before, orientation: value), by: embedder)
    #expect(found.pixels == Self.upright.bytes)
  }

  @Test(
    "turns them clockwise as stored when told to ignore EXIF data", arguments: Rotation.allCases)
  func rotationAlone(rotation: Rotation) throws {
    let before = Self.upright.turnedClockwise(quarterTurns: (4 - rotation.rawValue / 90) % 4)
    var writer = PNGWriter(before)
    writer.chunks = [("eXIf", ExifBlock.orientation(5, isLittleEndian: true))]
    let embedder = try makeEmbedder("identity_uint8_8x6") {
      $0.rotation = rotation
      $0.decoding.honorsOrientation = false
    }
    #expect(try embedding(of: writer.file, by: embedder).pixels == Self.upright.bytes)
  }

  @Test("takes regions from the upright picture", arguments: 1...8)
  func region(value: Int) throws {
    let picture = PixelImage(patternOfWidth: 20, height: 15, channels: 3)
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let bytes = file(picture, orientation: value)
    for (x, y) in [(0, 0), (12, 9), (5, 2)] {
      let region = RegionOfInterest(x: x, y: y, width: 8, height: 6)
      let expected = picture.cropped(x: x, y: y, width: 8, height: 6)
      #expect(try embedding(of: bytes, by: embedder, in: region).pixels == expected.bytes)
    }
  }

  @Test(
    "takes regions from the upright picture before it is turned", arguments: 1...8,
    Rotation.allCases)
  func regionAndRotation(value: Int, rotation: Rotation) throws {
    let picture = PixelImage(patternOfWidth: 20, height: 15, channels: 3)
    let swaps = rotation == .clockwise90 || rotation == .clockwise270
    let (width, height) = swaps ? (6, 8) : (8, 6)
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.rotation = rotation }
    let region = RegionOfInterest(x: 7, y: 4, width: width, height: height)
    let found = try embedding(of: file(picture, orientation: value), by: embedder, in: region)
    let expected = picture.cropped(x: 7, y: 4, width: width, height: height)
      .turnedClockwise(quarterTurns: rotation.rawValue / 90)
    #expect(found.pixels == expected.bytes)
  }

  @Test("takes regions from the stored picture when told to ignore EXIF data", arguments: 1...8)
  func storedRegion(value: Int) throws {
    let picture = PixelImage(patternOfWidth: 20, height: 15, channels: 3)
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.decoding.honorsOrientation = false }
    let region = RegionOfInterest(x: 6, y: 9, width: 8, height: 6)
    let found = try embedding(of: file(picture, orientation: value), by: embedder, in: region)
    let expected = stored(picture, value).cropped(x: 6, y: 9, width: 8, height: 6)
    #expect(found.pixels == expected.bytes)
  }

  @Test("holds regions against the upright picture", arguments: [1, 6])
  func regionOutside(value: Int) throws {
    let picture = PixelImage(patternOfWidth: 20, height: 15, channels: 3)
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let bytes = file(picture, orientation: value)
    let inside = RegionOfInterest(x: 19, y: 14, width: 1, height: 1)
    _ = try embedding(of: bytes, by: embedder, in: inside)
    for region in [
      RegionOfInterest(x: 14, y: 19, width: 1, height: 1),
      RegionOfInterest(x: 0, y: 0, width: 15, height: 20),
      RegionOfInterest(x: .max, y: .min, width: .max, height: 1),
    ] {
      let expected = EmbedderError.preprocessing(
        .frame(.regionOutside(region, width: 20, height: 15)))
      #expect(throws: expected) { try embedding(of: bytes, by: embedder, in: region) }
    }
  }

  @Test("turns JPEG files upright by their EXIF data too", arguments: 1...8)
  func jpeg(value: Int) throws {
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: false)
    let bytes = ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let plain = SmallJPEG.baseline
    var image = try ImageFile.decode(unsafe plain.span.bytes)
    image.frame.orientation = try #require(Orientation(rawValue: UInt8(value)))
    let expected = try embedder.pixels(image.frame)
    #expect(try embedding(of: bytes, by: embedder).pixels == expected)
  }

  @Test("gives the same for a path, encoded bytes and a decoded image")
  func entrances() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let bytes = file(PixelImage(patternOfWidth: 30, height: 40, channels: 4), orientation: 7)
    let region = RegionOfInterest(x: 1, y: 3, width: 22, height: 31)
    let decoded = try embedder.embed(ImageFile.decode(unsafe bytes.span.bytes), in: region)
    let encoded = try embedder.embed(encoded: unsafe bytes.span.bytes, in: region)
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/a")
      #expect(try embedder.embed(contentsOf: "\(folder)/a", in: region) == decoded)
    }
    #expect(encoded == decoded)
  }

  @Test("leaves frames alone, whatever the options say of files")
  func framesAreNotFiles() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6") {
      $0.rotation = .clockwise90
      $0.decoding.honorsOrientation = false
    }
    let frame = try stored(Self.upright, 8).frame(.leftBottom)
    #expect(try embedder.pixels(frame) == Self.upright.bytes)
  }

  @Test("names the file in its errors, and no file for bytes in memory")
  func errors() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    try withTemporaryFolder { folder in
      let path = "\(folder)/notes.png"
      try write(Array("just notes".utf8), to: path)
      let expected = EmbedderError.image(path: path, .unknownFormat(found: "text"))
      #expect(throws: expected) { try embedder.embed(contentsOf: path) }
      #expect(expected.code == .invalidArgument)
      #expect("\(expected)".hasPrefix("'\(path)': "))
      let missing = "\(folder)/missing.png"
      #expect {
        try embedder.embed(contentsOf: missing)
      } throws: { error in
        guard case .image(path: missing, .file(.system)) = error as? EmbedderError else {
          return false
        }
        // The path is named once.
        return (error as? EmbedderError)?.code == .notFound
          && "\(error)".split(separator: missing, omittingEmptySubsequences: false).count == 2
      }
    }
    let notes = Array("just notes".utf8)
    let expected = EmbedderError.image(path: nil, .unknownFormat(found: "text"))
    #expect(throws: expected) { try embedder.embed(encoded: unsafe notes.span.bytes) }
  }

  @Test("holds files against the limits of the options")
  func limits() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.decoding.limits.pixelCount = 47 }
    let bytes = PNGWriter(Self.upright).file
    let expected = EmbedderError.image(path: nil, .tooManyPixels(width: 8, height: 6, limit: 47))
    #expect(throws: expected) { try embedding(of: bytes, by: embedder) }
    #expect(expected.code == .resourceExhausted)
  }

  private func embedding(
    of bytes: [UInt8], by embedder: ImageEmbedder, in region: RegionOfInterest? = nil
  ) throws -> EmbeddingResult {
    try embedder.embed(encoded: unsafe bytes.span.bytes, in: region)
  }
}
