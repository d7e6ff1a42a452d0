import EmbedderTestSupport
import Foundation
import Testing

@Suite("Going on with a folder", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct StoreGoingOnTests {
  static let model = OutputFolderTests.model
  static let arguments = ["embed", "in", "--output", "out", "--rows-per-file", "2"] + model

  /// Whether a system call of the program can be made to fail here.
  static let hasStrace =
    (try? CommandLineRunner.shell("strace -qq -o /dev/null true"))?.ending == .exit(status: 0)
  static let straceAbsence: Comment = "strace is missing, or may not trace"

  @Test("knows images however their paths are spelled")
  func spellings() throws {
    try OutputFolderTests.withPictures(5) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "in/..")
      try imageEmbedder(Self.arguments, folder: folder).expectSuccess()
      for path in [
        "in/", "./in", "\(folder)/in", "in//", "in/../in",
        "link/../\(URL(filePath: folder).lastPathComponent)/in",
      ] {
        try imageEmbedder(
          ["embed", path, "--output", "out", "--resume"] + Self.model, folder: folder
        ).expectSuccess()
        try OutputFolderTests.expect("\(folder)/out", holds: 5)
      }
      // From another folder.
      try imageEmbedder(
        ["embed", ".", "--output", "../out", "--resume"] + Self.model, folder: "\(folder)/in"
      ).expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 5)
    }
  }

  @Test("keeps two rows of an image that is named twice, and adds none")
  func namedTwice() throws {
    try OutputFolderTests.withPictures(1) { folder in
      let picture = "in/picture 0.png"
      let arguments = ["embed", picture, "./\(picture)", "--output", "out"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      #expect(try ReadFolder("\(folder)/out").rows.map(\.path) == [picture, "./\(picture)"])
      try imageEmbedder(arguments + [picture, "--resume"], folder: folder).expectSuccess()
      #expect(try ReadFolder("\(folder)/out").rows.count == 2)
    }
  }

  @Test("takes a shard of one for an undivided run")
  func shardOfOne() throws {
    try OutputFolderTests.withPictures(5) { folder in
      try imageEmbedder(Self.arguments, folder: folder).expectSuccess()
      try imageEmbedder(Self.arguments + ["--shard", "1/1"], folder: folder)
        .expectStop(naming: ["'out'", "--resume"])
      try imageEmbedder(Self.arguments + ["--shard", "1/1", "--resume"], folder: folder)
        .expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 5)
      #expect(try names(in: "\(folder)/out").filter { $0.hasPrefix("run") } == ["run.json"])
    }
  }

  @Test("forgets failures that are over: a file that is gone, a name that was wrong")
  func pastFailures() throws {
    try OutputFolderTests.withPictures(2) { folder in
      try write(Array("no picture".utf8), to: "\(folder)/in/broken.jpg")
      let first = try imageEmbedder(
        ["embed", "in", "in_", "--output", "out"] + Self.model, folder: folder)
      #expect(first.ending == .exit(status: 2))
      let again = try imageEmbedder(Self.arguments + ["--resume"], folder: folder)
      #expect(again.ending == .exit(status: 2))
      #expect(again.errorLines == ["image-embedder: 1 of 3 images could not be embedded"])
      try FileManager.default.removeItem(atPath: "\(folder)/in/broken.jpg")
      try imageEmbedder(Self.arguments + ["--resume"], folder: folder).expectSuccess()
      #expect(try contents(of: "\(folder)/out/failures.jsonl") == [])
    }
  }

  @Test(
    "forgets failures that are over: an archive that is whole again, what proves to be no image")
  func pastFailuresOfArchives() throws {
    try OutputFolderTests.withPictures(4) { folder in
      func pack(_ command: String) throws {
        let run = try CommandLineRunner.shell(command, [], folder: folder)
        #expect(run.ending == .exit(status: 0))
      }
      func embed(_ options: [String]) throws -> CommandLineRun {
        try imageEmbedder(
          ["embed", "all", "--output", "out"] + options + Self.model, folder: folder)
      }
      try pack(
        """
        echo no picture > in/broken.jpg && mkdir all && tar cf whole.tar in && rm in/broken.jpg &&
        tar cf later.tar in && head -c 3000 whole.tar > all/in.tar && mkfifo all/notes
        """)
      #expect(try embed([]).ending == .exit(status: 2))
      #expect(try embed(["--resume"]).ending == .exit(status: 2))
      // Whole, but with a member that is no image.
      try pack("cp whole.tar all/in.tar")
      let whole = try embed(["--resume", "--retry-failed"])
      #expect(whole.ending == .exit(status: 2))
      #expect(!whole.standardError.contains("'all/in.tar'"))
      // The member is gone, and what could not be read turns out to be no image.
      try pack("cp later.tar all/in.tar && rm all/notes && echo text > all/notes")
      try embed(["--resume", "--retry-failed"]).expectSuccess()
      #expect(try contents(of: "\(folder)/out/failures.jsonl") == [])
      try OutputFolderTests.expect("\(folder)/out", holds: 4)
    }
  }

  // MARK: Damage

  @Test(
    "sets a damaged part aside, and names the rows that are lost",
    arguments: ["cut", "changed", "header", "torn metadata", "missing"])
  func lostRows(damage: String) throws {
    try OutputFolderTests.withPictures(4) { folder in
      try imageEmbedder(Self.arguments, folder: folder).expectSuccess()
      let array = "\(folder)/out/img_emb/img_emb_000000.npy"
      let metadata = "\(folder)/out/metadata/metadata_000000.jsonl"
      var bytes = try contents(of: array)
      switch damage {
      case "cut": bytes.removeLast()
      case "changed": bytes[200] ^= 1
      case "header": bytes[70] ^= 1
      case "torn metadata": try write(Array(try contents(of: metadata).dropLast(3)), to: metadata)
      default: try FileManager.default.removeItem(atPath: array)
      }
      if damage != "missing" { try write(bytes, to: array) }
      try FileManager.default.createDirectory(
        atPath: "\(folder)/new", withIntermediateDirectories: false)
      try write(PNGWriter(Pictures.small(seed: 9)).file, to: "\(folder)/new/picture 8.png")
      let run = try imageEmbedder(
        ["embed", "new", "--output", "out", "--resume"] + Self.model, folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(run.errorLines.first?.contains("part 0") == true)
      #expect(run.standardError.contains("'in/picture 0.png'"))
      #expect(try ReadFolder("\(folder)/out").rows.count == 3)
      if damage != "missing" { #expect(try contents(of: "\(array).damaged") == bytes) }
      // Said again until they are made again, which needs no --retry-failed.
      let again = try imageEmbedder(
        ["embed", "new", "--output", "out", "--resume"] + Self.model, folder: folder)
      #expect(again.ending == .exit(status: 2))
      #expect(again.standardError.contains("'in/picture 0.png'"))
      try imageEmbedder(Self.arguments + ["--resume"], folder: folder).expectSuccess()
      let rows = try ReadFolder("\(folder)/out").rows
      #expect(rows.count == 5)
      for row in rows {
        let number = try #require(Int(row.path.dropLast(4).split(separator: " ").last ?? ""))
        #expect(row.vector == OutputFolderTests.vector(number))
      }
    }
  }

  // MARK: Kills

  @Test(
    "leaves nothing that refuses the next run, wherever the first is killed in its first moments",
    .enabled(if: hasStrace, straceAbsence), arguments: 1...4)
  func killedAtTheStart(number: Int) throws {
    try OutputFolderTests.withPictures(3) { folder in
      _ = try CommandLineRunner.run(
        executable: "/usr/bin/env",
        [
          "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename,renameat,renameat2,mkdir",
          "-e", "inject=rename,renameat,renameat2,mkdir:signal=KILL:when=\(number)",
          CommandLineRunner.program,
        ] + Self.arguments, folder: folder)
      try imageEmbedder(Self.arguments, folder: folder).expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 3)
    }
  }

  @Test(
    "loses, doubles and mixes no row, whatever system call it is killed at",
    .enabled(if: hasStrace, straceAbsence),
    arguments: [("fsync", 1...9), ("rename", 1...7), ("unlink", 1...6)])
  func killedAtCalls(call: String, times: ClosedRange<Int>) throws {
    for number in times {
      try OutputFolderTests.withPictures(5) { folder in
        for options in [[], ["--resume"]] {
          _ = try CommandLineRunner.run(
            executable: "/usr/bin/env",
            [
              "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
              "inject=\(call):signal=KILL:when=\(number)", CommandLineRunner.program,
            ] + Self.arguments + options, folder: folder)
        }
        try imageEmbedder(Self.arguments + ["--resume"], folder: folder).expectSuccess()
        try OutputFolderTests.expect("\(folder)/out", holds: 5)
      }
    }
  }

  @Test(
    "is one error where a system call fails, and goes on afterwards",
    .enabled(if: hasStrace, straceAbsence), arguments: ["fsync", "rename", "pwrite64", "mkdir"])
  func failingCalls(call: String) throws {
    for number in 1...6 {
      try OutputFolderTests.withPictures(5) { folder in
        let run = try CommandLineRunner.run(
          executable: "/usr/bin/env",
          [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):error=EIO:when=\(number)", CommandLineRunner.program,
          ] + Self.arguments, folder: folder)
        if run.ending != .exit(status: 0) { run.expectStop(naming: ["Input/output error"]) }
        try imageEmbedder(Self.arguments + ["--resume"], folder: folder).expectSuccess()
        try OutputFolderTests.expect("\(folder)/out", holds: 5)
      }
    }
  }

  // MARK: Arrays with names of rows

  @Test(
    "has no counterpart for a file: array and names are never of two runs",
    .enabled(if: hasStrace, straceAbsence), arguments: ["error=EIO", "signal=KILL"])
  func arrayAndNames(fault: String) throws {
    try OutputFolderTests.withPictures(3) { folder in
      for number in 1...6 {
        try imageEmbedder(
          ["embed", "in/picture 0.png", "in/picture 1.png", "--output", "v.npy"] + Self.model,
          folder: folder
        ).expectSuccess()
        _ = try CommandLineRunner.run(
          executable: "/usr/bin/env",
          [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e",
            "inject=rename:\(fault):when=\(number)", CommandLineRunner.program, "embed",
            "in/picture 2.png", "in/picture 1.png", "--output", "v.npy",
          ] + Self.model, folder: folder)
        guard (try? names(in: folder).contains("v.npy.rows.jsonl")) == true else { continue }
        let row = try NPYFile(contentsOf: "\(folder)/v.npy").row(0)
        let name = try EmbedNPYTests.rowNames("\(folder)/v.npy.rows.jsonl")[0].path
        #expect(row == OutputFolderTests.vector(name == "in/picture 0.png" ? 0 : 2))
      }
    }
  }

  // MARK: Two at a time

  @Test(
    "lets one of two runs write that do not go together, however they start",
    arguments: ["1/1", "1/2"])
  func exclusion(shard: String) throws {
    try OutputFolderTests.withPictures(60) { folder in
      for _ in 0..<10 {
        let run = try CommandLineRunner.shell(
          #"""
          rm -rf out
          "$PROGRAM" embed in --output out --rows-per-file 10 --model "$1" 2>/dev/null & a=$!
          "$PROGRAM" embed in --output out --rows-per-file 10 --model "$1" --shard "$2" 2>/dev/null & b=$!
          wait $a; echo $?; wait $b; echo $?
          """#, [Fixtures.model("identity_uint8_8x6"), shard], folder: folder)
        #expect(run.outputLines.filter { $0 == "0" }.count == 1)
        let rows = try ReadFolder("\(folder)/out").rows
        #expect(rows.count == Set(rows.map(\.path)).count)
        #expect(rows.count == (run.outputLines[1] == "0" && shard == "1/2" ? 30 : 60))
      }
    }
  }

  @Test("lets shards of one number write at the same time")
  func shardsTogether() throws {
    try OutputFolderTests.withPictures(60) { folder in
      let run = try CommandLineRunner.shell(
        #"""
        for i in 1 2 3 4; do
          "$PROGRAM" embed in --output out --rows-per-file 4 --model "$1" --shard $i/4 & p="$p $!"
        done
        for q in $p; do wait $q || exit 1; done
        """#, [Fixtures.model("identity_uint8_8x6")], folder: folder)
      run.expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 60)
    }
  }
}
