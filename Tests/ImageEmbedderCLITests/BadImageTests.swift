import EmbedderTestSupport
import Foundation
import Testing

/// An input that cannot be embedded.
struct BadImage: Sendable, CustomTestStringConvertible {
  let name: String
  /// What the file holds, or `nil` for no file.
  var content: (@Sendable () throws -> [UInt8])?
  var isFolder = false
  let code: String
  /// What the message has to say.
  let part: String

  var testDescription: String { name }

  /// Makes it in a folder.
  func make(in folder: String) throws {
    if isFolder {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
    } else if let content {
      try write(content(), to: "\(folder)/\(name)")
    }
  }
}

@Suite("An image that cannot be embedded", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct BadImageTests {
  static let model = ["--model", Fixtures.model("identity_uint8_8x6")]

  static func bytes(_ name: String, _ content: [UInt8], _ part: String) -> BadImage {
    BadImage(name: name, content: { content }, code: "INVALID_ARGUMENT", part: part)
  }

  /// The beginning of a photograph.
  static func cut(_ photograph: String, to count: Int) -> BadImage {
    BadImage(
      name: "\(count) bytes of \(photograph)",
      content: { Array(try contents(of: Fixtures.photograph(photograph))[..<count]) },
      code: "INVALID_ARGUMENT", part: "image is")
  }

  static let images: [BadImage] = [
    BadImage(name: "missing.png", code: "NOT_FOUND", part: "No such file"),
    BadImage(name: "in/no/folder.png", code: "NOT_FOUND", part: "No such file"),
    BadImage(name: "folder.png", isFolder: true, code: "INVALID_ARGUMENT", part: "folder"),
    bytes("empty.jpg", [], "empty"),
    bytes("text.jpg", Array("this is a text\n".utf8), "text"),
    bytes("page.png", Array("<html><body>404".utf8), "HTML"),
    bytes("document.jpg", Array("%PDF-1.7".utf8), "PDF"),
    bytes("archive.png", Array("PK\u{3}\u{4}zip".utf8), "ZIP"),
    bytes("pointer.jpg", Array("version https://git-lfs.github.com/spec/v1".utf8), "Git LFS"),
    bytes("zeros.jpg", Array(repeating: 0, count: 1000), "00 00"),
    bytes("one byte.jpg", [0xff], "ff"),
    bytes("header.png", Array(PNGWriter(Pictures.small()).file.prefix(33)), "PNG"),
    bytes("no data.png", Array(PNGWriter(Pictures.small()).file.prefix(70)), "cut short"),
    bytes("signature.png", Array(PNGWriter(Pictures.small()).file.prefix(8)), "PNG"),
    bytes("signature.jpg", [0xff, 0xd8, 0xff, 0xe0], "image"),
    bytes("quantization.jpg", Array(SmallJPEG.baseline.prefix(100)), "image"),
    bytes("scan.jpg", Array(SmallJPEG.baseline.dropLast(40)), "JPEG"),
    BadImage(
      name: "random.jpg",
      content: {
        var generator = SeededGenerator(seed: 9)
        return [0xff, 0xd8, 0xff] + generator.bytes(5000)
      }, code: "INVALID_ARGUMENT", part: "JPEG"),
    BadImage(
      name: "random.png",
      content: {
        var generator = SeededGenerator(seed: 9)
        return PNGWriter(Pictures.small()).file.prefix(8) + generator.bytes(5000)
      }, code: "INVALID_ARGUMENT", part: "PNG"),
  ]

  static let cutPhotographs =
    [3000, 10_000, 100_000].map { cut("rocket.jpg", to: $0) }
    + [100, 3000, 100_000, 200_000].map { cut("chelsea.png", to: $0) }

  @Test("stops similarity, whether it is the first or the second", arguments: images)
  func similarity(image: BadImage) throws {
    try Pictures.withPicture { folder, picture in
      try image.make(in: folder)
      for pair in [[image.name, picture], [picture, image.name]] {
        try imageEmbedder(["similarity"] + pair + Self.model, folder: folder)
          .expectStop(naming: ["'\(image.name)'"])
      }
    }
  }

  @Test(
    "is a failure among the results of embed, which goes on",
    arguments: images.filter { !$0.isFolder })
  func embed(image: BadImage) throws {
    try Self.expectFailure(of: image)
  }

  @Test(
    "is one also where a photograph is cut short", .enabled(if: Fixtures.hasPhotographs),
    arguments: cutPhotographs)
  func cutPhotograph(image: BadImage) throws {
    try Self.expectFailure(of: image)
  }

  private static func expectFailure(of image: BadImage) throws {
    try Pictures.withPicture { folder, picture in
      try image.make(in: folder)
      let run = try imageEmbedder(["embed", image.name, picture] + Self.model, folder: folder)
      #expect(run.ending == .exit(status: 2))
      let rows = try run.json(JSONRow.self)
      #expect(rows.map(\.path) == [image.name, picture])
      #expect(rows.map(\.status) == ["failed", "ok"])
      #expect(rows.first?.errorCode == image.code)
      #expect(rows.first?.errorMessage?.contains(image.part) == true)
      #expect(run.errorLines.count == 2)
      #expect(run.standardError.hasPrefix("image-embedder: "))
      #expect(run.errorLines.first?.contains("'\(image.name)'") == true)
      #expect(run.errorLines.last == "image-embedder: 1 of 2 images could not be embedded")
    }
  }

  @Test("may be a device", arguments: ["/dev/null", "/dev/zero", "/dev/full", "/proc/self/mem"])
  func devices(path: String) throws {
    try Pictures.withPicture { _, picture in
      try imageEmbedder(["similarity", picture, path] + Self.model).expectStop(naming: [path])
    }
  }

  @Test("may have no name")
  func emptyName() throws {
    try Pictures.withPicture { _, picture in
      try imageEmbedder(["similarity", picture, ""] + Self.model).expectStop(naming: ["''"])
    }
  }

  @Test(
    "that is cut short anywhere is told to be",
    arguments: [
      (SmallJPEG.baseline, 100), (SmallJPEG.baseline, 300), (SmallJPEG.baseline, -6),
      (PNGWriter(Pictures.small()).file, 8), (PNGWriter(Pictures.small()).file, 33),
      (PNGWriter(Pictures.small()).file, 70), (PNGWriter(Pictures.small()).file, -40),
    ])
  func cutShort(file: [UInt8], count: Int) throws {
    try withTemporaryFolder { folder in
      try write(Array(file.prefix(count < 0 ? file.count + count : count)), to: "\(folder)/cut")
      let run = try imageEmbedder(["similarity", "cut", "cut"] + Self.model, folder: folder)
      run.expectStop(naming: ["'cut'"])
      #expect(run.standardError.contains("cut short"))
    }
  }

  @Test(
    "outside of which a region lies is one",
    arguments: [
      "0,0,9,6", "0,0,8,7", "8,0,1,1", "0,6,1,1", "1,0,8,6", "9223372036854775807,0,1,1",
      "0,0,9223372036854775807,9223372036854775807", "9223372036854775807,1,9223372036854775807,1",
    ])
  func regionOutside(region: String) throws {
    try Pictures.withPicture { _, picture in
      let similarity = try imageEmbedder(
        ["similarity", picture, picture, "--region", region] + Self.model)
      similarity.expectStop(naming: [region, "8 x 6"])
      let embed = try imageEmbedder(["embed", picture, "--region", region] + Self.model)
      #expect(embed.ending == .exit(status: 2))
      #expect(try embed.json(JSONRow.self).map(\.errorCode) == ["INVALID_ARGUMENT"])
    }
  }
}
