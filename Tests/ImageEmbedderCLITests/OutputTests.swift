import EmbedderTestSupport
import Foundation
import Testing

@Suite("--output", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct OutputTests {
  static let model = ["--model", Fixtures.model("constant_3_4")]

  // MARK: What is written

  @Test(
    "writes what the standard output would show, in the format that its name ends in",
    arguments: [
      ("v.jsonl", "jsonl"), ("v.csv", "csv"), ("V.CSV", "csv"), ("v.a.b.Jsonl", "jsonl"),
    ])
  func formatByName(name: String, format: String) throws {
    try Pictures.withPicture { folder, picture in
      let run = try imageEmbedder(
        ["embed", picture, "--output", name] + Self.model, folder: folder)
      run.expectSuccess()
      #expect(run.standardOutput == [])
      let expected = try imageEmbedder(["embed", picture, "--format", format] + Self.model)
      #expect(try contents(of: "\(folder)/\(name)") == expected.standardOutput)
      #expect(try names(in: folder) == [name, "\(name).run.json", "picture 0.png"].sorted())
    }
  }

  @Test("is an array for names that end in npy, however they are written")
  func arraysByName() throws {
    try Pictures.withPicture { folder, picture in
      for name in ["v.npy", "w.NPY"] {
        try imageEmbedder(["embed", picture, "--output", "\(folder)/\(name)"] + Self.model)
          .expectSuccess()
        #expect(try NPYFile(contentsOf: "\(folder)/\(name)").shape == [1, 2])
      }
    }
  }

  @Test("is written in the format of --format whatever its name ends in")
  func formatByOption() throws {
    try Pictures.withPicture { folder, picture in
      try imageEmbedder(
        ["embed", picture, "-o", "\(folder)/v.npy", "--format", "csv"] + Self.model
      ).expectSuccess()
      #expect(try text(of: "\(folder)/v.npy").hasPrefix("path,status,"))
    }
  }

  @Test("replaces what the file held")
  func replacing() throws {
    try Pictures.withPicture { folder, picture in
      let path = "\(folder)/v.jsonl"
      try write(
        Array(#"{"path":"of an earlier run"}"#.utf8) + Array(repeating: 10, count: 100_000),
        to: path)
      try imageEmbedder(["embed", picture, "--output", path] + Self.model).expectSuccess()
      #expect(try text(of: path).hasPrefix("{"))
      #expect(try contents(of: path).count < 1000)
    }
  }

  @Test("replaces what a link leads to, and keeps the link")
  func links() throws {
    try Pictures.withPicture { folder, picture in
      try write(Array("{\"path\":\"a\"}\n".utf8), to: "\(folder)/real.jsonl")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link.jsonl", withDestinationPath: "real.jsonl")
      try imageEmbedder(["embed", picture, "--output", "\(folder)/link.jsonl"] + Self.model)
        .expectSuccess()
      #expect(try text(of: "\(folder)/real.jsonl").hasPrefix("{"))
      let link = try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link.jsonl")
      #expect(link == "real.jsonl")
    }
  }

  @Test("goes to a pipe as it is")
  func pipe() throws {
    try Pictures.withPicture { folder, picture in
      let run = try CommandLineRunner.shell(
        #""$PROGRAM" embed "$1" --output /dev/stdout --model "$2" | cat"#,
        [picture, Fixtures.model("constant_3_4")], folder: folder)
      run.expectSuccess()
      #expect(try run.json(JSONRow.self).map(\.components) == [[3, 4]])
      #expect(try names(in: folder) == ["picture 0.png"])
    }
  }

  @Test("may be a pipe, beside which nothing is written")
  func namedPipe() throws {
    try Pictures.withPicture { folder, picture in
      let run = try CommandLineRunner.shell(
        #"mkfifo pipe; cat pipe & "$PROGRAM" embed "$1" --output pipe --model "$2"; s=$?; wait; exit $s"#,
        [picture, Fixtures.model("constant_3_4")], folder: folder)
      run.expectSuccess()
      #expect(try run.json(JSONRow.self).map(\.components) == [[3, 4]])
      #expect(try names(in: folder) == ["picture 0.png", "pipe"])
    }
  }

  @Test("keeps a quotation mark in a name one cell of CSV, whatever combines with it")
  func combinedQuotationMark() throws {
    try Pictures.withPicture { folder, picture in
      let name = "a\"\u{301}.png"
      try FileManager.default.moveItem(atPath: picture, toPath: "\(folder)/\(name)")
      let run = try imageEmbedder(["embed", name, "--format", "csv"] + Self.model, folder: folder)
      run.expectSuccess()
      #expect(
        Array(run.outputLines[1].unicodeScalars).starts(
          with: "\"a\"\"\u{301}.png\",ok".unicodeScalars))
    }
  }

  @Test("is kept where some images could not be embedded")
  func failures() throws {
    try Pictures.withPicture { folder, picture in
      let run = try imageEmbedder(
        ["embed", "missing.png", picture, "--output", "v.jsonl"] + Self.model, folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(try text(of: "\(folder)/v.jsonl").split(separator: "\n").count == 2)
    }
  }

  // MARK: What is not

  @Test(
    "leaves an existing file as it is where the run cannot start",
    arguments: [
      ["--model", "/nope.tflite"], ["--model", Fixtures.model("input_rank_5")],
      ["--litert", "/nope"], ["--threads", "0"], ["--region", "1,2"],
      ["--model", Fixtures.model("operation_custom")],
    ], ["v.jsonl", "v.csv", "v.npy"])
  func untouched(options: [String], name: String) throws {
    try Pictures.withPicture { folder, picture in
      try write(Array("what was there".utf8), to: "\(folder)/\(name)")
      let run = try imageEmbedder(["embed", picture, "--output", name] + options, folder: folder)
      #expect([.exit(status: 1), .exit(status: 64)].contains(run.ending))
      #expect(try text(of: "\(folder)/\(name)") == "what was there")
      #expect(try names(in: folder) == ["picture 0.png", name])
    }
  }

  @Test(
    "that cannot be made is one error that names it",
    arguments: ["missing/v.jsonl", "file/v.jsonl", "/proc/nope.csv", "missing/v.npy"])
  func impossible(output: String) throws {
    try Pictures.withPicture { folder, picture in
      try write([65], to: "\(folder)/file")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/folder", withIntermediateDirectories: false)
      let run = try imageEmbedder(
        ["embed", picture, "--output", output] + Self.model, folder: folder)
      run.expectStop(naming: ["'\(output)'", "cannot write"])
      #expect(try names(in: folder) == ["file", "folder", "picture 0.png"])
      #expect(try names(in: "\(folder)/folder") == [])
    }
  }

  @Test("that is empty is an error before anything is done")
  func emptyPath() throws {
    try Pictures.withPicture { folder, picture in
      let run = try imageEmbedder(["embed", picture, "--output", ""] + Self.model, folder: folder)
      #expect([.exit(status: 1), .exit(status: 64)].contains(run.ending))
      #expect(try names(in: folder) == ["picture 0.png"])
      #expect(!run.standardError.contains("rename"))
    }
  }

  @Test("never replaces an image that is embedded")
  func inputAsOutput() throws {
    try Pictures.withPicture { folder, picture in
      // What `--output *.png` amounts to with two pictures.
      let before = try contents(of: picture)
      let run = try imageEmbedder(["embed", picture, "--output", picture] + Self.model)
      let after = try contents(of: picture)
      #expect(run.ending != .exit(status: 0))
      #expect(difference(after, before) == nil)
    }
  }

  // MARK: No room, nobody there

  @Test("that has no room is one error", arguments: ["jsonl", "csv"])
  func fullDevice(format: String) throws {
    try Pictures.withPicture { _, picture in
      try imageEmbedder(
        ["embed", picture, "--output", "/dev/full", "--format", format] + Self.model
      ).expectStop(naming: ["'/dev/full'", "No space left on device"])
    }
  }

  @Test(
    "and a standard output that has no room is one error",
    arguments: [["embed", "picture 0.png"], ["similarity", "picture 0.png", "picture 0.png"]])
  func fullStandardOutput(arguments: [String]) throws {
    try Pictures.withPicture { folder, _ in
      let run = try CommandLineRunner.run(
        arguments + Self.model, folder: folder, outputPath: "/dev/full")
      run.expectStop(naming: ["the standard output", "No space left on device"])
    }
  }

  @Test("and info's standard output that has no room is one error")
  func fullStandardOutputOfInfo() throws {
    for options in [[], ["--json"]] {
      let run = try CommandLineRunner.run(["info"] + options, outputPath: "/dev/full")
      run.expectStop(naming: ["the standard output", "No space left on device"])
    }
  }

  @Test("and a standard output that is closed is one error")
  func closedStandardOutput() throws {
    try Pictures.withPicture { _, picture in
      let run = try CommandLineRunner.shell(
        #""$PROGRAM" embed "$1" --model "$2" >&-"#, [picture, Fixtures.model("constant_3_4")])
      run.expectStop(naming: ["the standard output"])
    }
  }

  @Test("and a standard error that is closed hinders nobody")
  func closedStandardError() throws {
    try Pictures.withPicture { _, picture in
      let run = try CommandLineRunner.shell(
        #""$PROGRAM" embed "$1" missing.png --model "$2" 2>&-"#,
        [picture, Fixtures.model("constant_3_4")])
      #expect(run.ending == .exit(status: 2))
      #expect(try run.json(JSONRow.self).map(\.status) == ["ok", "failed"])
    }
  }

  @Test("to a pipe that nobody reads any longer ends quietly", arguments: ["", "trap '' PIPE; "])
  func closedPipe(preparation: String) throws {
    try Pictures.withPicture { _, picture in
      // More than a pipe holds, so that the end of `head` is noticed.
      let inputs = Array(repeating: picture, count: 200)
      let run = try CommandLineRunner.shell(
        preparation + #"model=$1; shift; "$PROGRAM" embed "$@" --model "$model" | head -c 10"#,
        [Fixtures.model("identity_uint8_224x224")] + inputs.prefix(3))
      #expect(run.output == #"{"path":"/"#)
      #expect(run.standardError == "")
    }
  }
}
