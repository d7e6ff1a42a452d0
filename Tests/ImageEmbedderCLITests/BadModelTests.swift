import EmbedderTestSupport
import Foundation
import Testing

/// A file that is no model that can be used.
struct BadModel: Sendable, CustomTestStringConvertible {
  let name: String
  /// What the file holds, or `nil` for no file.
  var content: (@Sendable () throws -> [UInt8])?
  /// What the message has to say.
  let part: String

  var testDescription: String { name }
}

@Suite("A model that cannot be used", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct BadModelTests {
  static func cut(_ fixture: String, to count: Int) -> BadModel {
    BadModel(
      name: "\(count) bytes.tflite",
      content: { Array(try contents(of: Fixtures.model(fixture)).prefix(count)) },
      part: "truncated or damaged")
  }

  static let files: [BadModel] = [
    BadModel(name: "missing.tflite", part: "No such file"),
    BadModel(name: "in/no/folder.tflite", part: "No such file"),
    BadModel(name: "efficientnet-lite1", part: "No such file"),
    BadModel(name: "empty.tflite", content: { [] }, part: "empty"),
    BadModel(name: "short.tflite", content: { [1, 2, 3] }, part: "3 bytes"),
    BadModel(name: "text.tflite", content: { Array("this is a text".utf8) }, part: "TFL3"),
    BadModel(
      name: "picture.tflite", content: { PNGWriter(Pictures.small()).file }, part: "a PNG image"),
    BadModel(name: "photograph.tflite", content: { SmallJPEG.baseline }, part: "a JPEG image"),
    BadModel(name: "page.tflite", content: { Array("<!DOCTYPE html>".utf8) }, part: "HTML"),
    BadModel(
      name: "pointer.tflite",
      content: { Array("version https://git-lfs.github.com/spec/v1".utf8) }, part: "Git LFS"),
    BadModel(
      name: "bundle.task", content: { Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 50) },
      part: "ZIP"),
    BadModel(
      name: "packed.tflite", content: { [0x1f, 0x8b] + Array(repeating: 8, count: 50) },
      part: "gzip"),
    BadModel(
      name: "random.tflite",
      content: {
        var generator = SeededGenerator(seed: 2)
        return generator.bytes(10_000)
      }, part: "TFL3"),
    BadModel(
      name: "random with identifier.tflite",
      content: {
        var generator = SeededGenerator(seed: 2)
        return generator.bytes(4) + Array("TFL3".utf8) + generator.bytes(10_000)
      }, part: "damaged"),
    cut("identity_float_8x6", to: 10), cut("identity_float_8x6", to: 500),
    cut("heads_abc", to: 1000),
  ]

  @Test("is one error that names its file", arguments: files)
  func badFile(model: BadModel) throws {
    try Pictures.withPicture { folder, picture in
      if let content = model.content { try write(content(), to: "\(folder)/\(model.name)") }
      for arguments in [
        ["similarity", picture, picture, "--model", model.name],
        ["embed", picture, "--model", model.name],
        ["info", model.name],
      ] {
        try imageEmbedder(arguments, folder: folder)
          .expectStop(naming: ["'\(model.name)'", model.part, "model"])
      }
    }
  }

  @Test("may be a folder or a device", arguments: ["/", "/tmp", "/dev/null", "/dev/zero"])
  func places(path: String) throws {
    try imageEmbedder("info", path).expectStop(naming: ["'\(path)'"])
    try Pictures.withPicture { _, picture in
      try imageEmbedder("embed", picture, "--model", path).expectStop(naming: ["'\(path)'"])
    }
  }

  // MARK: Sound files of the wrong kind

  /// What has to be said of test models.
  static let refused: [(name: String, parts: [String])] = [
    ("input_rank_5", ["[1, 1, 6, 8, 3]", "[1, height, width, 3]"]),
    ("input_rank_3", ["[6, 8, 3]", "[1, height, width, 3]"]),
    ("input_4_channels", ["[1, 6, 8, 4]", "three channels"]),
    ("input_1_channel", ["[1, 6, 8, 1]", "three channels"]),
    ("input_batch_2", ["output 0", "[1, 288]", "one vector"]),
    ("input_height_0", ["[1, 0, 8, 3]", "at least 1"]),
    ("input_int32", ["int32", "uint8, int8 or float32"]),
    ("input_float16", ["float16", "uint8, int8 or float32"]),
    ("inputs_2", ["2 inputs"]), ("inputs_0", ["0 inputs"]), ("outputs_0", ["no output"]),
    ("output_rank_3", ["output 0", "[1, 6, 24]", "--pool"]),
    ("output_1x2x3xn", ["output 0", "[1, 2, 3, 24]", "--pool"]),
    ("output_batch_2", ["output 0", "[2, 72]"]),
    ("output_int32", ["output 0", "int32"]),
    ("metadata_grayscale", ["grayscale", "RGB"]),
    ("metadata_two_inputs", ["2 inputs"]),
    ("metadata_two_normalizations", ["2 NormalizationOptions"]),
    ("metadata_wrong_identifier", ["M001", "M002"]),
    ("metadata_truncated", ["damaged"]), ("metadata_vtable_outside", ["damaged"]),
    ("identity_float_8x6_zero_std", ["std", "0"]),
    ("identity_int8_8x6_no_parameters", ["int8", "scale and zero point"]),
    ("operation_custom", ["ImageEmbedderTestOperation"]),
    ("operation_version", ["cannot prepare"]), ("operation_unknown", ["cannot prepare"]),
    ("subgraphs_0", ["no subgraph"]),
  ]

  @Test("is one error that says what was found and needed", arguments: refused)
  func fixtures(name: String, parts: [String]) throws {
    try Pictures.withPicture { _, picture in
      let path = Fixtures.model(name)
      for arguments in [["similarity", picture, picture], ["embed", picture]] {
        try imageEmbedder(arguments + ["--model", path]).expectStop(naming: ["'\(path)'"] + parts)
      }
    }
  }

  @Test(
    "without normalization names the options with which it works",
    arguments: [
      "identity_float_8x6_no_metadata", "identity_float_8x6_rgb_only",
      "identity_int8_8x6_no_metadata", "identity_int8_8x6_rgb_only",
    ])
  func missingNormalization(name: String) throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(2, in: folder)
      let arguments = ["similarity"] + pictures + ["--model", Fixtures.model(name)]
      try imageEmbedder(arguments)
        .expectStop(naming: ["--mean", "--std", "127.5 and 127.5", Fixtures.model(name)])
      let run = try imageEmbedder(arguments + ["--mean", "127.5", "--std", "127.5"])
      run.expectSuccess()
      #expect(run.output.hasPrefix("Cosine similarity: "))
    }
  }

  @Test("is refused before any image is looked at")
  func modelFirst() throws {
    let run = try imageEmbedder("similarity", "/nope.png", "/nope.png", "--model", "/nope.tflite")
    run.expectStop(naming: ["/nope.tflite"])
    #expect(!run.standardError.contains("nope.png"))
  }

  // MARK: All test models

  /// `Goldens/models.json`: what is expected of each test model, in words.
  private struct GoldenModels: Decodable {
    struct Case: Decodable {
      let model: String
      let product: String
    }

    let cases: [Case]
  }

  static let products: [(name: String, product: String)] = {
    let golden = try? Fixtures.golden("models", as: GoldenModels.self)
    return (golden?.cases ?? []).map { (String($0.model.dropLast(7)), $0.product) }
  }()

  @Test("is told apart from one that can, whatever it is", arguments: products)
  func everyFixture(name: String, product: String) throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder("embed", picture, "--model", Fixtures.model(name))
      if product.hasPrefix("accepted"), !product.contains("refused") {
        run.expectSuccess()
        #expect(run.outputLines.count == 1)
      } else if product.hasPrefix("refused") {
        run.expectStop(naming: [Fixtures.model(name)])
      } else {
        #expect([.exit(status: 0), .exit(status: 1), .exit(status: 2)].contains(run.ending))
      }
    }
  }

  @Test("is told apart from one that can, in at least ninety cases")
  func goldenIsThere() {
    #expect(Self.products.count >= 90)
  }
}
