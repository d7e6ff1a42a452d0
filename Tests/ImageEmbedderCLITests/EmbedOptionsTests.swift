import EmbedderTestSupport
import Testing

@Suite("Options of embed", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct EmbedOptionsTests {
  /// The only vector of a run with a model that gives the picture itself.
  static func pixels(
    _ arguments: [String], model: String = "identity_uint8_8x6"
  ) throws -> [Float] {
    let run = try imageEmbedder(["embed", "--model", Fixtures.model(model)] + arguments)
    run.expectSuccess()
    let rows = try run.json(JSONRow.self)
    try #require(rows.count == 1)
    return rows[0].components
  }

  static func floats(_ image: PixelImage) -> [Float] {
    image.bytes.map(Float.init)
  }

  // MARK: Sizes

  @Test(
    "take pictures of any size",
    arguments: [
      (1, 1), (1, 500), (500, 1), (31, 23), (32, 24), (33, 25), (36, 27), (40, 30), (24, 32),
      (47, 47), (64, 48), (65, 49), (256, 256), (320, 240), (2000, 10), (10, 2000),
    ])
  func sizes(width: Int, height: Int) throws {
    try withTemporaryFolder { folder in
      // One colour stays that colour at every size, but for libyuv's rounding.
      let color: [UInt8] = [10, 120, 250]
      let row = Array(repeating: color, count: width).flatMap(\.self)
      let png = PNGWriter(
        width: width, height: height, rows: Array(repeating: row, count: height))
      try write(png.file, to: "\(folder)/a.png")
      let run = try imageEmbedder(
        "embed", "\(folder)/a.png", "--model", Fixtures.model("identity_uint8_32x24"))
      let rows = try run.json(JSONRow.self)
      let expected = Array(repeating: color.map(Float.init), count: 32 * 24).flatMap(\.self)
      run.expectSuccess()
      #expect(difference(rows.first?.components ?? [], expected, tolerance: 2) == nil)
    }
  }

  // MARK: Decoding and presets

  @Test("--decode fast reports the picture's full size, and regions are given in it")
  func fastDecoding() throws {
    try withTemporaryFolder { folder in
      try write(SmallJPEG.baseline, to: "\(folder)/a.jpg")
      let run = try imageEmbedder(
        "embed", "\(folder)/a.jpg", "--decode", "fast", "--region", "8,0,16,16", "--model",
        Fixtures.model("identity_uint8_8x6"))
      run.expectSuccess()
      let row = try #require(try run.json(JSONRow.self).first)
      #expect(row.width == 24)
      #expect(row.height == 16)
      // The top left pixel is of the second square.
      #expect(difference(Array(row.components.prefix(3)), [20, 160, 60], tolerance: 4) == nil)
      let exact = try Self.pixels(["\(folder)/a.jpg", "--region", "8,0,16,16"])
      #expect(row.components != exact)
    }
  }

  @Test("--decode task-library decodes JPEG files as the Task Library does")
  func taskLibraryDecoding() throws {
    // A picture of 79 x 53 pixels, all of whose pixels tflite-support 0.4.4 gives otherwise.
    let file = Fixtures.oddFile("jpeg-422.jpg")
    let found = try Self.pixels([file, "--decode", "task-library"])
    #expect(found != (try Self.pixels([file])))
    // Other formats are what they are.
    let lossless = Fixtures.oddFile("photograph.png")
    #expect(
      try Self.pixels([lossless, "--decode", "task-library"]) == (try Self.pixels([lossless])))
  }

  @Test("--preset antialiased-v1 averages what is shrunk")
  func antialiased() throws {
    try withTemporaryFolder { folder in
      // Of three columns the middle one is white, and the only one that the other preset reads.
      let row = (0..<24).flatMap { Array(repeating: UInt8($0 % 3 == 1 ? 255 : 0), count: 3) }
      let png = PNGWriter(width: 24, height: 18, rows: Array(repeating: row, count: 18))
      try write(png.file, to: "\(folder)/a.png")
      let found = try Self.pixels(["\(folder)/a.png", "--preset", "antialiased-v1"])
      #expect(found.allSatisfy { $0 == 85 })
      let plain = try Self.pixels(["\(folder)/a.png", "--preset", "task-library-v1"])
      #expect(plain.allSatisfy { $0 == 255 })
      #expect(try Self.pixels(["\(folder)/a.png"]) == plain)
    }
  }

  // MARK: Region and rotation

  @Test("--region cuts whole pixels out", arguments: [(0, 0), (3, 5), (12, 10)])
  func region(x: Int, y: Int) throws {
    try withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: 3)
      let image = PixelImage(randomOfWidth: 20, height: 16, channels: 3, using: &generator)
      try write(PNGWriter(image).file, to: "\(folder)/a.png")
      let found = try Self.pixels(["\(folder)/a.png", "--region", "\(x),\(y),8,6"])
      let expected = Self.floats(image.cropped(x: x, y: y, width: 8, height: 6))
      #expect(difference(found, expected) == nil)
    }
  }

  @Test("--rotation turns clockwise", arguments: [0, 1, 2, 3])
  func rotation(quarterTurns: Int) throws {
    try withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: 4)
      let isUpright = quarterTurns.isMultiple(of: 2)
      let image = PixelImage(
        randomOfWidth: isUpright ? 8 : 6, height: isUpright ? 6 : 8, channels: 3, using: &generator)
      try write(PNGWriter(image).file, to: "\(folder)/a.png")
      let found = try Self.pixels(["\(folder)/a.png", "--rotation", "\(90 * quarterTurns)"])
      let expected = Self.floats(image.turnedClockwise(quarterTurns: quarterTurns))
      #expect(difference(found, expected) == nil)
    }
  }

  @Test("--region comes before --rotation")
  func regionThenRotation() throws {
    try withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: 5)
      let image = PixelImage(randomOfWidth: 20, height: 16, channels: 3, using: &generator)
      try write(PNGWriter(image).file, to: "\(folder)/a.png")
      let found = try Self.pixels([
        "\(folder)/a.png", "--region", "2,3,6,8", "--rotation", "90",
      ])
      let region = image.cropped(x: 2, y: 3, width: 6, height: 8)
      #expect(difference(found, Self.floats(region.turnedClockwise(quarterTurns: 1))) == nil)
    }
  }

  // MARK: EXIF

  /// Writes a picture of 8 x 6 upright pixels that is stored in another orientation.
  static func writeJPEG(orientation: Int, in folder: String) throws -> String {
    let block = ExifBlock.orientation(UInt16(orientation), isLittleEndian: false)
    let path = "\(folder)/exif \(orientation).jpg"
    try write(ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline), to: path)
    return path
  }

  @Test("honour EXIF unless told otherwise", arguments: [(3, 180), (6, 90), (8, 270)])
  func exif(orientation: Int, degrees: Int) throws {
    try withTemporaryFolder { folder in
      let plain = try Self.writeJPEG(orientation: 1, in: folder)
      let turned = try Self.writeJPEG(orientation: orientation, in: folder)
      let asStored = try Self.pixels([plain])
      let upright = try Self.pixels([plain, "--rotation", "\(degrees)"])
      #expect(upright != asStored)
      #expect(try Self.pixels([turned]) == upright)
      #expect(try Self.pixels([turned, "--exif"]) == upright)
      #expect(try Self.pixels([turned, "--no-exif"]) == asStored)
      #expect(try Self.pixels([turned, "--no-exif", "--exif"]) == upright)
      #expect(try Self.pixels([turned, "--no-exif", "--rotation", "\(degrees)"]) == upright)
    }
  }

  @Test("report the size of the upright picture, or of the stored one without EXIF")
  func reportedSize() throws {
    try withTemporaryFolder { folder in
      let path = try Self.writeJPEG(orientation: 6, in: folder)
      for (options, size) in [([], [16, 24]), (["--no-exif"], [24, 16])] as [([String], [Int])] {
        let run = try imageEmbedder(
          ["embed", path, "--model", Fixtures.model("constant_3_4")] + options)
        let row = try #require(try run.json(JSONRow.self).first)
        #expect([row.width, row.height] == size)
      }
    }
  }

  @Test("give --region in the upright picture, or in the stored one without EXIF")
  func regionAndExif() throws {
    try withTemporaryFolder { folder in
      let plain = try Self.writeJPEG(orientation: 1, in: folder)
      let turned = try Self.writeJPEG(orientation: 6, in: folder)
      // Stored 24 x 16, upright 16 x 24: the upright top left corner is the stored bottom left one.
      let upright = try Self.pixels([turned, "--region", "0,0,8,12"])
      let turnedRegion = try Self.pixels([plain, "--region", "0,8,12,8", "--rotation", "90"])
      #expect(upright == turnedRegion)
      let stored = try Self.pixels([turned, "--no-exif", "--region", "0,0,24,8"])
      let plainRegion = try Self.pixels([plain, "--region", "0,0,24,8"])
      #expect(stored == plainRegion)
      let outside = try imageEmbedder(
        "embed", turned, "--region", "0,0,24,8", "--model", Fixtures.model("constant_3_4"))
      #expect(outside.ending == .exit(status: 2))
      #expect(outside.standardError.contains("16 x 24"))
    }
  }

  // MARK: Numbers

  @Test("--mean and --std stand in for the metadata's normalization")
  func normalization() throws {
    try Pictures.withPicture { _, picture in
      let bytes = Pictures.small().bytes
      for options in [["--mean", "10", "--std", "4"], ["--std=4,4,4", "--mean=10,10,10"]] {
        for model in ["identity_float_8x6", "identity_float_8x6_no_metadata"] {
          let found = try Self.pixels([picture] + options, model: model)
          #expect(difference(found, bytes.map { (Float($0) - 10) / 4 }) == nil)
        }
      }
      let negative = try Self.pixels(
        [picture, "--mean", "-1", "--std", "-2"], model: "identity_float_8x6")
      #expect(difference(negative, bytes.map { (Float($0) + 1) / -2 }) == nil)
    }
  }

  @Test("--l2-normalize scales to length 1, and the last of it and its opposite counts")
  func l2Normalize() throws {
    try Pictures.withPicture { _, picture in
      for (options, expected) in [
        (["--l2-normalize"], [0.6, 0.8]), (["--no-l2-normalize"], [3, 4]), ([], [3, 4]),
        (["--no-l2-normalize", "--l2-normalize"], [0.6, 0.8]),
        (["--l2-normalize", "--no-l2-normalize"], [3, 4]),
      ] as [([String], [Float])] {
        let found = try Self.pixels([picture] + options, model: "constant_3_4")
        #expect(difference(found, expected, tolerance: 1e-6) == nil)
      }
    }
  }

  @Test("--threads changes nothing but time")
  func threads() throws {
    try Pictures.withPicture { _, picture in
      let single = try Self.pixels([picture], model: "identity_float_8x6")
      #expect(try Self.pixels([picture, "--threads", "1"], model: "identity_float_8x6") == single)
    }
  }

  @Test("refuse --mean and --std where pixels are taken as they are")
  func normalizationOfUint8() throws {
    try Pictures.withPicture { _, picture in
      let model = Fixtures.model("identity_uint8_8x6")
      try imageEmbedder("embed", picture, "--model", model, "--mean", "0", "--std", "1")
        .expectStop(naming: [model, "normalization", "uint8"])
    }
  }
}
