import EmbedderTestSupport
import Foundation
import Testing

@Suite("--sync", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct StoreSyncTests {
  static let model = OutputFolderTests.model
  static let arguments = ["embed", "in", "--output", "out", "--rows-per-file", "3"] + model

  static func remove(_ numbers: some Sequence<Int>, from folder: String) throws {
    for number in numbers {
      try FileManager.default.removeItem(atPath: "\(folder)/in/picture \(number).png")
    }
  }

  /// The pictures that a folder holds, each with the seed that made its vector.
  static func rows(_ folder: String) throws -> [String: [[Float]]] {
    try Dictionary(grouping: ReadFolder(folder).rows, by: \.path).mapValues { $0.map(\.vector) }
  }

  @Test("makes a folder equal to its inputs: new, changed and vanished images")
  func equal() throws {
    try OutputFolderTests.withPictures(10) { folder in
      try imageEmbedder(Self.arguments + ["--sync"], folder: folder).expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 10)
      try Self.remove([1, 2, 4, 9], from: folder)
      try write(PNGWriter(Pictures.small(seed: 100)).file, to: "\(folder)/in/picture 5.png")
      try write(PNGWriter(Pictures.small(seed: 101)).file, to: "\(folder)/in/picture 77.png")
      try imageEmbedder(Self.arguments + ["--sync"], folder: folder).expectSuccess()
      var expected: [String: [[Float]]] = [:]
      for number in [0, 3, 6, 7, 8] {
        expected["in/picture \(number).png"] = [OutputFolderTests.vector(number)]
      }
      expected["in/picture 5.png"] = [OutputFolderTests.vector(99)]
      expected["in/picture 77.png"] = [OutputFolderTests.vector(100)]
      #expect(try Self.rows("\(folder)/out") == expected)
      try imageEmbedder("verify", "out", folder: folder).expectVerified()
      // Nothing more to do, and nothing done.
      let before = try snapshot("\(folder)/out/img_emb")
      try imageEmbedder(Self.arguments + ["--sync"], folder: folder).expectSuccess()
      #expect(try snapshot("\(folder)/out/img_emb") == before)
    }
  }

  @Test("touches no row of images outside of its inputs, nor of files that a filter leaves out")
  func outside() throws {
    try OutputFolderTests.withPictures(6) { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/other", withIntermediateDirectories: false)
      try write(PNGWriter(Pictures.small(seed: 7)).file, to: "\(folder)/other/picture 6.png")
      try imageEmbedder(["embed", "other"] + Self.arguments.dropFirst(), folder: folder)
        .expectSuccess()
      try FileManager.default.removeItem(atPath: "\(folder)/other/picture 6.png")
      try imageEmbedder(
        Self.arguments + ["--sync", "--include", "*.png"], folder: folder
      ).expectSuccess()
      try imageEmbedder(
        Self.arguments + ["--sync", "--exclude", "picture 3*"], folder: folder
      ).expectSuccess()
      try OutputFolderTests.expect("\(folder)/out", holds: 7)
    }
  }

  @Test(
    "does not empty a folder whose inputs are not there, unless that is meant",
    arguments: ["missing", "empty", "most"])
  func unmounted(what: String) throws {
    try OutputFolderTests.withPictures(6) { folder in
      try imageEmbedder(Self.arguments, folder: folder).expectSuccess()
      let before = try snapshot("\(folder)/out/img_emb")
      try Self.remove(what == "most" ? 0..<4 : 0..<6, from: folder)
      if what == "missing" { try FileManager.default.removeItem(atPath: "\(folder)/in") }
      let run = try imageEmbedder(Self.arguments + ["--sync"], folder: folder)
      run.expectStop(naming: ["--sync=force", "of 6 rows"])
      #expect(try snapshot("\(folder)/out/img_emb") == before)
      let forced = try imageEmbedder(Self.arguments + ["--sync=force"], folder: folder)
      #expect(forced.ending == .exit(status: what == "missing" ? 2 : 0))
      #expect(try ReadFolder("\(folder)/out").rows.count == (what == "most" ? 2 : 0))
    }
  }

  @Test("goes with a folder alone, and with no shard and no list of paths")
  func usage() throws {
    try OutputFolderTests.withPictures(1) { folder in
      try imageEmbedder(Self.arguments + ["--sync", "--shard", "1/2"], folder: folder)
        .expectWrongUsage(naming: ["--sync", "--shard"])
      try imageEmbedder(
        ["embed", "-", "--output", "out", "--sync"] + Self.model, folder: folder
      ).expectWrongUsage(naming: ["--sync"])
      try imageEmbedder(
        ["embed", "in", "--output", "v.npy", "--sync"] + Self.model, folder: folder
      ).expectWrongUsage(naming: ["--sync", "'v.npy'"])
      try imageEmbedder(["embed", "in", "--sync"] + Self.model, folder: folder)
        .expectWrongUsage(naming: ["--sync"])
    }
  }

  @Test("takes over what shards wrote")
  func shards() throws {
    try OutputFolderTests.withPictures(9) { folder in
      try write([1], to: "\(folder)/in/picture 90.png")
      for number in 1...3 {
        _ = try imageEmbedder(Self.arguments + ["--shard", "\(number)/3"], folder: folder)
      }
      try Self.remove([4, 7], from: folder)
      let run = try imageEmbedder(Self.arguments + ["--sync"], folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(try ReadFolder("\(folder)/out").rows.count == 7)
      #expect(
        try names(in: "\(folder)/out") == [
          ".lock", "failures.jsonl", "img_emb", "metadata", "run.json",
        ])
    }
  }

  @Test("follows the images of archives, whatever else these hold")
  func archives() throws {
    try OutputFolderTests.withPictures(6) { folder in
      // Neither is an image, which is no reason to doubt what the archive holds.
      try write(Array("a caption".utf8), to: "\(folder)/in/caption.txt")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/in/link.png", withDestinationPath: "picture 0.png")
      let arguments = ["embed", "in.tar", "--output", "out"] + Self.model
      _ = try CommandLineRunner.shell("tar cf in.tar in", folder: folder)
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      try Self.remove([2], from: folder)
      _ = try CommandLineRunner.shell("tar cf in.tar in", folder: folder)
      try imageEmbedder(arguments + ["--sync"], folder: folder).expectSuccess()
      let paths = try ReadFolder("\(folder)/out").rows.map(\.path)
      #expect(paths.sorted() == [0, 1, 3, 4, 5].map { "in.tar/in/picture \($0).png" })
    }
  }

  @Test(
    "loses and doubles no row, whatever system call it is killed at",
    .enabled(if: StoreGoingOnTests.hasStrace, StoreGoingOnTests.straceAbsence),
    arguments: ["rename", "fsync", "unlink"])
  func killed(call: String) throws {
    for number in stride(from: 1, through: 15, by: call == "fsync" ? 2 : 1) {
      try OutputFolderTests.withPictures(9) { folder in
        try imageEmbedder(Self.arguments, folder: folder).expectSuccess()
        try Self.remove([6, 7, 8], from: folder)
        try FileManager.default.moveItem(
          atPath: "\(folder)/in/picture 0.png", toPath: "\(folder)/in/picture 9.png")
        try write(PNGWriter(Pictures.small(seed: 10)).file, to: "\(folder)/in/picture 9.png")
        _ = try CommandLineRunner.run(
          executable: "/usr/bin/env",
          [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):signal=KILL:when=\(number)", CommandLineRunner.program,
          ] + Self.arguments + ["--sync"], folder: folder)
        // What counts is never doubled and never lost, also before the next run.
        let stored = try EmbeddingStoreReader.paths("\(folder)/out")
        #expect(Set(stored).count == stored.count)
        #expect(Set(stored).isSuperset(of: (1...5).map { "in/picture \($0).png" }))
        try imageEmbedder(Self.arguments + ["--sync"], folder: folder).expectSuccess()
        let rows = try Self.rows("\(folder)/out")
        #expect(rows.count == 6)
        for number in [1, 2, 3, 4, 5, 9] {
          #expect(rows["in/picture \(number).png"] == [OutputFolderTests.vector(number)])
        }
      }
    }
  }
}

extension CommandLineRun {
  /// Expects what `verify` says of a folder that is as it was written.
  func expectVerified(sourceLocation: SourceLocation = #_sourceLocation) {
    expectSuccess(sourceLocation: sourceLocation)
    #expect(output.hasSuffix("are as they were written\n"), sourceLocation: sourceLocation)
  }
}
