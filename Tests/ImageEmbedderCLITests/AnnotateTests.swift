import EmbedderTestSupport
import Foundation
import Testing

@Suite("annotate", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct AnnotateTests {
  private static let model = Fixtures.model("identity_float_8x6_no_metadata")
  private static let numbers = ["--mean", "127.5", "--std", "127.5"]

  private func annotate(
    _ model: String, _ output: String, _ options: [String] = numbers, folder: String? = nil
  ) throws -> CommandLineRun {
    try imageEmbedder(["annotate", model, output] + options, folder: folder)
  }

  // MARK: What it writes

  @Test("writes a model that says what was given, and that embeds without options")
  func everything() throws {
    try Pictures.withPicture { folder, picture in
      let copy = "\(folder)/copy.tflite"
      let run = try annotate(
        Self.model, copy,
        [
          "--mean=-1,2,3", "--std", "4,5,6", "--name", "My model", "--author", "Mé",
          "--license", "MIT", "--description", "-", "--model-version", "7", "--head-name", "pixels",
        ])
      run.expectSuccess()
      #expect(run.standardOutput == [])
      let report = try InfoTests.report(copy)
      #expect(report.usable)
      #expect(report.name == "My model" && report.author == "Mé" && report.license == "MIT")
      #expect(report.description == "-" && report.version == "7")
      #expect(report.outputs.map(\.name) == ["pixels"])
      #expect(report.missingMetadata == [] && report.annotateCommand == nil)
      let given = try imageEmbedder(
        "embed", picture, "--model", Self.model, "--mean=-1,2,3", "--std", "4,5,6", "--format",
        "csv")
      let annotated = try imageEmbedder("embed", picture, "--model", copy, "--format", "csv")
      given.expectSuccess()
      annotated.expectSuccess()
      // What comes before is the head's name.
      func vector(_ run: CommandLineRun) -> [Substring] {
        run.outputLines.last?.split(separator: ",").suffix(6 * 8 * 3) ?? []
      }
      #expect(vector(given) == vector(annotated) && vector(given).count == 144)
    }
  }

  @Test("takes a name for each output")
  func heads() throws {
    try withTemporaryFolder { folder in
      let copy = "\(folder)/copy.tflite"
      try annotate(
        Fixtures.model("heads_no_metadata"), copy, ["--head-name", "a", "--head-name", "b"]
      ).expectSuccess()
      #expect(try InfoTests.report(copy).outputs.map(\.name) == ["a", "b"])
    }
  }

  @Test("is what info proposes where a normalization is missing")
  func proposed() throws {
    try withTemporaryFolder { folder in
      let name = "it's a model.tflite"
      try FileManager.default.copyItem(atPath: Self.model, toPath: "\(folder)/\(name)")
      let info = try imageEmbedder(["info", name], folder: folder)
      let line = try #require(info.outputLines.first { $0.contains("image-embedder annotate ") })
      let command = line.trimmingCharacters(in: .whitespaces).dropFirst("image-embedder".count)
      let run = try CommandLineRunner.shell("\"$PROGRAM\"\(command)", folder: folder)
      run.expectSuccess()
      let report = try InfoTests.report("\(folder)/it's a model-annotated.tflite")
      #expect(report.usable && report.normalization?.mean == [127.5, 127.5, 127.5])
      #expect(
        report.missingMetadata
          == ["name", "description", "version", "author", "license", "head names"])
      let given = try InfoTests.report(Self.model, "--mean", "1,2,3", "--std", "4.5,5,6")
      #expect(given.annotateCommand?.hasSuffix(" --mean 1,2,3 --std 4.5,5,6") == true)
      let other = try InfoTests.report(Fixtures.model("identity_uint8_8x6"))
      #expect(other.annotateCommand == nil && !other.missingMetadata.contains("normalization"))
    }
  }

  @Test("is proposed with names that no option is read from")
  func proposedForDash() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(atPath: Self.model, toPath: "\(folder)/-m.tflite")
      let info = try imageEmbedder(["info", "--", "-m.tflite"], folder: folder)
      let line = try #require(info.outputLines.first { $0.contains("image-embedder annotate ") })
      let command = line.trimmingCharacters(in: .whitespaces).dropFirst("image-embedder".count)
      try CommandLineRunner.shell("\"$PROGRAM\"\(command)", folder: folder).expectSuccess()
      #expect(try InfoTests.report("\(folder)/-m-annotated.tflite").usable)
    }
  }

  @Test("is not proposed for a graph that it does not describe")
  func otherGraph() throws {
    let path = Fixtures.form("signatures_of_two_graphs")
    let options = ["info", path, "--signature", "second"]
    let run = try imageEmbedder(options)
    #expect(!run.output.contains("image-embedder annotate \(path)"))
    #expect(run.output.contains("the first signature only: this one needs --mean and --std"))
    let json = try imageEmbedder(options + ["--json"])
    let other = try #require(try json.json(InfoTests.Report.self).first)
    #expect(other.annotateCommand == nil && other.missingMetadata.contains("normalization"))
  }

  // MARK: What it refuses

  @Test("refuses a file that is no model, or a damaged one, and writes nothing")
  func badModels() throws {
    try Pictures.withPicture { folder, picture in
      for (model, part) in [
        (picture, "a PNG image"), ("/missing.tflite", "No such file"), (folder, "a folder"),
        (Fixtures.model("metadata_truncated"), "damaged"),
        (Fixtures.model("metadata_wrong_identifier"), "Invalid metadata schema version"),
        (Fixtures.annotating("signed_by_metadata"), "signed"),
        (Fixtures.model("metadata_grayscale"), "holds a grayscale image; an RGB image is needed"),
        (Fixtures.model("metadata_unknown_content"), "holds content of the kind 77; an RGB image"),
        (Fixtures.model("identity_uint8_8x6"), "takes pixels as they are"),
      ] {
        try annotate(model, "\(folder)/out.tflite").expectStop(naming: [part])
      }
      #expect(try names(in: folder) == ["picture 0.png"])
    }
  }

  @Test("refuses the model itself as output, however it is named")
  func itself() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/model.tflite"
      try FileManager.default.copyItem(atPath: Self.model, toPath: path)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link.tflite", withDestinationPath: "model.tflite")
      try FileManager.default.linkItem(atPath: path, toPath: "\(folder)/hard.tflite")
      for output in [path, "\(folder)/link.tflite", "\(folder)/hard.tflite", "./model.tflite"] {
        let run = try annotate(path, output, folder: folder)
        run.expectStop(naming: ["'\(output)'", "the model itself"])
      }
      #expect(try contents(of: path) == contents(of: Self.model))
    }
  }

  @Test("refuses to replace what is no model")
  func foreignOutputs() throws {
    try Pictures.withPicture { folder, picture in
      let content = try contents(of: picture)
      try write(content, to: "\(folder)/picture.tflite")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/nowhere.tflite", withDestinationPath: "missing")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/full.tflite", withDestinationPath: "/dev/full")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/folder.tflite", withIntermediateDirectories: false)
      for (output, part) in [
        (picture, "without the ending .tflite"), ("\(folder)/picture.tflite", "no TFLite model"),
        ("\(folder)/nowhere.tflite", "leads nowhere"), ("\(folder)/full.tflite", "no regular file"),
        ("\(folder)/folder.tflite", "no regular file"), ("\(folder)/.tflite", "ending .tflite"),
        ("\(folder)/missing/out.tflite", "No such file"),
      ] {
        try annotate(Self.model, output).expectStop(naming: ["'\(output)'", part])
      }
      #expect(try contents(of: picture) == content)
      #expect(try contents(of: "\(folder)/picture.tflite") == content)
    }
  }

  @Test(
    "leaves nothing on a full disk, and what was there",
    .enabled(if: SmallDisk.isPossible, SmallDisk.absence))
  func fullDisk() throws {
    try SmallDisk.with { disk in
      let output = "\(disk)/copy.tflite"
      try annotate(Self.model, output).expectSuccess()
      let former = try contents(of: output)
      // More than there is place for.
      let run = try annotate("efficientnet-lite0", output, ["--name", "x"])
      run.expectStop(naming: ["'\(output)'", "No space left on device"])
      #expect(try contents(of: output) == former)
      #expect(try names(in: disk) == ["copy.tflite"])
    }
  }

  @Test(
    "tells of wrong usage by the option at fault",
    arguments: [
      ([], "nothing to write"), (["--mean", "1"], "--std"),
      (["--mean", "1,2", "--std", "1,2"], "2"),
      (["--mean", "1", "--std", "0"], "0"), (["--mean", "nan", "--std", "1"], "finite"),
      (["--mean", "x", "--std", "1"], "--mean"), (["--name"], "--name"),
    ])
  func wrongUsage(options: [String], part: String) throws {
    try imageEmbedder(["annotate", "a.tflite", "b.tflite"] + options)
      .expectWrongUsage(naming: [part])
  }

  @Test("refuses a head name that is no text")
  func notText() throws {
    try withTemporaryFolder { folder in
      let run = try CommandLineRunner.shell(
        #""$PROGRAM" annotate "$1" out.tflite --head-name "$(printf 'a\377')""#, [Self.model],
        folder: folder)
      run.expectWrongUsage(naming: ["--head-name", #"a\xff"#, "UTF-8"])
      #expect(try names(in: folder) == [])
    }
  }

  @Test("refuses another number of head names than there are outputs")
  func headCount() throws {
    try withTemporaryFolder { folder in
      let run = try annotate(
        Fixtures.model("heads_no_metadata"), "\(folder)/o.tflite", ["--head-name", "a"])
      run.expectStop(naming: ["1 head names", "2 outputs"])
      #expect(try names(in: folder) == [])
    }
  }
}
