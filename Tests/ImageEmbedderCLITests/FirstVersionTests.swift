import EmbedderTestSupport
import Foundation
import Testing

/// `Fixtures/Stores/0.1.0` holds what that version wrote.
@Suite("A folder of 0.1.0", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct FirstVersionTests {
  static let options: [String: [String]] = [
    "plain": OutputFolderTests.model,
    "sharded": OutputFolderTests.model,
    "heads": ["--include", "*.ppm", "--model", Fixtures.model("heads_abc")],
    "quantized": ["--include", "*.ppm", "--quantize", "--l2-normalize"] + OutputFolderTests.model,
    "float16": [
      "--include", "*.ppm", "--dtype", "float16", "--no-exif", "--alpha", "white", "--region",
      "0,0,8,6",
    ] + OutputFolderTests.model,
  ]

  static func withCopy(_ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        atPath: Fixtures.store("0.1.0"), toPath: "\(folder)/0.1.0")
      try body("\(folder)/0.1.0")
    }
  }

  /// The vectors' bytes of a folder, by path, whatever the names of the files.
  static func vectors(_ folder: String) throws -> [String: [[UInt8]]] {
    var result: [String: [[UInt8]]] = [:]
    for name in try names(in: "\(folder)/metadata") where name.hasSuffix(".jsonl") {
      let digits = name.dropFirst("metadata_".count).dropLast(".jsonl".count)
      let lines = try text(of: "\(folder)/metadata/\(name)").split(separator: "\n")
      let paths = try decodeJSON(lines.map(String.init), as: ReadFolder.Metadata.self).map(\.path)
      let data = try contents(of: "\(folder)/img_emb/img_emb_\(digits).npy").dropFirst(128)
      let size = data.count / paths.count
      for (index, path) in paths.enumerated() {
        let start = data.startIndex + index * size
        result[path, default: []].append(Array(data[start..<start + size]))
      }
    }
    return result
  }

  @Test(
    "is gone on with: nothing is embedded again, parts get names of six digits",
    arguments: ["plain", "heads", "quantized", "float16"])
  func continuing(name: String) throws {
    try Self.withCopy { folder in
      let before = try Self.vectors("\(folder)/\(name)")
      #expect(before.count == 12)
      try FileManager.default.copyItem(atPath: "\(folder)/in/3.ppm", toPath: "\(folder)/in/new.ppm")
      let arguments =
        ["embed", "in", "--output", name, "--resume"] + (Self.options[name] ?? [])
      let isFailing = name == "plain"
      let run = try imageEmbedder(arguments, folder: folder)
      #expect(run.ending == .exit(status: isFailing ? 2 : 0))
      var after = try Self.vectors("\(folder)/\(name)")
      #expect(after.removeValue(forKey: "in/new.ppm") == before["in/3.ppm"])
      #expect(after == before)
      let files = try names(in: "\(folder)/\(name)/img_emb")
      #expect(files.allSatisfy { $0.wholeMatch(of: /img_emb_\d{6}\.npy/) != nil })
      let again = try imageEmbedder(arguments, folder: folder)
      #expect(again.ending == run.ending)
      #expect(try names(in: "\(folder)/\(name)/img_emb") == files)
    }
  }

  @Test("is gone on with by its shards")
  func shards() throws {
    try Self.withCopy { folder in
      let before = try Self.vectors("\(folder)/sharded")
      for number in [2, 3, 1] {
        let run = try imageEmbedder(
          ["embed", "in", "--output", "sharded", "--resume", "--shard", "\(number)/3"]
            + OutputFolderTests.model, folder: folder)
        #expect([.exit(status: 0), .exit(status: 2)].contains(run.ending))
      }
      #expect(try Self.vectors("\(folder)/sharded") == before)
      let files = try names(in: "\(folder)/sharded/img_emb")
      #expect(files == (0..<7).map { "img_emb_00000\($0).npy" }.filter(files.contains))
    }
  }

  @Test("is refused with other options, without --resume, and where its paths lead nowhere")
  func refused() throws {
    try Self.withCopy { folder in
      let before = try snapshot("\(folder)/plain")
      let arguments = ["embed", "in", "--output", "plain"] + OutputFolderTests.model
      try imageEmbedder(arguments, folder: folder).expectStop(naming: ["--resume"])
      try imageEmbedder(arguments + ["--resume", "--no-exif"], folder: folder)
        .expectStop(naming: ["other options"])
      try FileManager.default.createDirectory(
        atPath: "\(folder)/elsewhere", withIntermediateDirectories: false)
      try imageEmbedder(
        ["embed", "../in", "--output", "../plain", "--resume"] + OutputFolderTests.model,
        folder: "\(folder)/elsewhere"
      ).expectStop(naming: ["'in/0.ppm'", "elsewhere"])
      var after = try snapshot("\(folder)/plain")
      after[".lock"] = before[".lock"]
      #expect(after == before)
    }
  }

  @Test(
    "loses no row where it is killed while its parts are renamed",
    .enabled(if: StoreGoingOnTests.hasStrace, StoreGoingOnTests.straceAbsence))
  func killedWhileRenaming() throws {
    for number in 1...8 {
      try Self.withCopy { folder in
        let before = try Self.vectors("\(folder)/heads")
        let arguments =
          ["embed", "in", "--output", "heads", "--resume"] + (Self.options["heads"] ?? [])
        _ = try CommandLineRunner.run(
          executable: "/usr/bin/env",
          [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e",
            "inject=rename:signal=KILL:when=\(number)", CommandLineRunner.program,
          ] + arguments, folder: folder)
        try imageEmbedder(arguments, folder: folder).expectSuccess()
        #expect(try Self.vectors("\(folder)/heads") == before)
      }
    }
  }

  @Test("has what was never finished set aside, and what is damaged")
  func unfinished() throws {
    try Self.withCopy { folder in
      let before = try Self.vectors("\(folder)/plain")
      try FileManager.default.removeItem(atPath: "\(folder)/plain/metadata/metadata_1.jsonl")
      let array = try contents(of: "\(folder)/plain/img_emb/img_emb_2.npy")
      try write(Array(array.dropLast()), to: "\(folder)/plain/img_emb/img_emb_2.npy")
      let run = try imageEmbedder(
        ["embed", "in", "--output", "plain", "--resume"] + OutputFolderTests.model, folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(run.errorLines.count == 2)
      #expect(run.standardError.contains("part 2"))
      #expect(try Self.vectors("\(folder)/plain") == before)
      #expect(
        try names(in: "\(folder)/plain/img_emb").filter { $0.hasSuffix(".damaged") } == [
          "img_emb_000002.npy.damaged", "img_emb_1.npy.damaged",
        ])
    }
  }
}
