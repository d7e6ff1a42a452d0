import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

@Suite("TFLite metadata")
struct TFLiteMetadataTests {
  /// A normalization as the file states it.
  struct Values: Hashable, Sendable {
    var mean: [Float]
    var std: [Float]
  }

  private static let half = Values(mean: [127.5], std: [127.5])
  private static let imageNet = Values(
    mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375])

  @Test("give every descriptive field")
  func rich() throws {
    let metadata = try #require(try readModel(named: "metadata_rich").metadata)
    #expect(metadata.name == "Rich Metadata")
    #expect(
      metadata.description
        == "Every descriptive field is filled.\nThis one has two lines and an umlaut: ü.")
    #expect(metadata.version == "1.2.3")
    #expect(metadata.author == "The authors of Image Embedder")
    #expect(metadata.license == "Apache License, Version 2.0")
    #expect(metadata.minimumParserVersion == "1.0.0")
    #expect(metadata.associatedFiles.map(\.name) == ["labels.txt"])
    #expect(metadata.associatedFiles.map(\.description) == ["Names of the components."])
    let input = try #require(metadata.inputs?.first)
    #expect(metadata.inputs?.count == 1)
    #expect(input.name == "image")
    #expect(input.description == nil)
    #expect(input.content == .image(.rgb))
    #expect(values(of: input) == [Self.imageNet])
    #expect(metadata.outputs.map(\.name) == ["feature_vector"])
    #expect(metadata.outputs[0].content == .none)
    #expect(metadata.outputs[0].normalizations == [])
  }

  @Test("are the same behind a ZIP archive, compressed or not, and before other bytes")
  func archives() throws {
    let rich = try readModel(named: "metadata_rich").metadata
    #expect(try readModel(named: "metadata_zip_compressed").metadata == rich)
    let trailing = try readModel(named: "trailing_bytes").metadata
    #expect(values(of: trailing?.inputs?.first) == [Self.half])
  }

  @Test("name the outputs")
  func outputNames() throws {
    let metadata = try #require(try readModel(named: "heads_abc").metadata)
    #expect(metadata.outputs.map(\.name) == ["head_a", "head_b", "head_c"])
  }

  @Test("do not mind a parser version that nobody has")
  func parserVersion() throws {
    let metadata = try readModel(named: "metadata_min_parser_version").metadata
    #expect(metadata?.minimumParserVersion == "9.9.9")
  }

  @Test(
    "give the input's content as stated",
    arguments: [
      ("identity_float_8x6", ContentProperties.image(.rgb)),
      ("identity_float_8x6_without_color_space", .none),
      ("metadata_grayscale", .image(.grayscale)),
      ("metadata_unknown_color_space", .image(.unknown)),
      ("metadata_feature_properties", .feature),
      ("metadata_null_content", .image(.unknown)),
      ("metadata_unknown_content", .unknown(77)),
    ])
  func content(name: String, expected: ContentProperties) throws {
    let metadata = try readModel(named: name).metadata
    #expect(metadata?.inputs?.first?.content == expected)
  }

  @Test(
    "give the input's normalizations as stated, usable or not",
    arguments: [
      ("identity_float_8x6", [half]),
      ("identity_float_8x6_imagenet", [imageNet]),
      ("identity_float_8x6_rgb_only", []),
      ("identity_float_8x6_negative_std", [Values(mean: [127.5], std: [-127.5])]),
      ("identity_float_8x6_zero_std", [Values(mean: [127.5], std: [0])]),
      ("metadata_two_normalizations", [half, half]),
      (
        "metadata_mean_1_std_3",
        [Values(mean: [127.5], std: [58.395, 57.12, 57.375])]
      ),
      ("metadata_two_values", [Values(mean: [127.5, 127.5], std: [127.5, 127.5])]),
      ("metadata_empty_values", [Values(mean: [], std: [])]),
      ("metadata_null_values", [Values(mean: [], std: [])]),
      ("metadata_null_options", [Values(mean: [], std: [])]),
    ])
  func normalizations(name: String, expected: [Values]) throws {
    let metadata = try readModel(named: name).metadata
    #expect(values(of: metadata?.inputs?.first) == expected)
  }

  @Test(
    "give the number of inputs that they describe",
    arguments: [
      ("metadata_without_tensors", 0), ("metadata_zero_inputs", 0), ("metadata_two_inputs", 2),
    ])
  func inputCounts(name: String, count: Int) throws {
    #expect(try readModel(named: name).metadata?.inputs?.count == count)
  }

  private func values(of tensor: TensorMetadata?) -> [Values]? {
    tensor?.normalizations.map { Values(mean: $0.mean, std: $0.std) }
  }
}
