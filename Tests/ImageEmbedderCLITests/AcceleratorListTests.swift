import EmbedderTestSupport
import Foundation
import Testing

/// What `info` and `benchmark` say of all accelerators.
@Suite("The list of accelerators", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct AcceleratorListTests {
  struct Item: Decodable {
    let name: String
    let isAvailable: Bool?
    let library: String?
    let version: String?
    let runsModel: Bool?
    let reason: String?
    let milliseconds: Double?
    let adapter: String?
    let largestDifference: Double?
    let leastCosine: Double?
  }

  struct Report: Decodable {
    let usable: Bool
    let accelerators: [Item]
  }

  struct Comparison: Decodable {
    struct Row: Decodable {
      let name: String
      let secondsPerImage: [String: Double]?
      let largestDifference: Double?
      let reason: String?
    }

    let images: Int
    let rounds: Int
    let accelerators: [Row]
  }

  /// Where no library but the runtime's is found.
  static let nowhere: [String: String?] = [
    "IMAGE_EMBEDDER_OPENVINO": "/nope/openvino", "IMAGE_EMBEDDER_WEBGPU": "/nope/webgpu",
  ]
  static let names = ["cpu", "openvino", "gpu"]
  /// What lies beside OpenVINO's C library.
  static let companions = [
    "libopenvino.so.2631", "libopenvino_intel_cpu_plugin.so",
    "libopenvino_tensorflow_lite_frontend.so.2631",
  ]

  static func report(
    _ arguments: [String], _ environment: [String: String?] = nowhere
  ) throws -> Report {
    let run = try imageEmbedder(["info", "--json"] + arguments, environment: environment)
    #expect(run.standardError == "")
    let report = try #require(try run.json(Report.self).first)
    #expect(run.ending == .exit(status: report.usable ? 0 : 1))
    #expect(report.accelerators.map(\.name) == names)
    try #require(report.accelerators.count == names.count)
    return report
  }

  // MARK: info

  @Test("says which are there, where, and what installs the others, and runs nothing on them")
  func there() throws {
    let list = try Self.report([]).accelerators
    #expect(list.map(\.isAvailable) == [true, false, false])
    #expect(list[0].library?.hasSuffix("libLiteRt.so") == true)
    #expect(list[1].reason?.contains("/nope/openvino") == true)
    #expect(list[2].reason?.contains("/nope/webgpu") == true)
    for item in list {
      #expect(item.runsModel == nil && item.milliseconds == nil && item.version == nil)
    }
    let text = try imageEmbedder("info", environment: Self.nowhere)
    text.expectSuccess()
    let lines = text.outputLines.drop { $0 != "accelerators" }.dropFirst().prefix(3)
    #expect(
      Array(lines.dropFirst()) == [
        "  openvino  not there; scripts/setup openvino installs it",
        "  gpu       not there; scripts/setup gpu installs it",
      ])
    #expect(lines.first?.hasPrefix("  cpu       there: ") == true)
  }

  @Test("says how long each takes that is there", arguments: [[], ["--isolate"]])
  func measured(isolation: [String]) throws {
    let arguments = ["--accelerators", Fixtures.model("heads_abc")] + isolation
    let list = try Self.report(arguments).accelerators
    #expect(list[0].runsModel == true && list[0].version == "2.3.0")
    #expect((list[0].milliseconds ?? 0) > 0)
    #expect(list[0].reason == nil && list[0].largestDifference == nil)
    #expect(list[1].runsModel == nil && list[2].runsModel == nil)
    let text = try imageEmbedder(["info"] + arguments, environment: Self.nowhere)
    text.expectSuccess()
    #expect(text.output.contains(" ms an image; "))
    #expect(text.output.contains("  openvino  cannot be used: OpenVINO (libopenvino_c.so.2631"))
  }

  // The picture's size is the model's to choose.
  @Test(
    "measures with models of open size too",
    arguments: ["dynamic_float", "dynamic_uint8", "dynamic_height"])
  func openSize(name: String) throws {
    let list = try Self.report(["--accelerators", Fixtures.model(name)]).accelerators
    #expect(list[0].runsModel == true)
  }

  @Test(
    "says of a model that cannot be used what is wrong with it, once for each that is there",
    arguments: [
      (Fixtures.model("operation_custom"), "ImageEmbedderTestOperation"),
      (Fixtures.graph("recurrent"), "unidirectionalSequenceLstm"),
      (Fixtures.model("operation_version"), "cannot prepare"),
    ])
  func unusable(model: String, words: String) throws {
    let report = try Self.report(["--accelerators", model])
    #expect(!report.usable)
    #expect(report.accelerators[0].runsModel == false)
    #expect(report.accelerators[0].reason?.contains(words) == true)
  }

  @Test("takes half an installation for none")
  func half() throws {
    try withTemporaryFolder { folder in
      let library = "\(folder)/libopenvino_c.so.2631"
      for path in [library] + Self.companions.dropLast().map({ "\(folder)/\($0)" }) {
        try Data().write(to: URL(filePath: path))
      }
      let environment = Self.nowhere.merging(["IMAGE_EMBEDDER_OPENVINO": library]) { $1 }
      let item = try Self.report([], environment).accelerators[1]
      #expect(item.isAvailable == false)
      #expect(item.reason?.contains("\(Self.companions[2]) is not beside it") == true)
    }
  }

  @Test("tells another library from the accelerator's when it is opened")
  func otherLibrary() throws {
    try withTemporaryFolder { folder in
      let library = "\(folder)/libopenvino_c.so.2631"
      try FileManager.default.copyItem(atPath: Fixtures.liteRtLibrary, toPath: library)
      for name in Self.companions { try Data([1]).write(to: URL(filePath: "\(folder)/\(name)")) }
      let environment = Self.nowhere.merging(["IMAGE_EMBEDDER_OPENVINO": library]) { $1 }
      let looked = try Self.report([], environment).accelerators[1]
      #expect(looked.isAvailable == true && looked.library == library && looked.runsModel == nil)
      let report = try Self.report(["--accelerators"], environment)
      #expect(report.usable)
      let item = report.accelerators[1]
      #expect(item.runsModel == false && item.version == nil)
      #expect(item.reason?.contains("it has no function ov_get_openvino_version") == true)
    }
  }

  @Test("names the library that is given for the chosen accelerator alone")
  func namedLibrary() throws {
    try withTemporaryFolder { folder in
      let library = "\(folder)/libLiteRtWebGpuAccelerator.so"
      try Data().write(to: URL(filePath: library))
      let list = try Self.report(
        ["--accelerator", "gpu", "--accelerator-library", library, "--json"]
      ).accelerators
      #expect(list[1].isAvailable == false)
      #expect(list[2].library == library)
    }
  }

  // MARK: benchmark

  @Test("leaves out of a comparison what is not there, and says why")
  func benchmark() throws {
    try Pictures.withPicture { _, picture in
      let arguments =
        ["benchmark", picture, "--rounds", "1", "--accelerators"] + BenchmarkCommandTests.model
      let run = try imageEmbedder(arguments + ["--json"], environment: Self.nowhere)
      run.expectSuccess()
      let report = try #require(try run.json(Comparison.self).first)
      #expect(report.images == 1 && report.rounds == 1)
      #expect(report.accelerators.map(\.name) == Self.names)
      #expect(report.accelerators[0].secondsPerImage?.count == 5)
      #expect(report.accelerators[0].largestDifference == nil)
      for row in report.accelerators.dropFirst() {
        #expect(row.secondsPerImage == nil && row.reason?.contains("/nope/") == true)
      }
      let text = try imageEmbedder(arguments, environment: Self.nowhere)
      text.expectSuccess()
      #expect(text.outputLines[2].hasPrefix("cpu "))
      #expect(text.outputLines[3].hasPrefix("left out: openvino: OpenVINO (libopenvino_c.so"))
      #expect(text.outputLines[4].hasPrefix("left out: gpu: LiteRT's library for graphics"))
      // One that is asked for by name is not left out.
      try imageEmbedder(arguments + ["--accelerator", "openvino"], environment: Self.nowhere)
        .expectStop(naming: ["/nope/openvino"])
    }
  }
}

@Suite(
  "The list of accelerators with OpenVINO", .enabled(if: Fixtures.hasLiteRt, Absence.runtime),
  .enabled(if: Fixtures.hasOpenVINO, "OpenVINO is missing; run scripts/setup openvino"))
struct OpenVINOListTests {
  /// Where OpenVINO is found and no graphics card.
  static let environment: [String: String?] = [
    "IMAGE_EMBEDDER_OPENVINO": Fixtures.openVINOLibrary, "IMAGE_EMBEDDER_WEBGPU": "/nope",
  ]

  @Test("says its place, version and time, and how near it comes", arguments: [[], ["--isolate"]])
  func runs(isolation: [String]) throws {
    let list = try AcceleratorListTests.report(["--accelerators"] + isolation, Self.environment)
      .accelerators
    let item = list[1]
    #expect(item.isAvailable == true && item.library == Fixtures.openVINOLibrary)
    #expect(item.version == "2026.3.1" && item.runsModel == true)
    #expect((item.milliseconds ?? 0) > 0)
    #expect((item.largestDifference ?? 1) <= 1e-4 && (item.leastCosine ?? 0) > 0.9999)
  }

  @Test("says why it does not run a model that cpu runs", arguments: [[], ["--isolate"]])
  func refusal(isolation: [String]) throws {
    let model = Fixtures.graph("second_subgraph")
    let report = try AcceleratorListTests.report(
      ["--accelerators", model] + isolation, Self.environment)
    #expect(report.usable)
    #expect(report.accelerators[0].runsModel == true)
    let item = report.accelerators[1]
    #expect(item.runsModel == false && item.milliseconds == nil)
    #expect(item.reason?.contains("it runs the first graph of a model only") == true)
  }

  @Test("says that models go through a file where there is no place for one")
  func readOnly() throws {
    var environment = Self.environment
    environment["TMPDIR"] = .some("/proc")
    // One that an earlier run kept compiled needs none.
    environment["IMAGE_EMBEDDER_OPENVINO_MODELS"] = .some("none")
    let report = try AcceleratorListTests.report(["--accelerators"], environment)
    #expect(report.usable)
    #expect(report.accelerators[1].runsModel == false)
    #expect(report.accelerators[1].reason?.contains("set TMPDIR to a folder") == true)
    try Pictures.withPicture { _, picture in
      for isolation in [[], ["--isolate"]] {
        try imageEmbedder(
          ["embed", picture, "--accelerator", "openvino"] + isolation, environment: environment
        ).expectStop(naming: ["/proc", "TMPDIR"])
      }
    }
  }

  @Test("is compared with cpu on the pictures that are given")
  func benchmark() throws {
    try withTemporaryFolder { folder in
      _ = try Pictures.writeFiles(3, in: folder)
      let run = try imageEmbedder(
        ["benchmark", folder, "--rounds", "2", "--accelerators", "--json"],
        environment: Self.environment)
      run.expectSuccess()
      let report = try #require(try run.json(AcceleratorListTests.Comparison.self).first)
      #expect(report.images == 3 && report.rounds == 2)
      #expect(report.accelerators.map(\.name) == AcceleratorListTests.names)
      let row = report.accelerators[1]
      #expect(row.secondsPerImage?.values.allSatisfy { $0 > 0 } == true)
      #expect((row.largestDifference ?? 1) <= 1e-4)
    }
  }

  @Test("gives the same vectors to two processes at once")
  func twoProcesses() throws {
    try Pictures.withPicture { folder, picture in
      let embed = ["embed", picture, "--accelerator", "openvino"]
      let alone = try imageEmbedder(embed, environment: Self.environment)
      alone.expectSuccess()
      let both = try CommandLineRunner.shell(
        """
        IMAGE_EMBEDDER_OPENVINO=$2; export IMAGE_EMBEDDER_OPENVINO
        "$PROGRAM" embed "$1" --accelerator openvino > first & first=$!
        "$PROGRAM" embed "$1" --accelerator openvino > second & second=$!
        wait $first && wait $second
        """, [picture, Fixtures.openVINOLibrary], folder: folder)
      both.expectSuccess()
      for name in ["first", "second"] {
        #expect(try contents(of: "\(folder)/\(name)") == alone.standardOutput)
      }
    }
  }

  @Test("is wrong usage with more threads than there are cores")
  func threads() throws {
    try imageEmbedder("similarity", "a", "b", "--accelerator", "openvino", "--threads", "100000")
      .expectWrongUsage(naming: ["--threads", "100000", "cores"])
  }
}
