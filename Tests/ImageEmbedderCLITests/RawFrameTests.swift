import EmbedderTestSupport
import Testing

@Suite("Raw frames and transparency", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct RawFrameTests {
  /// The pixels that reach a model which gives them back.
  static func pixels(
    of bytes: [UInt8], _ arguments: [String], model: String = "identity_uint8_8x6"
  ) throws -> [Float] {
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/frame.raw")
      return try EmbedOptionsTests.pixels(["\(folder)/frame.raw"] + arguments, model: model)
    }
  }

  static func image(width: Int, height: Int, channels: Int = 3) -> PixelImage {
    var generator = SeededGenerator(seed: 21)
    return PixelImage(
      randomOfWidth: width, height: height, channels: channels, using: &generator)
  }

  static func floats(_ image: PixelImage) -> [Float] {
    image.bytes.map(Float.init)
  }

  // MARK: Formats

  @Test("of packed colours are taken as they are")
  func packed() throws {
    let rgb = Self.image(width: 8, height: 6)
    #expect(try Self.pixels(of: rgb.bytes, ["--raw", "rgb:8x6"]) == Self.floats(rgb))
    let rgba = Self.image(width: 8, height: 6, channels: 4)
    let found = try Self.pixels(of: rgba.bytes, ["--raw", "rgba:8x6"])
    #expect(difference(found, Self.floats(rgba.withoutAlpha())) == nil)
    let gray = Self.image(width: 8, height: 6, channels: 1)
    let shades = gray.bytes.flatMap { [Float($0), Float($0), Float($0)] }
    #expect(difference(try Self.pixels(of: gray.bytes, ["--raw", "gray:8x6"]), shades) == nil)
  }

  @Test(
    "of luma and chroma have the same pixels however the chroma lies",
    arguments: [(8, 6, "identity_uint8_8x6"), (7, 5, "identity_uint8_7x5")])
  func planar(width: Int, height: Int, model: String) throws {
    var generator = SeededGenerator(seed: 22)
    let luma = generator.bytes(width * height)
    let (columns, rows) = ((width + 1) / 2, (height + 1) / 2)
    let (u, v) = (generator.bytes(columns * rows), generator.bytes(columns * rows))
    func interleaved(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
      zip(first, second).flatMap { [$0, $1] }
    }
    let frames = [
      ("nv12", luma + interleaved(u, v)), ("nv21", luma + interleaved(v, u)),
      ("yv12", luma + v + u), ("yv21", luma + u + v),
    ]
    let results = try frames.map { format, bytes in
      try Self.pixels(of: bytes, ["--raw", "\(format):\(width)x\(height)"], model: model)
    }
    #expect(results[0].count == width * height * 3)
    for (result, frame) in zip(results, frames).dropFirst() {
      #expect(difference(result, results[0]) == nil, "\(frame.0) differs from nv12")
    }
  }

  // MARK: Orientation and region

  @Test("are brought upright by --orientation", arguments: 1...8)
  func orientation(number: Int) throws {
    let isUpright = number < 5
    let stored = Self.image(width: isUpright ? 8 : 6, height: isUpright ? 6 : 8)
    let raw = "rgb:\(stored.width)x\(stored.height)"
    let found = try Self.pixels(
      of: stored.bytes, ["--raw", raw, "--orientation", "\(number)"])
    let upright = stored.upright(exifOrientation: number)
    #expect(difference(found, Self.floats(upright)) == nil)

    // A rotation follows.
    let turned = try Self.pixels(
      of: stored.bytes, ["--raw", raw, "--orientation", "\(number)", "--rotation", "180"])
    #expect(difference(turned, Self.floats(upright.turnedClockwise(quarterTurns: 2))) == nil)
  }

  @Test("have their --region in the stored frame", arguments: [1, 3, 6, 8])
  func region(number: Int) throws {
    let stored = Self.image(width: 20, height: 16)
    let (width, height) = number < 5 ? (8, 6) : (6, 8)
    let found = try Self.pixels(
      of: stored.bytes,
      [
        "--raw", "rgb:20x16", "--orientation", "\(number)", "--region", "11,7,\(width),\(height)",
      ])
    let region = stored.cropped(x: 11, y: 7, width: width, height: height)
    #expect(difference(found, Self.floats(region.upright(exifOrientation: number))) == nil)
  }

  @Test("report the size of the upright picture")
  func reportedSize() throws {
    try withTemporaryFolder { folder in
      try write(Self.image(width: 20, height: 16).bytes, to: "\(folder)/frame.raw")
      for (orientation, size) in [("1", [20, 16]), ("6", [16, 20])] {
        let run = try imageEmbedder(
          "embed", "\(folder)/frame.raw", "--raw", "rgb:20x16", "--orientation", orientation,
          "--model", Fixtures.model("constant_3_4"))
        run.expectSuccess()
        let row = try #require(try run.json(JSONRow.self).first)
        #expect([row.width, row.height] == size)
      }
    }
  }

  // MARK: Failures

  @Test(
    "of another size than they are said to have are failures",
    arguments: [
      ("rgb:8x6", 143), ("rgb:8x6", 145), ("rgb:8x6", 0), ("rgba:8x6", 144), ("gray:8x6", 144),
      ("nv12:8x6", 71), ("nv12:7x5", 58), ("yv12:7x5", 60), ("rgb:30000x30000", 144),
    ])
  func wrongSize(raw: String, byteCount: Int) throws {
    try withTemporaryFolder { folder in
      try write(Array(repeating: 9, count: byteCount), to: "\(folder)/frame.raw")
      let arguments = ["--raw", raw, "--model", Fixtures.model("constant_3_4")]
      let embed = try imageEmbedder(["embed", "frame.raw"] + arguments, folder: folder)
      #expect(embed.ending == .exit(status: 2))
      let row = try #require(try embed.json(JSONRow.self).first)
      #expect(row.status == "failed" && row.errorCode == "INVALID_ARGUMENT")
      if byteCount > 0 {
        #expect(row.errorMessage?.contains("\(byteCount)") == true)
      }
      try imageEmbedder(["similarity", "frame.raw", "frame.raw"] + arguments, folder: folder)
        .expectStop(naming: ["'frame.raw'"])
    }
  }

  @Test(
    "without sides are failures, not traps",
    arguments: [
      "rgb:0x6", "rgb:8x0", "rgb:-8x6", "rgb:8x-6", "rgb:32769x1", "gray:9223372036854775807x2",
      "nv12:4294967296x4294967296", "yv12:-9223372036854775808x-9223372036854775808",
    ])
  func impossibleSizes(raw: String) throws {
    try Pictures.withPicture { folder, _ in
      let run = try imageEmbedder(
        "embed", "picture 0.png", "--raw", raw, "--model", Fixtures.model("constant_3_4"),
        folder: folder)
      #expect([.exit(status: 2), .exit(status: 64)].contains(run.ending))
      #expect(!run.standardError.isEmpty)
    }
  }

  @Test(
    "that are not described are wrong usage",
    arguments: [
      (["--raw", "bgr:8x6"], "bgr:8x6"), (["--raw", "rgb"], "--raw"),
      (["--raw", "rgb:8"], "rgb:8"), (["--raw", "rgb:8x6x3"], "rgb:8x6x3"),
      (["--raw", "rgb:axb"], "rgb:axb"), (["--raw", "RGB:8x6"], "RGB:8x6"),
      (["--raw", "rgb:99999999999999999999x1"], "--raw"), (["--raw", "rgb: 8x6"], "--raw"),
      (["--raw", ":8x6"], "--raw"), (["--raw"], "--raw"), (["--orientation", "6"], "--raw"),
      (["--raw", "rgb:8x6", "--orientation", "0"], "--orientation"),
      (["--raw", "rgb:8x6", "--orientation", "9"], "--orientation"),
      (["--raw", "rgb:8x6", "--orientation", "-1"], "--orientation"),
      (["--raw", "rgb:8x6", "--orientation", "x"], "--orientation"),
    ])
  func wrongUsage(arguments: [String], part: String) throws {
    try imageEmbedder(["embed", "frame.raw"] + arguments).expectWrongUsage(naming: [part])
  }

  // MARK: Transparency

  @Test("is dropped, or laid on white or black", arguments: ["drop", "white", "black"])
  func alpha(treatment: String) throws {
    let image = Self.image(width: 8, height: 6, channels: 4)
    let backdrop = ["white": 255.0, "black": 0][treatment]
    let expected = stride(from: 0, to: image.bytes.count, by: 4).flatMap { start in
      (0..<3).map { channel in
        let value = Double(image.bytes[start + channel])
        let alpha = Double(image.bytes[start + 3]) / 255
        return Float(backdrop.map { (value * alpha + $0 * (1 - alpha)).rounded() } ?? value)
      }
    }
    try withTemporaryFolder { folder in
      try write(PNGWriter(image).file, to: "\(folder)/a.png")
      let found = try EmbedOptionsTests.pixels(["\(folder)/a.png", "--alpha", treatment])
      #expect(difference(found, expected, tolerance: 1) == nil)
      let raw = try Self.pixels(of: image.bytes, ["--raw", "rgba:8x6", "--alpha", treatment])
      #expect(raw == found)
      if treatment == "drop" {
        #expect(try EmbedOptionsTests.pixels(["\(folder)/a.png"]) == found)
      }
    }
  }

  @Test("has no other treatment", arguments: ["", "keep", "White", "gray"])
  func unknownAlpha(treatment: String) throws {
    try imageEmbedder("embed", "a.png", "--alpha", treatment)
      .expectWrongUsage(naming: ["--alpha"])
  }
}
