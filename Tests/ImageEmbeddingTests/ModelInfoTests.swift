import EmbedderTestSupport
import ImageEmbedding
import Testing

/// A small model that does not meet a requirement, and which.
struct UnmetCase: Sendable, CustomTestStringConvertible {
  let model: String
  let error: ModelError

  init(_ model: String, _ error: ModelError) {
    self.model = model
    self.error = error
  }

  var testDescription: String { model }

  static let metadata = [
    UnmetCase("identity_float_8x6_zero_std", .normalization(.zeroStd)),
    UnmetCase("identity_float_8x6_no_metadata", .missingNormalization(.float32)),
    UnmetCase("identity_float_8x6_rgb_only", .missingNormalization(.float32)),
    UnmetCase("identity_int8_8x6_no_metadata", .missingNormalization(.int8)),
    UnmetCase("identity_int8_8x6_rgb_only", .missingNormalization(.int8)),
    UnmetCase("identity_int8_8x6_no_parameters", .missingInputQuantization),
    UnmetCase("metadata_without_tensors", .inputMetadataCount(0)),
    UnmetCase("metadata_zero_inputs", .inputMetadataCount(0)),
    UnmetCase("metadata_two_inputs", .inputMetadataCount(2)),
    UnmetCase("metadata_grayscale", .inputColorSpace(.grayscale)),
    UnmetCase("metadata_unknown_color_space", .inputColorSpace(.unknown)),
    UnmetCase("metadata_null_content", .inputColorSpace(.unknown)),
    UnmetCase("metadata_unknown_content", .inputIsNotAnImage(.unknown(77))),
    UnmetCase("metadata_feature_properties", .inputIsNotAnImage(.feature)),
    UnmetCase("metadata_two_normalizations", .severalNormalizations(2)),
    UnmetCase("metadata_mean_1_std_3", .normalization(.differentCounts(mean: 1, std: 3))),
    UnmetCase("metadata_two_values", .normalization(.unsupportedCount(2))),
    UnmetCase("metadata_two_values_uint8", .normalization(.unsupportedCount(2))),
    UnmetCase("metadata_empty_values", .normalization(.unsupportedCount(0))),
    UnmetCase("metadata_null_values", .normalization(.unsupportedCount(0))),
    UnmetCase("metadata_null_options", .normalization(.unsupportedCount(0))),
  ]

  static let tensors = [
    UnmetCase("input_rank_5", .inputRank(shape: [1, 1, 6, 8, 3])),
    UnmetCase("input_rank_3", .inputRank(shape: [6, 8, 3])),
    UnmetCase("input_4_channels", .inputShape([1, 6, 8, 4])),
    UnmetCase("input_1_channel", .inputShape([1, 6, 8, 1])),
    UnmetCase("input_batch_2", .outputBatch(index: 0, shape: [1, 288])),
    UnmetCase("input_height_0", .emptyInput(shape: [1, 0, 8, 3])),
    UnmetCase("input_int32", .inputType(.int32)),
    UnmetCase("input_int16", .inputType(.int16)),
    UnmetCase("input_float16", .inputType(.float16)),
    UnmetCase("inputs_2", .inputCount(2)),
    UnmetCase("inputs_0", .inputCount(0)),
    UnmetCase("outputs_0", .noOutputs),
    UnmetCase("output_rank_3", .outputIsNotAVector(index: 0, shape: [1, 6, 24])),
    UnmetCase("output_1x2x3xn", .outputIsNotAVector(index: 0, shape: [1, 2, 3, 24])),
    UnmetCase("output_batch_2", .outputBatch(index: 0, shape: [2, 72])),
    UnmetCase("output_int32", .outputType(index: 0, .int32)),
  ]
}

@Suite("Model information")
struct ModelInfoTests {
  @Test(
    "names the first requirement that a model does not meet",
    arguments: UnmetCase.metadata + UnmetCase.tensors)
  func firstError(unmet: UnmetCase) throws {
    let path = Fixtures.model(unmet.model)
    let info = try ModelInfo(of: .init(model: .file(path: path)))
    #expect(info.firstError == unmet.error)
    #expect(info.requirements.contains { $0.outcome == .unmet(unmet.error) })
    // The embedder says the same, and needs no runtime for it.
    #expect(throws: EmbedderError.modelRequirement(model: path, unmet.error)) {
      try makeEmbedder(unmet.model) { $0.liteRtPath = "/missing" }
    }
    let needs = ["needed", "cannot be used", "possible", "must be", "--mean"]
    #expect(needs.contains { "\(unmet.error)".contains($0) })
  }

  @Test("finds nothing amiss with models that can be used")
  func usableModels() throws {
    // Broken metadata cannot be read at all, and operations are the runtime's business.
    let refused = Set((UnmetCase.metadata + UnmetCase.tensors).map(\.model))
    for name in try Fixtures.modelNames where !refused.contains(name) {
      guard let info = try? ModelInfo(of: .init(model: .file(path: Fixtures.model(name)))) else {
        continue
      }
      #expect(info.firstError == nil, "\(name)")
      #expect(info.requirements.allSatisfy { $0.outcome == .met }, "\(name)")
      #expect(info.requirements.count >= 12)
    }
  }

  @Test("cannot tell what depends on a requirement that is not met")
  func unknownOutcomes() throws {
    for (model, unknownCount) in [
      ("input_rank_5", 2), ("inputs_2", 7), ("metadata_two_inputs", 3), ("output_rank_3", 0),
    ] {
      let info = try ModelInfo(of: .init(model: .file(path: Fixtures.model(model))))
      #expect(info.requirements.count { $0.outcome == .unknown } == unknownCount, "\(model)")
    }
  }

  @Test("lists the requirements of each output")
  func severalOutputs() throws {
    let one = try ModelInfo(of: .init(model: .file(path: Fixtures.model("identity_float_8x6"))))
    let three = try ModelInfo(of: .init(model: .file(path: Fixtures.model("heads_abc"))))
    #expect(three.requirements.count == one.requirements.count + 2 * 5)
    #expect(three.requirements.contains { $0.summary.contains("output 2") })
    #expect(Set(three.requirements.map(\.summary)).count == three.requirements.count)
  }

  @Test("gives the normalization in force")
  func normalization() throws {
    let imageNet = ModelSource.file(path: Fixtures.model("identity_float_8x6_imagenet"))
    #expect(
      try ModelInfo(of: .init(model: imageNet)).normalization?.mean == [123.675, 116.28, 103.53])
    let given = try Normalization(mean: [1], std: [2])
    #expect(try ModelInfo(of: .init(model: imageNet, normalization: given)).normalization == given)
    let none = ModelSource.file(path: Fixtures.model("identity_float_8x6_no_metadata"))
    #expect(try ModelInfo(of: .init(model: none)).normalization == nil)
    #expect(try ModelInfo(of: .init(model: none, normalization: given)).firstError == nil)
  }

  @Test("does not let the caller's normalization hide broken metadata")
  func brokenNormalization() throws {
    let given = try Normalization(mean: [1], std: [2])
    let source = ModelSource.file(path: Fixtures.model("metadata_two_values"))
    let info = try ModelInfo(of: .init(model: source, normalization: given))
    #expect(info.firstError == .normalization(.unsupportedCount(2)))
  }

  @Test("tells the size of the file and where it came from")
  func source() throws {
    let path = Fixtures.model("metadata_rich")
    let info = try ModelInfo(of: .init(model: .file(path: path)))
    #expect(info.byteCount == 3320)
    #expect(info.source == .file(path: path))
    #expect(info.file.metadata?.name == "Rich Metadata")
  }

  @Test("fails for files that cannot be understood")
  func unreadable() {
    let path = Fixtures.model("metadata_wrong_identifier")
    let expected = EmbedderError.modelContent(
      model: path, .wrongSchemaVersion(expected: "M001", found: "M002"))
    #expect(throws: expected) { try ModelInfo(of: .init(model: .file(path: path))) }
  }
}
