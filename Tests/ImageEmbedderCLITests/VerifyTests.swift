import EmbedderTestSupport
import Foundation
import Testing

@Suite("verify", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct VerifyTests {
  @Test("says what is odd about the file that search made, and that the vectors are well")
  func searchFile() throws {
    try SearchTests.withStore(6) { folder in
      let path = "\(folder)/out/derived/search.int8"
      // Without the file nothing is odd.
      try imageEmbedder("verify", "out", folder: folder).expectVerified()
      try imageEmbedder("search", "out", SearchTests.name(1), folder: folder).expectSuccess()
      try imageEmbedder("verify", "out", folder: folder).expectVerified()

      let whole = try contents(of: path)
      var damaged = whole
      damaged[damaged.count - 100] ^= 1
      for (bytes, words) in [
        (damaged, ["is damaged", "6 of its rows", "remove it"]),
        (Array(whole.dropLast()), ["is damaged or of other vectors", "makes it anew"]),
        (Array(whole.prefix(60)), ["is damaged or of other vectors"]),
        (Array("notes".utf8), ["was not made by a search", "move it away"]),
        ([], ["was not made by a search"]),
      ] {
        try write(bytes, to: path)
        let run = try imageEmbedder("verify", "out", folder: folder)
        #expect(run.ending == .exit(status: 0))
        #expect(run.output == "6 rows in 1 parts are as they were written\n")
        #expect(run.errorLines.count == 1)
        for word in words + ["'out/derived/search.int8'"] {
          #expect(run.standardError.contains(word), "\(run.standardError)")
        }
        #expect(try contents(of: path) == bytes, "nothing is changed")
      }
    }
  }

  @Test("says how many rows of the store the file that search made lacks")
  func staleSearchFile() throws {
    try SearchTests.withStore(6) { folder in
      try imageEmbedder("search", "out", SearchTests.name(1), folder: folder).expectSuccess()
      for number in 6..<9 {
        try write(
          PNGWriter(Pictures.small(seed: UInt64(number))).file,
          to: "\(folder)/\(SearchTests.name(number))")
      }
      try imageEmbedder(
        ["embed", "in", "--output", "out", "--resume"] + OutputFolderTests.model, folder: folder
      ).expectSuccess()
      let run = try imageEmbedder("verify", "out", folder: folder)
      #expect(run.ending == .exit(status: 0))
      #expect(run.errorLines.count == 1)
      #expect(run.standardError.contains("lacks 3 rows of the store; the next search adds them"))
      try imageEmbedder("search", "out", SearchTests.name(1), folder: folder).expectSuccess()
      try imageEmbedder("verify", "out", folder: folder).expectVerified()
    }
  }
}
