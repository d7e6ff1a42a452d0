import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import ImageEmbedding
import Testing

@testable import ImageEmbedderCLI

@Suite("--accelerator", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct AcceleratorTests {
  /// Every command that has the option, with inputs.
  static let commands = [
    ["similarity", "picture 0.png", "picture 0.png"], ["embed", "picture 0.png"],
    ["benchmark", "picture 0.png"], ["info"],
  ]
  /// A library that is nowhere.
  static let missing = ["--accelerator-library", "/missing/library.so"]

  // MARK: Wrong usage

  @Test(
    "is wrong usage for a name that is none, and the names are told", arguments: commands,
    ["npu", "CPU", "openVINO", "0"])
  func unknownName(command: [String], name: String) throws {
    try imageEmbedder(command + ["--accelerator", name])
      .expectWrongUsage(naming: ["--accelerator", name, "cpu", "openvino", "gpu"])
  }

  @Test(
    "is asked for where only its library is named", arguments: commands,
    [[], ["--accelerator", "cpu"]])
  func libraryAlone(command: [String], options: [String]) throws {
    try imageEmbedder(command + Self.missing + options)
      .expectWrongUsage(naming: ["--accelerator-library", "--accelerator openvino or gpu"])
  }

  @Test(
    "has one other precision, which openvino alone computes in", arguments: commands,
    [[], ["--accelerator", "cpu"], ["--accelerator", "gpu"]])
  func precisionAlone(command: [String], options: [String]) throws {
    try imageEmbedder(command + ["--precision", "bfloat16"] + options)
      .expectWrongUsage(naming: ["--precision bfloat16", "--accelerator openvino"])
  }

  @Test(
    "has precisions of these names alone", arguments: commands, ["float16", "bf16", "BFLOAT16"])
  func unknownPrecision(command: [String], name: String) throws {
    try imageEmbedder(command + ["--accelerator", "openvino", "--precision", name])
      .expectWrongUsage(naming: ["--precision", name, "float32", "bfloat16"])
  }

  // MARK: Libraries that are missing

  @Test(
    "stops where its library is missing, and computes with nothing else",
    arguments: commands.dropLast(), ["openvino", "gpu"])
  func missingLibrary(command: [String], name: String) throws {
    try Pictures.withPicture { folder, _ in
      let run = try imageEmbedder(
        command + Self.missing + ["--accelerator", name], folder: folder)
      run.expectStop(naming: ["/missing/library.so", "--accelerator-library", "scripts/setup"])
      let isolated = try imageEmbedder(
        command + Self.missing + ["--accelerator", name, "--isolate"], folder: folder)
      #expect(isolated.standardError == run.standardError)
      #expect(isolated.ending == run.ending)
    }
  }

  @Test("is named by info, also where its library is missing", arguments: ["openvino", "gpu"])
  func info(name: String) throws {
    struct Report: Decodable {
      let accelerator: String?
      let usable: Bool
    }
    let arguments = ["info", "--accelerator", name] + Self.missing
    let run = try imageEmbedder(arguments)
    #expect(run.ending == .exit(status: 1))
    #expect(run.outputLines.contains("  accelerator:   \(name)"))
    let accelerator = try #require(Accelerator(rawValue: name))
    let unmet = run.outputLines.filter { $0.contains("NOT MET") }
    #expect(unmet.count == 1)
    #expect(unmet.first?.contains("operators that \(accelerator.runtime) has: ") == true)
    let reports = try imageEmbedder(arguments + ["--json"]).json(Report.self)
    #expect(reports.map(\.accelerator) == [name])
    #expect(reports.map(\.usable) == [false])
    // What has no member is the default.
    #expect(try imageEmbedder("info", "--json").json(Report.self).map(\.accelerator) == [nil])
    #expect(try !imageEmbedder("info").output.contains("  accelerator:"))
  }

  @Test("is listed by info in both precisions where the other is asked for")
  func infoOfPrecision() throws {
    struct Report: Decodable {
      struct Item: Decodable, Hashable {
        let name: String
        let precision: String?
      }
      let accelerator: String?
      let precision: String?
      let accelerators: [Item]
    }
    let arguments =
      ["info", "--accelerator", "openvino", "--precision", "bfloat16"] + Self.missing
    let run = try imageEmbedder(arguments)
    #expect(run.outputLines.contains("  precision:     bfloat16"))
    #expect(
      run.output.contains("\n  openvino           cannot be used: ")
        || run.output.contains("\n  openvino           not there"))
    #expect(run.output.contains("\n  openvino bfloat16  "))
    let report = try #require(try imageEmbedder(arguments + ["--json"]).json(Report.self).first)
    #expect(report.accelerator == "openvino" && report.precision == "bfloat16")
    #expect(report.accelerators.map(\.name) == ["cpu", "openvino", "openvino", "gpu"])
    #expect(report.accelerators.map(\.precision) == [nil, nil, "bfloat16", nil])
    // What has no member is the default.
    #expect(try !imageEmbedder("info", "--json").output.contains("precision"))
  }

  // MARK: Records

  @Test("is nothing new where it is cpu")
  func cpu() throws {
    try OutputFolderTests.withPictures(2) { folder in
      let embed = ["embed", "in"] + OutputFolderTests.model
      try imageEmbedder(embed + ["--output", "a/"], folder: folder).expectSuccess()
      try imageEmbedder(embed + ["--output", "b/", "--accelerator", "cpu"], folder: folder)
        .expectSuccess()
      let records = try ["a", "b"].map { try ReadRecord.read("\(folder)/\($0)/run.json") }
      #expect(records[0].fingerprint == records[1].fingerprint)
      #expect(try !text(of: "\(folder)/b/run.json").contains("accelerator"))
      let similarity = ["similarity", "in/picture 0.png", "in/picture 1.png", "--json"]
      let plain = try imageEmbedder(similarity, folder: folder)
      let named = try imageEmbedder(similarity + ["--accelerator", "cpu"], folder: folder)
      #expect(named.output == plain.output && !plain.output.contains("accelerator"))
    }
  }

  @Test("is what a query is embedded with where the folder's record says so")
  func recorded() throws {
    try SearchTests.withStore(3) { folder in
      let record = "\(folder)/out/run.json"
      let plain = try text(of: record)
      try write(PNGWriter(Pictures.small(seed: 50)).file, to: "\(folder)/new.png")
      let search = ["search", "out", "new.png"] + Self.missing
      // A folder of the processor's kernels needs no other library.
      try imageEmbedder(search, folder: folder).expectSuccess()
      for name in ["openvino", "gpu"] {
        let changed = plain.replacing(
          #""settings":{"#, with: #""settings":{"accelerator":"\#(name)","#)
        try write(Array(changed.utf8), to: record)
        let run = try imageEmbedder(search, folder: folder)
        run.expectStop(naming: ["/missing/library.so"])
        let embed = try imageEmbedder(
          ["embed", "new.png", "--accelerator", name] + Self.missing, folder: folder)
        #expect(run.standardError == embed.standardError)
        // What is stored needs no model, and so no accelerator.
        try imageEmbedder("search", "out", SearchTests.name(1), folder: folder).expectSuccess()
      }
    }
  }

  /// What is said of a run, as text.
  private func record(_ accelerator: Accelerator) -> String {
    let record = RunRecord(
      Fingerprint(settings: []), storage: .float32, model: "a.tflite",
      computation: Computation(accelerator), workerCount: 2)
    return record.text(.complete, Tally())
  }

  @Test(
    "is in the record of a run, with the version of what computed",
    arguments: [
      (Accelerator.cpu, #""litert":"2.3.0"},"device":"cpu""#),
      (.openVINO, #""openvino":"2026.3.1"},"device":"cpu""#),
      (.gpu, #""litert":"2.3.0"},"device":"gpu""#),
    ])
  func run(accelerator: Accelerator, versions: String) {
    #expect(
      record(accelerator).contains(
        #""versions":{"image_embedder":"\#(ImageEmbedder.version)",\#(versions),"#))
  }

  @Test(
    "is in a run's summary",
    arguments: [
      (Computation(.cpu), "a.tflite on the CPU, 2 workers;"),
      (Computation(.openVINO), "a.tflite on the CPU by OpenVINO, 2 workers;"),
      (
        Computation(.openVINO, in: .bfloat16),
        "a.tflite on the CPU by OpenVINO in bfloat16, 2 workers;"
      ),
      (Computation(.gpu), "a.tflite on the GPU by WebGPU, 2 workers;"),
    ])
  func summary(computation: Computation, start: String) {
    let lines = Tally().summary(workerCount: 2, model: "a.tflite", computation: computation)
    #expect(lines[1].hasPrefix(start))
  }
}

/// With a library that is there, whose own vectors `OpenVINOTests` holds against the interpreter's.
@Suite(
  "--accelerator openvino", .enabled(if: Fixtures.hasLiteRt, Absence.runtime),
  .enabled(if: Fixtures.hasOpenVINO, "OpenVINO is missing; run scripts/setup openvino"))
struct OpenVINOCommandTests {
  static let accelerator = [
    "--accelerator", "openvino", "--accelerator-library", Fixtures.openVINOLibrary,
  ]
  /// Where no library is found that is not named.
  static let nowhere: [String: String?] = ["IMAGE_EMBEDDER_OPENVINO": "/nope"]

  @Test("makes folders that are searched and gone on with by it alone")
  func folder() throws {
    try OutputFolderTests.withPictures(3) { folder in
      let embed = ["embed", "in", "--output", "out"] + OutputFolderTests.model
      try imageEmbedder(embed + Self.accelerator, environment: Self.nowhere, folder: folder)
        .expectSuccess()
      let record = try text(of: "\(folder)/out/run.json")
      #expect(record.contains(#""accelerator":"openvino"}"#))
      #expect(record.contains(#""openvino":"2026.3.1"},"device":"cpu""#))
      // The model gives the picture, in which there is nothing to round.
      try OutputFolderTests.expect("\(folder)/out", holds: 3)

      try FileManager.default.copyItem(
        atPath: "\(folder)/\(SearchTests.name(1))", toPath: "\(folder)/new.png")
      let search = ["search", "out", "new.png", "--k", "1", "--paths-only"]
      try imageEmbedder(search, environment: Self.nowhere, folder: folder)
        .expectStop(naming: ["/nope", "openvino"])
      let run = try imageEmbedder(
        search + Self.accelerator.suffix(2), environment: Self.nowhere, folder: folder)
      run.expectSuccess()
      #expect(run.outputLines == [SearchTests.name(1)])

      let resumed = try imageEmbedder(embed + ["--resume"], folder: folder)
      resumed.expectStop(naming: ["out"])
      #expect(try text(of: "\(folder)/out/run.json") == record)
      try imageEmbedder(
        embed + Self.accelerator + ["--resume"], environment: Self.nowhere, folder: folder
      ).expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 3)
    }
  }

  /// Whether OpenVINO reads what it exported.
  static let canImport = FileManager.default.fileExists(
    atPath: URL(filePath: Fixtures.openVINOLibrary).deletingLastPathComponent()
      .appending(path: "libopenvino_ir_frontend.so.2631").path)

  @Test(
    "gives the same from a model that an earlier run kept, whatever has become of it",
    .enabled(if: canImport, "a part of OpenVINO is missing; run scripts/setup openvino"))
  func kept() throws {
    try Pictures.withPicture { folder, picture in
      let kept = "\(folder)/kept"
      let embed = ["embed", picture] + Self.accelerator
      func output(_ models: String, _ arguments: [String] = []) throws -> String {
        let run = try imageEmbedder(
          embed + arguments, environment: ["IMAGE_EMBEDDER_OPENVINO_MODELS": models])
        run.expectSuccess()
        return run.output
      }
      let expected = try output("none")
      // What runs in a process of its own is not trusted with what others take.
      #expect(try output(kept, ["--isolate"]) == expected)
      #expect(!FileManager.default.fileExists(atPath: kept))
      #expect(try output(kept) == expected)
      let names = try FileManager.default.contentsOfDirectory(atPath: kept)
      try #require(names.count == 1)
      let path = "\(kept)/\(names[0])"
      let whole = try contents(of: path)
      #expect(try output(kept) == expected)
      for bytes in [Array(whole.prefix(whole.count / 2)), [1, 2, 3], []] {
        try write(bytes, to: path)
        #expect(try output(kept) == expected)
        #expect(try contents(of: path).count == whole.count)
      }
    }
  }

  // Converted number by number, single precision would be several times as fast.
  @Test(
    "does not compute in bfloat16 where the processor does not",
    arguments: ["AVX2", "AVX512_CORE"], [[], ["--isolate"]])
  func withoutBFloat16(processor: String, isolation: [String]) throws {
    try Pictures.withPicture { folder, picture in
      let environment: [String: String?] = ["ONEDNN_MAX_CPU_ISA": processor]
      let embed = ["embed", picture, "--output", "out/"] + Self.accelerator + isolation
      try imageEmbedder(
        embed + ["--precision", "bfloat16"], environment: environment, folder: folder
      ).expectStop(naming: ["this processor does not compute in bfloat16", "float32"])
      try imageEmbedder(embed, environment: environment, folder: folder).expectSuccess()
      #expect(try !text(of: "\(folder)/out/run.json").contains("precision"))
    }
  }

  @Test(
    "keeps folders of bfloat16 apart from its others",
    .enabled(if: Fixtures.hasBFloat16, "the processor has no AVX-512 BF16"))
  func precisions() throws {
    try OutputFolderTests.withPictures(3) { folder in
      let embed = ["embed", "in", "--output", "out"] + OutputFolderTests.model + Self.accelerator
      let coarse = ["--precision", "bfloat16"]
      let first = try imageEmbedder(embed + coarse + ["--verbose"], folder: folder)
      #expect(first.ending == .exit(status: 0))
      #expect(first.standardError.contains(" on the CPU by OpenVINO in bfloat16, "))
      let record = try text(of: "\(folder)/out/run.json")
      #expect(record.contains(#""accelerator":"openvino","precision":"bfloat16"}"#))
      try imageEmbedder(embed + ["--resume"], folder: folder).expectStop(naming: ["out"])
      #expect(try text(of: "\(folder)/out/run.json") == record)
      try imageEmbedder(embed + coarse + ["--resume"], folder: folder).expectSuccess()

      try FileManager.default.copyItem(
        atPath: "\(folder)/\(SearchTests.name(1))", toPath: "\(folder)/new.png")
      let search = ["search", "out", "new.png", "--k", "1", "--paths-only"]
      let run = try imageEmbedder(search + Self.accelerator.suffix(2), folder: folder)
      run.expectSuccess()
      #expect(run.outputLines == [SearchTests.name(1)])
      // By the record, and not by what the command is like otherwise.
      try imageEmbedder(
        search + Self.accelerator.suffix(2), environment: ["ONEDNN_MAX_CPU_ISA": "AVX2"],
        folder: folder
      ).expectStop(naming: ["this processor does not compute in bfloat16"])
    }
  }

  @Test(
    "gives the same in a process of its own",
    arguments: Fixtures.hasBFloat16 ? Precision.allCases : [.float32])
  func isolated(precision: Precision) throws {
    try Pictures.withPicture { _, picture in
      let embed = ["embed", picture, "--precision", precision.rawValue] + Self.accelerator
      let here = try imageEmbedder(embed, environment: Self.nowhere)
      here.expectSuccess()
      let there = try imageEmbedder(embed + ["--isolate"], environment: Self.nowhere)
      there.expectSuccess()
      #expect(there.standardOutput == here.standardOutput)
    }
  }

  @Test(
    "is named with its precision by every command",
    .enabled(if: Fixtures.hasBFloat16, "the processor has no AVX-512 BF16"))
  func namesOfPrecision() throws {
    try Pictures.withPicture { _, picture in
      let options = OutputFolderTests.model + Self.accelerator + ["--precision", "bfloat16"]
      let members = #","accelerator":"openvino","precision":"bfloat16""#
      let similarity = try imageEmbedder(["similarity", picture, picture, "--json"] + options)
      #expect(similarity.output.contains(members + "}"))
      let benchmark = ["benchmark", picture, "--rounds", "1"] + options
      #expect(try imageEmbedder(benchmark).output.contains(" on the CPU by OpenVINO in bfloat16; "))
      let json = try imageEmbedder(benchmark + ["--json"])
      #expect(json.output.contains(#","device":"cpu"\#(members),"workers":"#))
      let all = try imageEmbedder(
        benchmark + ["--accelerators"],
        environment: ["IMAGE_EMBEDDER_OPENVINO": Fixtures.openVINOLibrary])
      let names = all.outputLines.dropFirst(2).prefix(3).map { $0.prefix(19) }
      #expect(names == ["cpu                ", "openvino           ", "openvino bfloat16  "])
      let rows = try imageEmbedder(
        benchmark + ["--accelerators", "--json"],
        environment: ["IMAGE_EMBEDDER_OPENVINO": Fixtures.openVINOLibrary])
      #expect(rows.output.contains(#"{"name":"openvino","precision":"bfloat16","device":"cpu","#))
      #expect(rows.output.contains(#"{"name":"openvino","device":"cpu","#))
    }
  }

  @Test("is named by every command")
  func names() throws {
    try Pictures.withPicture { folder, picture in
      let model = OutputFolderTests.model
      let similarity = try imageEmbedder(
        ["similarity", picture, picture, "--json"] + model + Self.accelerator)
      #expect(similarity.output.contains(#","accelerator":"openvino"}"#))
      let benchmark = ["benchmark", picture, "--rounds", "1"] + model + Self.accelerator
      #expect(try imageEmbedder(benchmark).output.contains(" on the CPU by OpenVINO; "))
      let json = try imageEmbedder(benchmark + ["--json"])
      #expect(json.output.contains(#","device":"cpu","accelerator":"openvino","workers":"#))
      let info = try imageEmbedder(["info"] + Self.accelerator)
      #expect(info.ending == .exit(status: 0))
      #expect(info.output.contains("  met      operators that OpenVINO has\n"))
      let embed = try imageEmbedder(
        ["embed", picture, picture, "--output", "\(folder)/v.jsonl", "--verbose"] + model
          + Self.accelerator)
      #expect(embed.standardError.contains(" on the CPU by OpenVINO, "))
    }
  }
}
