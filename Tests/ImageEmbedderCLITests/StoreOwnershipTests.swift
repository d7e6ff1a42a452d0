import EmbedderTestSupport
import Foundation
import Testing

/// Everything below a folder: paths and contents.
func snapshot(_ folder: String) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    var isFolder = ObjCBool(false)
    let full = "\(folder)/\(path)"
    if unsafe FileManager.default.fileExists(atPath: full, isDirectory: &isFolder),
      !isFolder.boolValue
    {
      files[path] = try contents(of: full)
    }
  }
  return files
}

@Suite("What is not ours", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct StoreOwnershipTests {
  static let model = OutputFolderTests.model

  @Test(
    "is refused as a folder of vectors and left as it is",
    arguments: [
      ["img_emb/img_emb_0.npy", "metadata/metadata_0.parquet"], ["photograph.jpg"],
      ["failures.jsonl"], ["img_emb/img_emb_000000.npy", "metadata/metadata_000000.jsonl"],
    ], [[], ["--resume"]])
  func foreignFolder(files: [String], options: [String]) throws {
    try OutputFolderTests.withPictures(2) { folder in
      for name in files {
        let path = URL(filePath: "\(folder)/theirs/\(name)")
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try write(Array("somebody's \(name)".utf8), to: path.path)
      }
      let before = try snapshot("\(folder)/theirs")
      let run = try imageEmbedder(
        ["embed", "in", "--output", "theirs"] + options + Self.model, folder: folder)
      run.expectStop(naming: ["'theirs'", "run.json"])
      #expect(try snapshot("\(folder)/theirs") == before)
    }
  }

  @Test(
    "is refused also where its record cannot be read",
    arguments: [
      "", "no record", #"{"a":1}"#, #"{"store_version":3,"fingerprint":"x","settings":{}}"#,
    ])
  func unreadableRecord(record: String) throws {
    try OutputFolderTests.withPictures(2) { folder in
      let arguments = ["embed", "in", "--output", "out"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      try write(Array(record.utf8), to: "\(folder)/out/run.json")
      let before = try snapshot("\(folder)/out")
      for options in [["--resume"], ["--resume", "--rotation", "180"], []] {
        let run = try imageEmbedder(arguments + options, folder: folder)
        run.expectStop(naming: ["'out/run.json'"] + (record.contains("version") ? ["3", "2"] : []))
      }
      #expect(try snapshot("\(folder)/out") == before)
    }
  }

  @Test("stays, and is named, where it lies among our parts")
  func otherNames() throws {
    try OutputFolderTests.withPictures(2) { folder in
      let arguments = ["embed", "in", "--output", "out"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      let foreign = [
        "IMG_1234.JPG", "before_2026.npy", "copy_of_img_emb_99.npy", "img_emb_0_copy.npy",
        "img_emb_7.npy",
      ]
      for name in foreign { try write(Array(name.utf8), to: "\(folder)/out/img_emb/\(name)") }
      let run = try imageEmbedder(arguments + ["--resume"], folder: folder)
      #expect(run.ending == .exit(status: 0))
      for name in foreign {
        #expect(run.standardError.contains("'img_emb/\(name)'"))
        #expect(try text(of: "\(folder)/out/img_emb/\(name)") == name)
      }
    }
  }

  @Test("is refused where it has the name of a part that was never announced")
  func nameOfPart() throws {
    try OutputFolderTests.withPictures(2) { folder in
      let arguments = ["embed", "in", "--output", "out"] + Self.model
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      try write([1], to: "\(folder)/out/img_emb/img_emb_000001.npy")
      try imageEmbedder(arguments + ["--resume"], folder: folder)
        .expectStop(naming: ["'out/img_emb/img_emb_000001.npy'"])
      #expect(try contents(of: "\(folder)/out/img_emb/img_emb_000001.npy") == [1])
    }
  }

  // MARK: Files

  @Test(
    "is never replaced by a file of vectors",
    arguments: ["v.jsonl", "v.csv", "v.npy", "v.npy.rows.jsonl", "v.head1.npy", "v.npy.run.json"])
  func foreignFile(name: String) throws {
    try OutputFolderTests.withPictures(1) { folder in
      try write(Array("somebody's text".utf8), to: "\(folder)/\(name)")
      let output = name.hasPrefix("v.npy") || name.hasSuffix(".npy") ? "v.npy" : name
      let run = try imageEmbedder(
        ["embed", "in", "--output", output, "--model", Fixtures.model("heads_abc")], folder: folder)
      run.expectStop(naming: ["'\(name)'"])
      #expect(try names(in: folder) == ["in", name])
      #expect(try text(of: "\(folder)/\(name)") == "somebody's text")
    }
  }

  @Test(
    "has a name whose ending is no format, which is wrong usage",
    arguments: [
      "v.parquet", "v.npz", "v.tsv", "v.jsonl.gz", "v.txt", "v.json", "in/picture 0.png",
    ])
  func unknownEnding(output: String) throws {
    try OutputFolderTests.withPictures(3) { folder in
      let before = try snapshot(folder)
      let run = try imageEmbedder(
        ["embed", "in", "--output", output] + Self.model, folder: folder)
      run.expectWrongUsage(naming: ["'\(output)'", ".jsonl, .csv, .npy"])
      #expect(try snapshot(folder) == before)
    }
  }

  @Test(
    "may be a folder by a name with a number behind the last dot", arguments: ["emb_v1.5", ".emb"])
  func folderWithDot(name: String) throws {
    try OutputFolderTests.withPictures(2) { folder in
      try imageEmbedder(["embed", "in", "--output", name] + Self.model, folder: folder)
        .expectSuccess()
      try OutputFolderTests.expect("\(folder)/\(name)", holds: 2)
    }
  }

  @Test("is no folder by the name of a file", arguments: ["--resume", "--shard=1/2"])
  func folderOptions(option: String) throws {
    try OutputFolderTests.withPictures(2) { folder in
      let run = try imageEmbedder(
        ["embed", "in", "--output", "v.jsonl", option] + Self.model, folder: folder)
      run.expectWrongUsage(naming: ["'v.jsonl'", "folder"])
      #expect(try names(in: folder) == ["in"])
    }
  }

  @Test("is not made through a link that leads nowhere")
  func danglingLink() throws {
    try OutputFolderTests.withPictures(1) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/v.jsonl", withDestinationPath: "gone.jsonl")
      try imageEmbedder(["embed", "in", "--output", "v.jsonl"] + Self.model, folder: folder)
        .expectStop(naming: ["'v.jsonl'", "link"])
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/v.jsonl")
          == "gone.jsonl")
    }
  }

  @Test("may have a name that is no text: files, folders and models")
  func namesOfBytes() throws {
    try OutputFolderTests.withPictures(1) { folder in
      let run = try CommandLineRunner.shell(
        #"""
        n=$(printf '\351'); mkdir "d$n"; cp "$1" "m$n.tflite"
        "$PROGRAM" embed in --output "c$n.jsonl" --model "m$n.tflite" &&
        "$PROGRAM" embed in --output "d$n" --model "m$n.tflite" &&
        test -s "c$n.jsonl" -a -s "d$n/run.json" -a -s "d$n/img_emb/img_emb_000000.npy" && ls | wc -l
        """#, [Fixtures.model("identity_uint8_8x6")], folder: folder)
      run.expectSuccess()
      // The two outputs, the record beside the file, the model, the pictures.
      #expect(run.outputLines.last?.trimmingCharacters(in: .whitespaces) == "5")
    }
  }
}
