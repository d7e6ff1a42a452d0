import EmbedderTestSupport
import Foundation
import Testing

@Suite("info", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct InfoTests {
  /// The object that `--json` prints.
  struct Report: Decodable {
    struct Tensor: Decodable {
      struct Quantization: Decodable {
        let scale: Double
        let zeroPoint: Int
      }

      let index: Int
      let name: String?
      let tensorName: String
      let type: String
      let shape: [Int]
      let quantization: Quantization?
    }

    struct Normalization: Decodable {
      let mean: [Double]
      let std: [Double]
    }

    struct Requirement: Decodable {
      let summary: String
      let outcome: String
      let details: String?
    }

    let source: String
    let byteCount: Int
    let usable: Bool
    let name: String?
    let description: String?
    let version: String?
    let author: String?
    let license: String?
    let associatedFiles: [String]
    let normalization: Normalization?
    let missingMetadata: [String]
    let annotateCommand: String?
    let inputs: [Tensor]
    let outputs: [Tensor]
    let requirements: [Requirement]

    var unmet: [Requirement] { requirements.filter { $0.outcome == "NOT MET" } }
  }

  static func report(_ arguments: String...) throws -> Report {
    let run = try imageEmbedder(["info", "--json"] + arguments)
    #expect(run.standardError == "")
    let reports = try run.json(Report.self)
    try #require(reports.count == 1)
    #expect(run.ending == .exit(status: reports[0].usable ? 0 : 1))
    return reports[0]
  }

  // MARK: Built-in models

  @Test(
    "describes the built-in models", arguments: ["efficientnet-lite0", "efficientnet-lite0-int8"])
  func builtIn(name: String) throws {
    let report = try Self.report(name)
    #expect(report.source == name && report.name == name)
    #expect(report.usable && report.unmet.isEmpty)
    #expect(report.requirements.allSatisfy { $0.outcome == "met" && $0.details == nil })
    #expect(report.license?.contains("Apache") == true)
    #expect(report.author != nil && report.version != nil && report.description != nil)
    #expect(report.normalization?.mean == [127, 127, 127])
    #expect(report.normalization?.std == [128, 128, 128])
    #expect(report.inputs.map(\.shape) == [[1, 224, 224, 3]])
    #expect(report.outputs.map(\.shape) == [[1, 1280]])
    #expect(report.outputs.map(\.name) == ["feature_vector"])
    let isQuantized = name.hasSuffix("int8")
    let tensors = report.inputs + report.outputs
    #expect(tensors.allSatisfy { ($0.quantization != nil) == isQuantized })
    #expect(
      (report.inputs + report.outputs).allSatisfy { $0.type == (isQuantized ? "int8" : "float32") })
  }

  @Test("describes the default model where none is named")
  func defaultModel() throws {
    let run = try imageEmbedder("info")
    run.expectSuccess()
    #expect(run.output == (try imageEmbedder("info", "efficientnet-lite0").output))
    #expect(run.outputLines.last == "This model can embed images.")
    for part in [
      "efficientnet-lite0", "Apache", "mean 127.0, std 128.0", "float32 [1, 224, 224, 3]",
      "feature_vector: float32 [1, 1280]",
    ] {
      #expect(run.output.contains(part))
    }
  }

  // MARK: Fields

  @Test("shows every field of the metadata")
  func metadata() throws {
    let path = Fixtures.model("metadata_rich")
    let report = try Self.report(path)
    #expect(report.source == path)
    #expect(report.byteCount == (try contents(of: path).count))
    #expect(report.name == "Rich Metadata")
    #expect(report.version == "1.2.3")
    #expect(report.author == "The authors of Image Embedder")
    #expect(report.license == "Apache License, Version 2.0")
    #expect(report.associatedFiles == ["labels.txt"])
    #expect(report.normalization?.mean == [123.675, 116.28, 103.53])
    #expect(report.normalization?.std == [58.395, 57.12, 57.375])
    // The text has one line a field, the object the whole description.
    #expect(report.description?.contains("\n") == true)
    let text = try imageEmbedder("info", path)
    text.expectSuccess()
    for part in ["1.2.3", "labels.txt", "mean 123.675, 116.28, 103.53, std 58.395, 57.12, 57.375"] {
      #expect(text.output.contains(part))
    }
  }

  @Test("shows quantization, heads and sizes that may change")
  func tensors() throws {
    let heads = try Self.report(Fixtures.model("heads_abc"))
    #expect(heads.outputs.map(\.name) == ["head_a", "head_b", "head_c"])
    #expect(heads.outputs.map(\.index) == [0, 1, 2])
    #expect(heads.outputs.map(\.type) == ["float32", "uint8", "float32"])
    try #require(heads.outputs.count == 3)
    #expect(heads.outputs[1].quantization?.scale == 0.0078125)
    #expect(heads.outputs[1].quantization?.zeroPoint == 128)

    let run = try imageEmbedder("info", "--json", Fixtures.model("dynamic_height"))
    let dynamic = try #require(try run.json(Report.self).first)
    #expect(dynamic.inputs.map(\.shape) == [[1, -1, 6, 3]])
    let text = try imageEmbedder("info", Fixtures.model("dynamic_height"))
    #expect(text.output.contains("[1, any, 6, 3]"))
  }

  @Test("judges the model with the normalization that is given")
  func givenNormalization() throws {
    let path = Fixtures.model("identity_float_8x6_no_metadata")
    let without = try Self.report(path)
    #expect(!without.usable && without.normalization == nil)
    #expect(without.unmet.count == 1)
    #expect(without.unmet.first?.details?.contains("--mean and --std") == true)
    let with = try Self.report(path, "--mean", "1,2,3", "--std", "4,5,6")
    #expect(with.usable)
    #expect(with.normalization?.mean == [1, 2, 3])
    #expect(with.normalization?.std == [4, 5, 6])
  }

  // MARK: Models that cannot be used

  @Test(
    "names the requirement that is not met",
    arguments: [
      ("input_rank_5", "[1, height, width, 3]", "[1, 1, 6, 8, 3]"),
      ("input_4_channels", "three channels", "[1, 6, 8, 4]"),
      ("input_batch_2", "one vector for each image", "[1, 288]"),
      ("input_int32", "float32 input", "int32"),
      ("input_height_0", "positive height", "[1, 0, 8, 3]"),
      ("inputs_2", "one input", "2 inputs"),
      ("outputs_0", "at least one output", "no output"),
      ("output_rank_3", "output 0", "[1, 6, 24]"),
      ("output_batch_2", "output 0", "[2, 72]"),
      ("output_int32", "output 0", "int32"),
      ("metadata_grayscale", "RGB", "grayscale"),
      ("metadata_two_normalizations", "one normalization", "2"),
      ("metadata_two_values", "normalization", "2"),
      ("identity_float_8x6_no_metadata", "--mean and --std", "nothing says"),
      ("identity_int8_8x6_no_parameters", "quantization parameters", "no scale"),
      ("operation_custom", "operators", "ImageEmbedderTestOperation"),
      ("operation_version", "operators", "cannot prepare"),
    ])
  func refused(name: String, requirement: String, found: String) throws {
    let path = Fixtures.model(name)
    let run = try imageEmbedder("info", path)
    #expect(run.ending == .exit(status: 1))
    #expect(run.standardError == "")
    #expect(run.outputLines.last == "This model cannot be used.")
    let lines = run.outputLines.filter { $0.contains("NOT MET") }
    #expect(lines.contains { $0.contains(requirement) && $0.contains(found) })
    let report = try Self.report(path)
    #expect(!report.usable)
    #expect(report.unmet.count == lines.count)
    #expect(
      report.unmet.contains {
        $0.summary.contains(requirement) && $0.details?.contains(found) == true
      })
  }

  @Test("reports on every test model or says why not", arguments: (try? Fixtures.modelNames) ?? [])
  func everyFixture(name: String) throws {
    let path = Fixtures.model(name)
    let run = try imageEmbedder("info", "--json", path)
    if run.standardOutput.isEmpty {
      run.expectStop(naming: [path])
    } else {
      let report = try #require(try run.json(Report.self).first)
      #expect(run.outputLines.count == 1)
      #expect(run.ending == .exit(status: report.usable ? 0 : 1))
      #expect(report.usable == report.requirements.allSatisfy { $0.outcome == "met" })
      #expect(run.standardError == "")
    }
  }
}
