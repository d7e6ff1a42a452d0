import EmbedderTestSupport
import Foundation
import Testing

/// A folder of embeddings, as a reader sees it.
struct ReadFolder {
  /// The rows of all parts, in the order of the parts' numbers.
  private(set) var rows: [(path: String, vector: [Float])] = []
  private(set) var partNumbers: [Int] = []

  struct Metadata: Decodable {
    let path: String
    let width: Int
    let height: Int
  }

  /// A part's number as it stands in names: six digits.
  private func digits(_ number: Int) -> String {
    String(repeating: "0", count: 6 - "\(number)".count) + "\(number)"
  }

  init(_ folder: String) throws {
    partNumbers = try names(in: "\(folder)/metadata").filter { $0.hasSuffix(".jsonl") }.map {
      name in
      try #require(Int(name.dropFirst("metadata_".count).dropLast(".jsonl".count)))
    }.sorted()
    for number in partNumbers {
      let array = try NPYFile(contentsOf: "\(folder)/img_emb/img_emb_\(digits(number)).npy")
      let lines = try text(of: "\(folder)/metadata/metadata_\(digits(number)).jsonl").split(
        separator: "\n")
      let metadata = try decodeJSON(lines.map(String.init), as: Metadata.self)
      try #require(array.shape[0] == metadata.count)
      for (index, row) in metadata.enumerated() { rows.append((row.path, array.row(index))) }
    }
  }
}

/// The record of a run.
struct ReadRecord: Decodable {
  struct Counts: Decodable {
    let embedded: Int
    let failed: Int
    let skipped: Int
  }

  let fingerprint: String
  let status: String
  let counts: Counts
  let seconds: [String: Double]
  let device: String
  let workers: Int

  static func read(_ path: String) throws -> ReadRecord {
    try decodeJSON([text(of: path)])[0]
  }
}

@Suite("An output folder", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct OutputFolderTests {
  static let model = ["--model", Fixtures.model("identity_uint8_8x6")]

  /// What the model makes of picture `number`: the picture.
  static func vector(_ number: Int) -> [Float] {
    Pictures.small(seed: UInt64(number + 1)).bytes.map(Float.init)
  }

  /// Expects that a folder holds pictures `0..<count`, each once.
  static func expect(
    _ folder: String, holds count: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let rows = try ReadFolder(folder).rows
    #expect(rows.count == count, sourceLocation: sourceLocation)
    var found = Set<Int>()
    for row in rows {
      let name = row.path.split(separator: "/").last ?? ""
      let number = try #require(Int(name.dropFirst("picture ".count).dropLast(".png".count)))
      #expect(row.vector == vector(number), sourceLocation: sourceLocation)
      found.insert(number)
    }
    #expect(found == Set(0..<count), sourceLocation: sourceLocation)
  }

  /// Calls `body` with a folder that holds the folder `in` with pictures.
  static func withPictures(_ count: Int, _ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/in", withIntermediateDirectories: false)
      _ = try Pictures.writeFiles(count, in: "\(folder)/in")
      try body(folder)
    }
  }

  @Test("holds arrays with their rows' names, a log and a record")
  func layout() throws {
    try Self.withPictures(7) { folder in
      try write(Array("a text".utf8), to: "\(folder)/in/notes.txt")
      try write(Array("a text".utf8), to: "\(folder)/in/broken.jpg")
      let run = try imageEmbedder(
        ["embed", "in", "--output", "out/", "--rows-per-file", "3"] + Self.model, folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(run.standardOutput == [])
      #expect(run.errorLines.last == "image-embedder: 1 of 8 images could not be embedded")
      try Self.expect("\(folder)/out", holds: 7)
      #expect(try ReadFolder("\(folder)/out").partNumbers == [0, 1, 2])
      #expect(
        try names(in: "\(folder)/out") == [
          ".lock", "failures.jsonl", "img_emb", "metadata", "run.json",
        ])
      let failures = try text(of: "\(folder)/out/failures.jsonl").split(separator: "\n")
      let failure = try decodeJSON(failures.map(String.init), as: JSONRow.self)
      #expect(failure.map(\.path) == ["in/broken.jpg"])
      #expect(failure.map(\.errorCode) == ["INVALID_ARGUMENT"])
      let record = try ReadRecord.read("\(folder)/out/run.json")
      #expect(record.status == "complete")
      #expect(record.counts.embedded == 7 && record.counts.failed == 1)
      #expect(record.counts.skipped == 1)
      #expect(Set(record.seconds.keys) == ["total", "decode", "preprocess", "inference", "write"])
      #expect(record.fingerprint.utf8.count == 64)
    }
  }

  @Test("is made where a new name has no ending and no format is asked for")
  func newNameWithoutEnding() throws {
    try Self.withPictures(2) { folder in
      let arguments = ["embed", "in", "--output", "./out"] + Self.model
      #expect(try imageEmbedder(arguments, folder: folder).ending == .exit(status: 0))
      try Self.expect("\(folder)/out", holds: 2)
      let file = ["embed", "in", "--output", "./file", "--format", "csv"] + Self.model
      #expect(try imageEmbedder(file, folder: folder).ending == .exit(status: 0))
      #expect(try text(of: "\(folder)/file").hasPrefix("path,"))
    }
  }

  @Test("is not made where a file is", arguments: [["file/"], ["file", "--resume"]])
  func fileInItsPlace(output: [String]) throws {
    try Self.withPictures(1) { folder in
      try write(Array("a text".utf8), to: "\(folder)/file")
      let run = try imageEmbedder(
        ["embed", "in", "--output"] + output + Self.model, folder: folder)
      #expect(run.ending == .exit(status: 1))
      #expect(
        run.errorLines == [
          "Error: 'file' is a file, and a folder is needed; give another name or remove the file"
        ])
      #expect(try text(of: "\(folder)/file") == "a text")
    }
  }

  @Test("keeps to the order of the inputs", arguments: [1, 2])
  func order(threads: Int) throws {
    try Self.withPictures(30) { folder in
      try imageEmbedder(
        ["embed", "in", "--output", "out/", "--threads", "\(threads)"] + Self.model, folder: folder
      ).expectSuccess()
      let paths = try ReadFolder("\(folder)/out").rows.map(\.path)
      #expect(paths == paths.sorted())
    }
  }

  @Test("stores floats of 16 bits and bytes if that is asked for")
  func types() throws {
    try Self.withPictures(2) { folder in
      let model = ["--model", Fixtures.model("constant_3_4")]
      try imageEmbedder(
        ["embed", "in", "--output", "half/", "--dtype", "float16"] + model, folder: folder
      ).expectSuccess()
      let half = try contents(of: "\(folder)/half/img_emb/img_emb_000000.npy")
      #expect(String(decoding: half.prefix(80), as: UTF8.self).contains("'<f2'"))
      // 3 and 4 as IEEE 754 half-precision numbers, little-endian, twice.
      #expect(half.dropFirst(128) == [0x00, 0x42, 0x00, 0x44, 0x00, 0x42, 0x00, 0x44])
      try imageEmbedder(
        ["embed", "in", "--output", "bytes/", "--quantize", "--l2-normalize"] + model,
        folder: folder
      ).expectSuccess()
      let bytes = try contents(of: "\(folder)/bytes/img_emb/img_emb_000000.npy")
      #expect(String(decoding: bytes.prefix(80), as: UTF8.self).contains("'|i1'"))
      #expect(bytes.dropFirst(128) == [77, 102, 77, 102])
    }
  }

  @Test("has a folder for each head")
  func heads() throws {
    try Self.withPictures(2) { folder in
      try imageEmbedder(
        ["embed", "in", "--output", "out/", "--model", Fixtures.model("heads_abc")], folder: folder
      ).expectSuccess()
      for (name, dimension) in [("img_emb", 144), ("img_emb_head1", 24), ("img_emb_head2", 12)] {
        #expect(
          try NPYFile(contentsOf: "\(folder)/out/\(name)/img_emb_000000.npy").shape == [
            2, dimension,
          ])
      }
    }
  }

  // MARK: Going on

  @Test("is not written to twice, but gone on with")
  func resuming() throws {
    try Self.withPictures(5) { folder in
      let arguments = ["embed", "in", "--output", "out", "--rows-per-file", "2"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      try imageEmbedder(arguments, folder: folder).expectStop(naming: ["'out'", "--resume"])
      _ = try Pictures.writeFiles(9, in: "\(folder)/in")
      try imageEmbedder(arguments + ["--resume"], folder: folder).expectSuccess()
      try Self.expect("\(folder)/out", holds: 9)
      try imageEmbedder(arguments + ["--resume"], folder: folder).expectSuccess()
      try Self.expect("\(folder)/out", holds: 9)
      #expect(try ReadRecord.read("\(folder)/out/run.json").counts.embedded == 9)
    }
  }

  @Test(
    "of other options is not gone on with",
    arguments: [
      ["--l2-normalize"], ["--alpha", "white"], ["--decode", "fast"], ["--decode", "task-library"],
      ["--preset", "antialiased-v1"], ["--no-exif"], ["--region", "0,0,4,4"],
      ["--rotation", "90"], ["--dtype", "float16"], ["--quantize"], ["--allow-truncated"],
      ["--model", Fixtures.model("identity_uint8_7x5")],
    ])
  func otherFingerprint(options: [String]) throws {
    try Self.withPictures(1) { folder in
      let arguments = ["embed", "in", "--output", "out/"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      let run = try imageEmbedder(arguments + options + ["--resume"], folder: folder)
      run.expectStop(naming: ["'out'", "other options"])
      try Self.expect("\(folder)/out", holds: 1)
    }
  }

  @Test("tells failures again, and tries those images that changed, or all where that is asked for")
  func retrying() throws {
    try Self.withPictures(2) { folder in
      try write([1, 2, 3], to: "\(folder)/in/picture 2.png")
      let arguments = ["embed", "in", "--output", "out/"] + Self.model
      #expect(try imageEmbedder(arguments, folder: folder).ending == .exit(status: 2))
      for (option, lineCount) in [("--resume", 1), ("--sync", 1), ("--retry-failed", 2)] {
        let again = try imageEmbedder(arguments + ["--resume", option], folder: folder)
        #expect(again.ending == .exit(status: 2))
        #expect(again.errorLines.count == lineCount)
        #expect(again.errorLines.last == "image-embedder: 1 of 3 images could not be embedded")
      }
      _ = try Pictures.writeFiles(3, in: "\(folder)/in")
      try imageEmbedder(arguments + ["--resume"], folder: folder).expectSuccess()
      try Self.expect("\(folder)/out", holds: 3)
      #expect(try contents(of: "\(folder)/out/failures.jsonl") == [])
    }
  }

  @Test("makes a part again that is damaged, and clears away what is half made")
  func damage() throws {
    try Self.withPictures(6) { folder in
      let arguments = ["embed", "in", "--output", "out", "--rows-per-file", "2"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      // One array is cut, one has lost its metadata, a temporary file and a torn line are left.
      let array = try contents(of: "\(folder)/out/img_emb/img_emb_000000.npy")
      try write(Array(array.dropLast()), to: "\(folder)/out/img_emb/img_emb_000000.npy")
      try FileManager.default.removeItem(atPath: "\(folder)/out/metadata/metadata_000001.jsonl")
      try write([1], to: "\(folder)/out/img_emb/img_emb_000003.npy.partial")
      try write(Array(#"{"path":"in/pic"#.utf8), to: "\(folder)/out/failures.jsonl")
      let run = try imageEmbedder(arguments + ["--resume"], folder: folder)
      #expect(run.ending == .exit(status: 0))
      #expect(run.errorLines.count == 2)
      #expect(run.errorLines.first?.contains("part 0") == true)
      #expect(run.errorLines.last?.contains("part 1") == true)
      try Self.expect("\(folder)/out", holds: 6)
      #expect(
        try names(in: "\(folder)/out/img_emb") == [
          "img_emb_000000.npy.damaged", "img_emb_000001.npy.damaged", "img_emb_000002.npy",
          "img_emb_000003.npy", "img_emb_000004.npy",
        ])
      #expect(
        try contents(of: "\(folder)/out/img_emb/img_emb_000000.npy.damaged") == array.dropLast())
      #expect(try contents(of: "\(folder)/out/failures.jsonl") == [])
    }
  }

  @Test("loses and doubles no row, whenever a run is killed", arguments: [SIGKILL, SIGTERM])
  func killing(signal: Int32) throws {
    try Self.withPictures(400) { folder in
      let arguments =
        ["embed", "in", "--output", "out", "--rows-per-file", "7", "--resume"] + Self.model
      var generator = SeededGenerator(seed: UInt64(signal))
      var interruptedCount = 0
      for _ in 0..<6 {
        let partCount = Int.random(in: 1...12, using: &generator)
        let run = try CommandLineRunner.run(arguments, folder: folder) { process in
          // As soon as some parts more are there, wherever the run then is, or all of it is done.
          let metadata = "\(folder)/out/metadata"
          let before = (try? names(in: metadata).count) ?? 0
          while ((try? names(in: metadata).count) ?? 0) < before + partCount,
            (try? ReadRecord.read("\(folder)/out/run.json").status) != "complete"
          {
            usleep(300)
          }
          kill(process, signal)
        }
        // A signal may come before the program has a handler for it.
        #expect(
          [.exit(status: 0), .exit(status: 128 + signal), .signal(signal)].contains(run.ending))
        if run.ending == .exit(status: 128 + SIGTERM) {
          interruptedCount += 1
          #expect(try ReadRecord.read("\(folder)/out/run.json").status == "interrupted")
        }
      }
      #expect(signal == SIGKILL || interruptedCount > 0)
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      try Self.expect("\(folder)/out", holds: 400)
      let left = try names(in: "\(folder)/out/img_emb") + names(in: "\(folder)/out/metadata")
      #expect(left.allSatisfy { !$0.hasSuffix(".partial") })
    }
  }

  // MARK: Parts of the inputs

  @Test("is shared by shards, in any order, which together embed everything once")
  func shards() throws {
    try Self.withPictures(20) { folder in
      for number in [2, 3, 1] {
        let arguments =
          ["embed", "in", "--output", "out", "--rows-per-file", "2", "--shard", "\(number)/3"]
          + Self.model
        try imageEmbedder(arguments, folder: folder).expectSuccess()
        try imageEmbedder(arguments, folder: folder).expectStop(naming: ["--resume"])
        try imageEmbedder(arguments + ["--resume"], folder: folder).expectSuccess()
      }
      try Self.expect("\(folder)/out", holds: 20)
      #expect(
        try names(in: "\(folder)/out").filter { $0.hasPrefix("run") } == [
          "run.1-of-3.json", "run.2-of-3.json", "run.3-of-3.json",
        ])
      let other = ["embed", "in", "--output", "out", "--shard", "1/4", "--resume"] + Self.model
      try imageEmbedder(other, folder: folder).expectStop(naming: ["3 parts", "4"])
    }
  }

  @Test("is shared by shards also where pictures come in between", arguments: [[1, 2], [2, 1]])
  func shardsOfMorePictures(order: [Int]) throws {
    try Self.withPictures(10) { folder in
      let arguments = ["embed", "in", "--output", "out", "--rows-per-file", "2"] + Self.model
      for number in order {
        try imageEmbedder(arguments + ["--shard", "\(number)/2"], folder: folder).expectSuccess()
      }
      // Two of them come early in the list, which gives many of the others to the other shard.
      _ = try Pictures.writeFiles(13, in: "\(folder)/in")
      for number in order {
        try imageEmbedder(arguments + ["--shard", "\(number)/2", "--resume"], folder: folder)
          .expectSuccess()
      }
      try Self.expect("\(folder)/out", holds: 13)
    }
  }

  // MARK: Ends

  @Test("keeps what was finished where too many images fail")
  func tooManyErrors() throws {
    try Self.withPictures(10) { folder in
      for number in 10..<20 { try write([1], to: "\(folder)/in/picture \(number).png") }
      let run = try imageEmbedder(
        ["embed", "in", "--output", "out/", "--max-errors", "3"] + Self.model, folder: folder)
      #expect(run.ending == .exit(status: 1))
      #expect(run.errorLines.last?.contains("--max-errors") == true)
      #expect(try ReadRecord.read("\(folder)/out/run.json").status == "stopped")
      #expect(try text(of: "\(folder)/out/failures.jsonl").split(separator: "\n").count == 4)
      for number in 10..<20 {
        try FileManager.default.removeItem(atPath: "\(folder)/in/picture \(number).png")
      }
      _ = try imageEmbedder(
        ["embed", "in", "--output", "out/", "--resume"] + Self.model, folder: folder)
      try Self.expect("\(folder)/out", holds: 10)
    }
  }

  @Test("keeps what was finished where the disk is full, and goes on when it no longer is")
  func fullDisk() throws {
    try Self.withPictures(300) { folder in
      try SmallDisk.with { disk in
        let arguments =
          ["embed", "\(folder)/in", "--output", "\(disk)/out", "--rows-per-file", "20"]
          + ["--model", Fixtures.model("identity_uint8_8x6")]
        try write(Array(repeating: 0, count: 30_000), to: "\(disk)/ballast")
        let run = try imageEmbedder(arguments)
        run.expectStop(naming: ["No space left on device"])
        let finished = try ReadFolder("\(disk)/out").rows.count
        #expect(finished < 300)
        try FileManager.default.removeItem(atPath: "\(disk)/ballast")
        _ = try imageEmbedder(arguments + ["--resume"])
        #expect(try ReadFolder("\(disk)/out").rows.count > finished)
      }
    }
  }

  @Test("is not needed twice at a time")
  func locked() throws {
    try Self.withPictures(1) { folder in
      let pipe = "\(folder)/in/z.png"
      try imageEmbedder(["embed", "in", "--output", "out/"] + Self.model, folder: folder)
        .expectSuccess()
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      let first = try CommandLineRunner.run(
        ["embed", "in/z.png", "--output", "out/", "--resume"] + Self.model, folder: folder
      ) { _ in
        let writer = try #require(FileHandle(forWritingAtPath: pipe))
        let second = try imageEmbedder(
          ["embed", "in", "--output", "out/", "--resume"] + Self.model, folder: folder)
        second.expectStop(naming: ["another run"])
        try writer.close()
      }
      #expect(first.ending == .exit(status: 2))
    }
  }
}
