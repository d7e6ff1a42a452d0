import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

/// What a small model is, by `Fixtures/Models/README.md` and `scripts/fixtures/make_models.py`.
struct Border: Sendable, CustomTestStringConvertible {
  var name: String
  var inputs: [TensorDescription]
  var outputs: [TensorDescription]

  init(_ name: String, _ input: TensorDescription, _ output: TensorDescription) {
    self.init(name, [input], [output])
  }

  init(_ name: String, _ inputs: [TensorDescription], _ outputs: [TensorDescription]) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
  }

  var testDescription: String { name }
}

@Suite("Model files")
struct ModelFileTests {
  private static let unit = Quantization(scale: 1, zeroPoint: 0)
  private static let signed = Quantization(scale: 0.0078125, zeroPoint: -1)

  static let uint8Borders: [Border] = [
    Border("identity_uint8_8x6", .image(.uint8), .embedding(.uint8, quantization: unit)),
    Border(
      "identity_uint8_224x224", .image(.uint8, shape: [1, 224, 224, 3]),
      .embedding(.uint8, shape: [1, 150_528], quantization: unit)),
    Border(
      "identity_uint8_7x5", .image(.uint8, shape: [1, 5, 7, 3]),
      .embedding(.uint8, shape: [1, 105], quantization: unit)),
    Border(
      "identity_uint8_8x6_normalization",
      .image(.uint8, quantization: Quantization(scale: 0.5, zeroPoint: 3)),
      .embedding(.uint8, quantization: unit)),
    Border(
      "output_uint8", .image(.uint8),
      .embedding(.uint8, quantization: Quantization(scale: 0.05, zeroPoint: 10))),
    Border("output_uint8_no_parameters", .image(.uint8), .embedding(.uint8)),
    Border("input_not_first", .image(.uint8), .embedding(.uint8, quantization: unit)),
    Border(
      "output_1x2x3xn", .image(.uint8),
      .embedding(.uint8, shape: [1, 2, 3, 24], quantization: unit)),
    Border(
      "input_height_0", .image(.uint8, shape: [1, 0, 8, 3]),
      .embedding(.uint8, shape: [1, 0], quantization: unit)),
    Border("output_int32", .image(.uint8), .embedding(.int32)),
    Border("outputs_0", [.image(.uint8)], []),
  ]

  static let otherBorders: [Border] = [
    Border("identity_float_8x6", .image(.float32), .embedding(.float32)),
    Border(
      "output_1x1x1xn", .image(.float32), .embedding(.float32, shape: [1, 1, 1, 144])),
    Border(
      "output_declared_too_small", .image(.float32, shape: [1, 24, 32, 3]),
      .embedding(.float32, shape: [1, 1])),
    Border(
      "identity_int8_8x6", .image(.int8, quantization: signed),
      .embedding(.int8, quantization: signed)),
    Border("identity_int8_8x6_no_parameters", .image(.int8), .embedding(.int8)),
    Border("float_in_int8_out", .image(.float32), .embedding(.int8, quantization: signed)),
    Border("input_int16", .image(.int16), .embedding(.int16)),
    Border("input_int32", .image(.int32), .embedding(.int32)),
    Border("input_float16", .image(.float16), .embedding(.float16)),
    Border(
      "input_rank_5", .image(.uint8, shape: [1, 1, 6, 8, 3]),
      .embedding(.uint8, quantization: unit)),
    Border(
      "inputs_2",
      ["image", "other_image"].map {
        TensorDescription(name: $0, elementType: .float32, shape: [1, 1, 1, 3])
      }, [.embedding(.float32, shape: [1, 1, 1, 3])]),
    Border("inputs_0", [], [.embedding(.float32, shape: [1, 3])]),
    Border(
      "dynamic_float", .image(.float32, shape: [1, 1, 1, 3], shapeSignature: [1, -1, -1, 3]),
      .embedding(.float32, shape: [1, 3])),
    Border(
      "dynamic_height", .image(.float32, shape: [1, 1, 6, 3], shapeSignature: [1, -1, 6, 3]),
      .embedding(.float32, shape: [1, 3])),
    Border(
      "dynamic_output",
      .image(
        .uint8, shape: [1, 1, 1, 3], shapeSignature: [1, -1, -1, 3], quantization: unit),
      .embedding(.uint8, shape: [1, 3], shapeSignature: [1, -1], quantization: unit)),
  ]

  @Test("give their inputs and outputs", arguments: uint8Borders + otherBorders)
  func borders(border: Border) throws {
    let file = try readModel(named: border.name)
    #expect(file.inputs == border.inputs)
    #expect(file.outputs == border.outputs)
  }

  @Test("give several outputs in the model's order")
  func heads() throws {
    let file = try readModel(named: "heads_abc")
    #expect(file.inputs == [.image(.float32)])
    #expect(file.outputs.map(\.name) == (0...2).map { "StatefulPartitionedCall:\($0)" })
    #expect(file.outputs.map(\.shape) == [[1, 144], [1, 24], [1, 1, 1, 12]])
    #expect(file.outputs.map(\.elementType) == [.float32, .uint8, .float32])
    #expect(file.outputs[1].quantization == Quantization(scale: 0.0078125, zeroPoint: 128))
    #expect(file.outputs[0].quantization == nil)
  }

  @Test("know which extents may change")
  func dynamicExtents() throws {
    let height = try readModel(named: "dynamic_height").inputs[0]
    #expect((0..<4).map { height.isDynamic(axis: $0) } == [false, true, false, false])
    let fixed = try readModel(named: "identity_uint8_8x6").inputs[0]
    #expect((0..<4).allSatisfy { !fixed.isDynamic(axis: $0) })
    #expect(!height.isDynamic(axis: -1) && !height.isDynamic(axis: 4))
  }

  @Test("are all read, but for those whose metadata are broken")
  func allModels() throws {
    let refused = Set(
      try Fixtures.modelNames.filter { name in
        let bytes = try contents(of: Fixtures.model(name))
        return (try? readModel(bytes)) == nil
      })
    #expect(refused == Set(BrokenModel.all.map(\.name)))
  }

  @Test("have no metadata where there are none")
  func noMetadata() throws {
    #expect(try readModel(named: "identity_uint8_8x6").metadata == nil)
    #expect(try readModel(named: "heads_no_metadata").metadata == nil)
  }

  @Test(
    "are told from other files",
    arguments: [
      ("", "only 0 bytes"), ("abc", "only 3 bytes"), ("TFL3", "only 4 bytes"),
      ("01234567", "something without the identifier TFL3"),
      ("\0\0\0\0TFL2", "something without the identifier TFL3"),
      (
        "PK\u{3}\u{4}....",
        "a ZIP archive (a TensorFlow or MediaPipe bundle may hold a model: unpack it)"
      ),
      // As MediaPipe aligns it.
      (
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}PK\u{3}\u{4}....",
        "a ZIP archive (a TensorFlow or MediaPipe bundle may hold a model: unpack it)"
      ),
      ("version https://git-lfs", "a Git LFS pointer (fetch the real file)"),
      ("<!DOCTYPE html>", "an HTML or XML page (perhaps a failed download)"),
    ])
  func foreignText(content: String, found: String) {
    #expect(throws: MetadataError.notAModel(found: found)) {
      try readModel(Array(content.utf8))
    }
  }

  @Test("are told from images and packed files")
  func foreignBytes() {
    let png = PNGWriter(PixelImage(patternOfWidth: 2, height: 2, channels: 3)).file
    for (bytes, found) in [
      (png, "a PNG image"), (SmallJPEG.baseline, "a JPEG image"),
      ([0x1f, 0x8b, 8, 0, 0, 0, 0, 0], "gzip-compressed data (unpack it first)"),
    ] {
      #expect(throws: MetadataError.notAModel(found: found)) { try readModel(bytes) }
    }
  }
}
