import EmbedderTestSupport
import Foundation
import Testing

@Suite("Many inputs", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct ManyInputsTests {
  static let model = ["--model", Fixtures.model("identity_uint8_8x6")]

  @Test("of a thousand, a hundred of them broken in ten ways, give nine hundred vectors")
  func brokenFiles() throws {
    try withTemporaryFolder { folder in
      let png = PNGWriter(Pictures.small()).file
      let broken: [[UInt8]] = [
        [], [0xff], Array(png.prefix(8)), Array(png.prefix(40)), Array(png.dropLast(30)),
        Array("<html>404".utf8), Array("%PDF-1.7".utf8), Array(repeating: 0, count: 5000),
        Array(SmallJPEG.baseline.prefix(100)), [0xff, 0xd8, 0xff] + Array(repeating: 7, count: 99),
      ]
      for number in 0..<1000 {
        let content = number % 10 == 3 ? broken[number / 10 % 10] : png
        let digits = "\(number)"
        let name = String(repeating: "0", count: 4 - digits.utf8.count) + digits
        try write(content, to: "\(folder)/\(name).png")
      }
      let run = try imageEmbedder(["embed", folder] + Self.model)
      #expect(run.ending == .exit(status: 2))
      let rows = try run.json(JSONRow.self)
      #expect(rows.count == 1000)
      #expect(rows.map(\.path) == rows.map(\.path).sorted())
      let expected = Pictures.small().bytes.map(Float.init)
      for (number, row) in rows.enumerated() {
        #expect(row.status == (number % 10 == 3 ? "failed" : "ok"))
        #expect(row.status == "failed" || row.components == expected)
        #expect(row.status == "ok" || row.errorMessage?.isEmpty == false)
      }
      #expect(run.errorLines.count == 101)
      #expect(run.errorLines.last == "image-embedder: 100 of 1000 images could not be embedded")
    }
  }

  @Test("may be none, which is said")
  func nothing() throws {
    try withTemporaryFolder { folder in
      try write(Array("text".utf8), to: "\(folder)/notes.txt")
      for arguments in [
        ["embed", folder], ["embed", "-"], ["embed", folder, "--output", "v.csv"],
      ] {
        let run = try imageEmbedder(arguments + Self.model, folder: folder)
        #expect(run.ending == .exit(status: 0))
        if arguments != ["embed", "-"] { #expect(run.standardError == "") }
      }
      try FileManager.default.removeItem(atPath: "\(folder)/notes.txt")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/empty", withIntermediateDirectories: false)
      let run = try imageEmbedder(["embed", "\(folder)/empty"] + Self.model)
      #expect(run.ending == .exit(status: 0))
      #expect(run.errorLines == ["image-embedder: there are no images in the inputs"])
    }
  }

  @Test("may have any name that the system allows")
  func oddNames() throws {
    try withTemporaryFolder { folder in
      let png = PNGWriter(Pictures.small()).file
      let names: [[UInt8]] = [
        Array("new\nline.png".utf8), [0x61, 0xff, 0xfe, 0x2e, 0x70, 0x6e, 0x67],
        Array(String(repeating: "x", count: 251).utf8) + Array(".png".utf8),
        Array("q\"uo'te\\.png".utf8), Array("\u{10ffff}.png".utf8),
      ]
      for name in names {
        let path = Array("\(folder)/".utf8) + name + [0]
        let descriptor = unsafe path.withUnsafeBytes { bytes in
          unsafe open(
            bytes.bindMemory(to: CChar.self).baseAddress!, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        }
        try #require(descriptor >= 0)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data(png))
      }
      struct Name: Decodable {
        let path: String
        let pathBytes: Data?
      }
      // Found in a folder, named by the shell, and listed on the standard input.
      for line in [
        #""$PROGRAM" embed "$1" --model "$2""#, #""$PROGRAM" embed "$1"/* --model "$2""#,
        #"find "$1" -type f -print0 | "$PROGRAM" embed - --null --model "$2""#,
      ] {
        let run = try CommandLineRunner.shell(line, [folder, Fixtures.model("identity_uint8_8x6")])
        run.expectSuccess()
        let rows = try run.json(Name.self)
        #expect(rows.count == names.count)
        let found = rows.map { row in
          Array(
            (row.pathBytes.map { Array($0) } ?? Array(row.path.utf8)).dropFirst(
              folder.utf8.count + 1))
        }
        #expect(Set(found) == Set(names))
        #expect(rows.contains { $0.path.hasSuffix(#"a\xff\xfe.png"#) })
      }
      // A folder that is gone on with knows each of them again.
      let arguments = ["embed", folder, "--output", "\(folder)/out", "--resume"] + Self.model
      try imageEmbedder(arguments).expectSuccess()
      try imageEmbedder(arguments).expectSuccess()
      #expect(try ReadFolder("\(folder)/out").rows.count == names.count)
    }
  }

  @Test("may lie in a tar archive, whole or cut")
  func archives() throws {
    try withTemporaryFolder { folder in
      _ = try Pictures.writeFiles(3, in: folder)
      try write(Array("{}".utf8), to: "\(folder)/picture 0.json")
      let tar = try CommandLineRunner.shell(
        #"cd "$1" && tar cf a.tar picture*.json picture*.png && gzip -k a.tar && head -c 3700 a.tar > cut.tar"#,
        [folder])
      #expect(tar.ending == .exit(status: 0))
      let expected = try (0..<3).map { number in
        try imageEmbedder(["embed", "\(folder)/picture \(number).png"] + Self.model)
          .json(JSONRow.self)[0].components
      }
      for name in ["a.tar", "a.tar.gz"] {
        let run = try imageEmbedder(["embed", name] + Self.model, folder: folder)
        run.expectSuccess()
        let rows = try run.json(JSONRow.self)
        #expect(rows.map(\.path) == (0..<3).map { "\(name)/picture \($0).png" })
        #expect(rows.map(\.components) == expected)
      }
      let cut = try imageEmbedder(["embed", "cut.tar"] + Self.model, folder: folder)
      #expect(cut.ending == .exit(status: 2))
      #expect(try cut.json(JSONRow.self).map(\.status) == ["ok", "ok", "failed"])
      #expect(cut.standardError.contains("cut.tar"))
    }
  }

  /// The programs that compress, as far as they are there, and names of what they make of an archive.
  static let compressors = [
    ("gzip", "a.tgz"), ("bzip2", "a.tbz2"), ("xz", "a.txz"), ("zstd", "a.tzst"),
    ("lz4", "a.tar.lz4"),
  ].filter { program, _ in
    (try? CommandLineRunner.shell(#"command -v "$1""#, [program]))?.ending == .exit(status: 0)
  }

  @Test("may lie in archives of every kind, by every name that they have", arguments: compressors)
  func kindsOfArchive(program: String, name: String) throws {
    try withTemporaryFolder { folder in
      _ = try Pictures.writeFiles(1, in: folder)
      let made = try CommandLineRunner.shell(
        #"tar cf a *.png && "$1" -c < a > "$2""#, [program, name], folder: folder)
      try #require(made.ending == .exit(status: 0))
      let run = try imageEmbedder(["embed", name] + Self.model, folder: folder)
      run.expectSuccess()
      #expect(try run.json(JSONRow.self).map(\.path) == ["\(name)/picture 0.png"])
    }
  }

  @Test("that are no images are skipped whatever their size, and links of archives are counted")
  func skipped() throws {
    struct Record: Decodable {
      let counts: [String: Int]
    }
    try withTemporaryFolder { folder in
      let made = try CommandLineRunner.shell(
        #"""
        mkdir in && printf '\0\0\0\030ftypmp42' > in/v.mp4 && truncate -s 100000 in/v.mp4 &&
        tar cf v.tar in && tar cSf sparse.tar in && ln -s v.mp4 in/soft.png && ln in/v.mp4 in/hard.mp4 &&
        tar cf links.tar in && rm in/soft.png in/hard.mp4
        """#, folder: folder)
      try #require(made.ending == .exit(status: 0))
      for (input, count) in [("in", 1), ("v.tar", 1), ("sparse.tar", 1), ("links.tar", 3)] {
        let run = try imageEmbedder(
          ["embed", input, "--max-file-bytes", "5000", "--output", "\(input).jsonl"] + Self.model,
          folder: folder)
        run.expectSuccess()
        let record = try decodeJSON(
          [try text(of: "\(folder)/\(input).jsonl.run.json")], as: Record.self)
        #expect(record[0].counts["skipped"] == count)
      }
      let verbose = try imageEmbedder(
        ["embed", "links.tar", "--verbose"] + Self.model, folder: folder)
      #expect(
        verbose.standardError.contains(
          "'links.tar/in/soft.png' is passed over: it is a symbolic link to"))
      #expect(verbose.standardError.contains("passed over: it is a hard link to"))
    }
  }

  @Test("that fail too often end the run, and a file is not written")
  func maxErrors() throws {
    try Pictures.withPicture { folder, picture in
      let run = try imageEmbedder(
        ["embed", "a.png", "b.png", picture, "--max-errors", "1", "--output", "v.csv"] + Self.model,
        folder: folder)
      #expect(run.ending == .exit(status: 1))
      #expect(run.errorLines.last?.contains("stopped after 2 failures") == true)
      #expect(try names(in: folder) == ["picture 0.png"])
    }
  }

  @Test(
    "are told apart from wrong usage",
    arguments: [
      (["--resume"], "--output"), (["--shard", "1/2"], "--output"),
      (["--shard", "0/2"], "--shard"),
      (["--shard", "3/2"], "--shard"), (["--shard", "x"], "--shard"),
      (["--retry-failed"], "--resume"), (["--rows-per-file", "0"], "--rows-per-file"),
      (["--max-errors", "-1"], "--max-errors"), (["--dtype", "float16"], "--dtype"),
      (["--dtype", "float64", "--output", "v.npy"], "float64"),
      (["--output", "v/", "--format", "csv"], "--format"),
      (["--output", "v.npy", "--dtype", "float16", "--quantize"], "--quantize"),
    ])
  func wrongUsage(arguments: [String], part: String) throws {
    try imageEmbedder(["embed", "a.png"] + arguments).expectWrongUsage(naming: [part])
  }

  @Test("have a summary that names the bottleneck, if it is asked for")
  func summary() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(3, in: folder)
      let run = try imageEmbedder(
        ["embed"] + pictures + ["--output", "\(folder)/v.jsonl", "--verbose", "--threads", "1"]
          + Self.model)
      #expect(run.ending == .exit(status: 0))
      #expect(run.standardError.contains("3 embedded, 0 failed, 0 skipped"))
      #expect(run.standardError.contains("images/s"))
      #expect(run.standardError.contains("on the CPU, 1 worker;"))
      #expect(run.standardError.contains("the bottleneck is "))
    }
  }
}
