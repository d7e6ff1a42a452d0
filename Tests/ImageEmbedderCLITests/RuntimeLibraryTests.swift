import EmbedderTestSupport
import Foundation
import Testing

@Suite("The runtime library, from the command line")
struct RuntimeLibraryTests {
  static let commands = [
    ["similarity", "picture 0.png", "picture 0.png"], ["embed", "picture 0.png"],
  ]

  // MARK: Missing and wrong

  @Test(
    "is an error with the way out where it is missing", arguments: commands,
    ["/nope", "/nope/libLiteRt.so", "missing.so", "/"])
  func missing(arguments: [String], path: String) throws {
    try Pictures.withPicture { folder, _ in
      let parts = [path, "libLiteRt.so", "scripts/setup", "--litert", "IMAGE_EMBEDDER_LITERT"]
      try imageEmbedder(arguments + ["--litert", path], folder: folder).expectStop(naming: parts)
      try imageEmbedder(
        arguments, environment: ["IMAGE_EMBEDDER_LITERT": path], folder: folder
      ).expectStop(naming: parts)
    }
  }

  @Test("is an error that names all places where none is named", arguments: commands)
  func missingEverywhere(arguments: [String]) throws {
    try Pictures.withPicture { folder, _ in
      let run = try imageEmbedder(
        arguments,
        environment: [
          "IMAGE_EMBEDDER_LITERT": nil, "XDG_CACHE_HOME": "/nope", "LD_LIBRARY_PATH": nil,
        ], folder: folder)
      let programFolder = URL(filePath: CommandLineRunner.program).deletingLastPathComponent().path
      run.expectStop(naming: [
        "\(programFolder)/libLiteRt.so", "\(programFolder)/../lib/libLiteRt.so",
        "/nope/image-embedder/litert-2.3.0/libLiteRt.so", "; libLiteRt.so: ", "scripts/setup",
      ])
    }
  }

  @Test("is an error that names the file where it is another library")
  func wrongLibrary() throws {
    try Pictures.withPicture { folder, _ in
      for arguments in Self.commands {
        try imageEmbedder(arguments + ["--litert", "libm.so.6"], folder: folder)
          .expectStop(naming: ["'libm.so.6'", "LiteRtCreateEnvironment", "2.3.0"])
      }
    }
  }

  @Test("is an error where it is no library at all")
  func noLibrary() throws {
    try Pictures.withPicture { folder, picture in
      try imageEmbedder("embed", picture, "--litert", picture)
        .expectStop(naming: [picture])
    }
  }

  @Test("is that of the option where the environment names another")
  func optionWins() throws {
    try Pictures.withPicture { _, picture in
      try imageEmbedder(
        "embed", picture, "--litert", "libm.so.6", environment: ["IMAGE_EMBEDDER_LITERT": "/nope"]
      ).expectStop(naming: ["libm.so.6"])
    }
  }

  @Test("is not needed to say what a model is")
  func info() throws {
    let run = try imageEmbedder("info", "--litert", "/nope")
    #expect(run.ending == .exit(status: 1))
    #expect(run.output.contains("feature_vector"))
    #expect(run.output.contains("NOT MET"))
    #expect(run.output.contains("/nope"))
    #expect(run.standardError == "")
  }

  @Test(
    "is found where it is named", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
  func named() throws {
    try Pictures.withPicture { folder, picture in
      let nowhere: [String: String?] = ["XDG_CACHE_HOME": "/nope", "IMAGE_EMBEDDER_LITERT": nil]
      let arguments = ["embed", picture, "--model", Fixtures.model("constant_3_4")]
      try imageEmbedder(arguments + ["--litert", Fixtures.liteRtLibrary], environment: nowhere)
        .expectSuccess()
      try imageEmbedder(
        arguments,
        environment: nowhere.merging(["IMAGE_EMBEDDER_LITERT": Fixtures.liteRtLibrary]) { $1 }
      ).expectSuccess()
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/mine.so", withDestinationPath: Fixtures.liteRtLibrary)
      try imageEmbedder(arguments + ["--litert", "mine.so"], environment: nowhere, folder: folder)
        .expectSuccess()
      let cache = "\(folder)/image-embedder/litert-2.3.0"
      try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(cache)/libLiteRt.so", withDestinationPath: Fixtures.liteRtLibrary)
      try imageEmbedder(
        arguments, environment: ["XDG_CACHE_HOME": folder, "IMAGE_EMBEDDER_LITERT": nil]
      ).expectSuccess()
      try imageEmbedder(
        arguments,
        environment: [
          "XDG_CACHE_HOME": "/nope", "IMAGE_EMBEDDER_LITERT": nil,
          "LD_LIBRARY_PATH": URL(filePath: Fixtures.liteRtLibrary).deletingLastPathComponent().path,
        ]
      ).expectSuccess()
    }
  }

  @Test(
    "is found under a name that is not UTF-8", .enabled(if: Fixtures.hasLiteRt, Absence.runtime),
    arguments: [
      #""$PROGRAM" embed "$2" --model "$3" --litert "$name""#,
      #""$PROGRAM" embed "$2" --model "$3" --litert "$name" --isolate"#,
      #"IMAGE_EMBEDDER_LITERT=$name "$PROGRAM" embed "$2" --model "$3""#,
      #""$PROGRAM" info "$3" --litert "$name""#,
    ])
  func noText(command: String) throws {
    try Pictures.withPicture { folder, picture in
      let arguments = [Fixtures.liteRtLibrary, picture, Fixtures.model("constant_3_4")]
      let start = #"name=$(printf 'a\377.so') && "#
      let missing = try CommandLineRunner.shell(start + command, arguments, folder: folder)
      #expect(missing.ending == .exit(status: 1))
      #expect((missing.output + missing.standardError).contains(#"a\xff.so: "#))
      try CommandLineRunner.shell(
        start + #"ln -s "$1" "$name" && "# + command, arguments, folder: folder
      ).expectSuccess()
    }
  }

  // MARK: What it writes by itself

  static let models = [
    Fixtures.model("identity_uint8_8x6"), Fixtures.model("heads_abc"),
    Fixtures.model("constant_long"), "efficientnet-lite0", "efficientnet-lite0-int8",
  ]

  @Test(
    "shows its own log line only on request",
    .enabled(if: Fixtures.hasLiteRt, Absence.runtime), arguments: models)
  func logLine(model: String) throws {
    try Pictures.withPicture { _, picture in
      let quiet = try imageEmbedder("embed", picture, "--model", model)
      quiet.expectSuccess()
      for flag in ["--verbose", "-v"] {
        let verbose = try imageEmbedder("embed", picture, "--model", model, flag)
        #expect(verbose.ending == .exit(status: 0))
        #expect(verbose.standardOutput == quiet.standardOutput)
        #expect(verbose.standardError.contains("XNNPACK"))
      }
      let info = try imageEmbedder("info", model)
      info.expectSuccess()
      let verboseInfo = try imageEmbedder("info", model, "--verbose")
      #expect(verboseInfo.standardOutput == info.standardOutput)
      #expect(verboseInfo.standardError.contains("XNNPACK"))
    }
  }

  @Test(
    "hides its log line, not our errors",
    .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
  func errorsShow() throws {
    try Pictures.withPicture { _, picture in
      try imageEmbedder("embed", picture, "--model", Fixtures.model("operation_custom"))
        .expectStop(naming: ["ImageEmbedderTestOperation"])
    }
  }
}
