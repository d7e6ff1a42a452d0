import EmbedderTestSupport
import Foundation
import Testing

@Suite("search in trouble", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct SearchTroubleTests {
  @Test("names a stored picture whose vector has no direction, and never answers with it")
  func withoutDirection() throws {
    try OutputFolderTests.withPictures(3) { folder in
      let black = PixelImage(
        width: 8, height: 6, channels: 3, bytes: Array(repeating: 0, count: 144))
      try write(PNGWriter(black).file, to: "\(folder)/in/black.png")
      try imageEmbedder(
        ["embed", "in", "--output", "out"] + OutputFolderTests.model, folder: folder
      ).expectSuccess()
      try imageEmbedder("search", "out", "in/black.png", folder: folder)
        .expectStop(naming: ["'in/black.png'", "all zeros", "another one is needed"])
      let run = try imageEmbedder("search", "out", SearchTests.name(1), "--k", "9", folder: folder)
      #expect(try run.json(SearchLine.self).count == 3)
      let many = try CommandLineRunner.run(
        ["search", "out", "-", "--k", "1", "--json"], folder: folder,
        input: Array("in/black.png\nin/picture 1.png\n".utf8))
      #expect(many.ending == .exit(status: 2))
      let lines = try many.json(SearchLine.self)
      #expect(lines.map(\.status) == ["failed", nil])
      #expect(lines.map(\.path) == [nil, SearchTests.name(1)])
    }
  }

  @Test("says what is wrong with a folder that is not there, and with an output that is not")
  func wrongFolder() throws {
    try SearchTests.withStore(2) { folder in
      try imageEmbedder("search", "nowhere", SearchTests.name(1), folder: folder)
        .expectStop(naming: ["'nowhere'", "there is no such folder", "embed --output"])
      try imageEmbedder("search", "out", SearchTests.name(1), "--head", "1", folder: folder)
        .expectStop(naming: ["there is no head 1", "the store has 1 head,"])
    }
  }

  @Test(
    "goes on without its file where that cannot be written, and says so",
    .enabled(if: SmallDisk.isPossible, SmallDisk.absence))
  func fullDisk() throws {
    try SearchTests.withStore(4) { folder in
      try SmallDisk.with { disk in
        let run = try CommandLineRunner.shell(
          """
          cp -r out "$1/out"; cat /dev/zero >"$1/filler" 2>filled
          "$PROGRAM" search "$1/out" 'in/picture 1.png' --paths-only
          """, [disk], folder: folder)
        #expect(run.ending == .exit(status: 0))
        let expected = SearchTests.ranking(of: 1, among: 4).map(SearchTests.name)
        #expect(run.outputLines == expected)
        #expect(run.errorLines.count == 1)
        #expect(run.standardError.contains("No space left on device; as long as that is so"))
        let derived = (try? names(in: "\(disk)/out/derived")) ?? []
        #expect(derived == [], "nothing is left of the attempt")
      }
    }
  }

  @Test(
    "goes on without a file that another's file or folder stands in the place of",
    arguments: ["derived", "derived/search.int8"])
  func foreign(name: String) throws {
    try SearchTests.withStore(4) { folder in
      if name == "derived" {
        try write(Array("mine".utf8), to: "\(folder)/out/derived")
      } else {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/out/\(name)", withIntermediateDirectories: true)
      }
      let run = try imageEmbedder(
        "search", "out", SearchTests.name(1), "--paths-only", folder: folder)
      #expect(run.ending == .exit(status: 0))
      #expect(run.outputLines == SearchTests.ranking(of: 1, among: 4).map(SearchTests.name))
      #expect(run.errorLines.count == 1)
      #expect(run.standardError.contains("'out/derived/search.int8'"))
      #expect(run.standardError.contains("each search reads all vectors"))
    }
  }
}
