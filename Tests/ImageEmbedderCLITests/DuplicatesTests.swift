import EmbedderTestSupport
import Foundation
import Testing

@Suite("duplicates")
struct DuplicatesTests {
  @Test("writes pairs and groups of files as JSON Lines")
  func files() throws {
    try withTemporaryFolder { folder in
      let picture = PNGWriter(Pictures.small()).file
      for name in ["a.png", "b.png"] { try write(picture, to: "\(folder)/\(name)") }
      let run = try imageEmbedder("duplicates", folder, "--tiers", "bytes,pixels", "--json")
      #expect(run.ending == .exit(status: 0))
      #expect(
        run.outputLines == [
          "{\"a\":\"\(folder)/a.png\",\"b\":\"\(folder)/b.png\",\"tier\":\"bytes\",\"cosine\":null,"
            + "\"correlation\":1.0,\"transform\":\"none\",\"reason\":\"the files hold the same bytes\"}",
          "{\"group\":1,\"tier\":\"bytes\",\"members\":[\"\(folder)/a.png\",\"\(folder)/b.png\"],"
            + "\"keep\":\"\(folder)/a.png\",\"reason\":\"\(Self.reason(run))\"}",
        ])
      #expect(["it is older", "its path comes first"].contains(Self.reason(run)))
    }
  }

  /// Which of two equal files is older is the file system's business.
  private static func reason(_ run: CommandLineRun) -> String {
    run.output.contains("\"it is older\"") ? "it is older" : "its path comes first"
  }

  @Test(
    "reads no picture that embed --thumbnails has seen",
    .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
  func thumbnails() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(3, in: folder)
      let store = "\(folder)/store"
      let embedding = ["--output", store, "--model", Fixtures.model("identity_uint8_8x6")]
      let first = try imageEmbedder(["embed", pictures[0], "--thumbnails"] + embedding)
      #expect(first.ending == .exit(status: 0))
      let second = try imageEmbedder(
        ["embed"] + pictures + ["--thumbnails", "--resume"] + embedding)
      #expect(second.ending == .exit(status: 0))
      let file = try contents(of: "\(store)/derived/thumbnails.luma")
      #expect(file.count == 64 + 3 * (4096 + 128))
      let run = try imageEmbedder("duplicates", store, "--verbose", "--json")
      #expect(run.ending == .exit(status: 0))
      #expect(!run.standardError.contains("reading pictures"))
      #expect(run.standardError.contains("comparing pictures"))
      // What the first run has proven, the second one need not, and prints the same.
      let proofs = try contents(of: "\(store)/derived/duplicates.proofs")
      #expect(proofs.starts(with: "IEPROOF\n".utf8))
      let again = try imageEmbedder("duplicates", store, "--json")
      #expect(again.ending == .exit(status: 0))
      #expect(again.output == run.output)
      #expect(try contents(of: "\(store)/derived/duplicates.proofs") == proofs)
    }
  }

  @Test("says which pictures it could not compare, and ends with 2")
  func failures() throws {
    try withTemporaryFolder { folder in
      try write(Array("no picture".utf8), to: "\(folder)/a.png")
      let run = try imageEmbedder("duplicates", folder, "--tiers", "pixels", "--json")
      #expect(run.ending == .exit(status: 2))
      #expect(run.outputLines.count == 1)
      #expect(run.output.hasPrefix("{\"path\":\"\(folder)/a.png\",\"status\":\"failed\""))
      #expect(run.errorLines.last?.hasSuffix("1 of 1 pictures were not compared") == true)
    }
  }

  @Test("replaces a move script, and no other file")
  func moveScript() throws {
    try withTemporaryFolder { folder in
      let picture = PNGWriter(Pictures.small()).file
      for name in ["a.png", "b.png"] { try write(picture, to: "\(folder)/\(name)") }
      let search = ["duplicates", folder, "--tiers", "bytes", "--move-script"]
      for _ in 0..<2 {
        let run = try imageEmbedder(search + ["\(folder)/move.sh"])
        #expect(run.ending == .exit(status: 0))
      }
      let script = try contents(of: "\(folder)/move.sh")
      #expect(script.starts(with: "#!/bin/sh\n# Moves 1 ".utf8))
      let run = try imageEmbedder(search + ["\(folder)/b.png"])
      #expect(run.ending == .exit(status: 1))
      #expect(run.output.isEmpty)
      #expect(run.standardError.contains("was not written by image-embedder"))
      #expect(try contents(of: "\(folder)/b.png") == picture)
      // What is no file is written in place.
      let shown = try imageEmbedder(search + ["/dev/stderr"])
      #expect(shown.standardError.contains("# Moves 1 "))
    }
  }

  @Test("replaces its own lists, and no other file", arguments: [[], ["--json"]])
  func outputs(format: [String]) throws {
    try withTemporaryFolder { folder in
      let picture = PNGWriter(Pictures.small()).file
      for name in ["a.png", "b.png"] { try write(picture, to: "\(folder)/\(name)") }
      let command = ["duplicates", folder, "--tiers", "bytes"] + format + ["--output"]
      for _ in 1...2 {
        let run = try imageEmbedder(command + ["\(folder)/list.jsonl"])
        #expect(run.ending == .exit(status: 0))
      }
      try write(Array("1. milk\n".utf8), to: "\(folder)/notes.txt")
      for (name, bytes) in [("a.png", picture), ("notes.txt", Array("1. milk\n".utf8))] {
        let run = try imageEmbedder(command + ["\(folder)/\(name)"])
        #expect(run.ending == .exit(status: 1))
        #expect(run.standardError.contains("it is not replaced"))
        #expect(try contents(of: "\(folder)/\(name)") == bytes)
      }
    }
  }

  @Test("writes each output to a file of its own")
  func sameOutput() throws {
    try withTemporaryFolder { folder in
      try write(PNGWriter(Pictures.small()).file, to: "\(folder)/a.png")
      let run = try imageEmbedder(
        "duplicates", folder, "--tiers", "bytes", "--html", "\(folder)/page", "--move-script",
        "\(folder)/./page")
      #expect(run.ending == .exit(status: 1))
      #expect(run.standardError.contains("name one file"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/page"))
    }
  }

  @Test("says that no picture lies in a preferred folder")
  func preference() throws {
    try withTemporaryFolder { folder in
      try write(PNGWriter(Pictures.small()).file, to: "\(folder)/a.png")
      let run = try imageEmbedder(
        "duplicates", folder, "--tiers", "bytes", "--prefer", "\(folder)/other", "--prefer", folder)
      #expect(run.ending == .exit(status: 0))
      #expect(
        run.errorLines.filter { $0.contains("--prefer") } == [
          "image-embedder: --prefer '\(folder)/other': none of the pictures lies in it"
        ])
    }
  }

  @Test(
    "has the same small pictures of JPEG files whoever made them",
    .enabled(if: Fixtures.hasLiteRt && Fixtures.hasPhotographs, Absence.runtime))
  func sameThumbnails() throws {
    try withTemporaryFolder { folder in
      let stores = ["\(folder)/embedded", "\(folder)/searched"]
      let pictures = ["rocket.jpg", "retina.jpg"].map { Fixtures.photograph($0) }
      for (store, options) in zip(stores, [["--thumbnails"], []]) {
        let run = try imageEmbedder(
          ["embed"] + pictures + [
            "--output", store, "--model", Fixtures.model("identity_uint8_8x6"),
          ]
            + options)
        #expect(run.ending == .exit(status: 0))
        #expect(try imageEmbedder("duplicates", store).ending == .exit(status: 0))
      }
      let files = try stores.map { try contents(of: "\($0)/derived/thumbnails.luma") }
      #expect(difference(files[0], files[1]) == nil)
    }
  }

  @Test("needs a store for more than bytes and pixels")
  func noStore() throws {
    try withTemporaryFolder { folder in
      let run = try imageEmbedder("duplicates", folder)
      #expect(run.ending == .exit(status: 1))
      #expect(run.standardError.contains("--tiers bytes,pixels"))
    }
  }

  @Test(
    "refuses options that mean nothing",
    arguments: [["--tiers", "all"], ["--similar-cosine", "2"], ["--head", "-1"]])
  func wrongUsage(options: [String]) throws {
    let run = try imageEmbedder(["duplicates", "folder"] + options)
    #expect(run.ending == .exit(status: 64))
  }
}
