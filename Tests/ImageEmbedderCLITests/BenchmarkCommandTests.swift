import EmbedderTestSupport
import Foundation
import Testing

@Suite("The benchmark command", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct BenchmarkCommandTests {
  struct Report: Decodable {
    let images: Int
    let pixels: Int
    let workers: Int
    let rounds: Int
    let secondsPerImage: [String: Double]
  }

  static let model = ["--model", Fixtures.model("identity_uint8_8x6")]

  @Test("measures every stage of the images that can be embedded")
  func stages() throws {
    try withTemporaryFolder { folder in
      _ = try Pictures.writeFiles(3, in: folder)
      try write([1, 2, 3], to: "\(folder)/broken.png")
      let arguments = ["benchmark", folder, "--rounds", "2", "--threads", "1"] + Self.model
      let run = try imageEmbedder(arguments + ["--json"])
      run.expectSuccess()
      let report = try run.json(Report.self)[0]
      #expect(report.images == 3 && report.pixels == 3 * 48)
      #expect(report.workers == 1 && report.rounds == 2)
      #expect(
        Set(report.secondsPerImage.keys) == [
          "decode", "preprocess", "inference", "end_to_end_1", "end_to_end",
        ])
      #expect(report.secondsPerImage.values.allSatisfy { $0 > 0 })
      let text = try imageEmbedder(arguments)
      text.expectSuccess()
      #expect(text.outputLines.count == 7)
      #expect(text.output.contains("whole files, 1 worker"))
    }
  }

  @Test("takes no more images than it is told")
  func limit() throws {
    try withTemporaryFolder { folder in
      _ = try Pictures.writeFiles(5, in: folder)
      let run = try imageEmbedder(
        ["benchmark", folder, "--images", "2", "--rounds", "1", "--json"] + Self.model)
      #expect(try run.json(Report.self).map(\.images) == [2])
    }
  }

  @Test("has one clear error where there is nothing to measure with")
  func nothing() throws {
    try withTemporaryFolder { folder in
      try imageEmbedder(["benchmark", folder] + Self.model).expectStop(naming: [
        "none of the inputs"
      ])
      try imageEmbedder(["benchmark", "\(folder)/nope.png"] + Self.model).expectStop(naming: [
        "none of the inputs", "the first: cannot open", "nope.png",
      ])
    }
  }
}
