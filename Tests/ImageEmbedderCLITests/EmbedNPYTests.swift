import EmbedderTestSupport
import Foundation
import Testing

@Suite("embed as NPY", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct EmbedNPYTests {
  /// A line of the file that says which row is which image.
  struct RowName: Decodable, Hashable {
    let row: Int
    let path: String
  }

  static func rowNames(_ path: String) throws -> [RowName] {
    try decodeJSON(text(of: path).split(separator: "\n").map(String.init))
  }

  @Test(
    "writes the vectors that JSON has, row by row",
    arguments: [[], ["--l2-normalize"], ["--quantize"], ["--l2-normalize", "--quantize"]])
  func vectors(options: [String]) throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(4, in: folder)
      let arguments =
        ["embed", "--model", Fixtures.model("identity_float_8x6")] + options + pictures
      let run = try imageEmbedder(arguments + ["--output", "\(folder)/v.npy"])
      run.expectSuccess()
      #expect(run.standardOutput == [])
      let array = try NPYFile(contentsOf: "\(folder)/v.npy")
      #expect(array.descr == (options.contains("--quantize") ? "|i1" : "<f4"))
      #expect(array.shape == [4, 144])
      let expected = try imageEmbedder(arguments).json(JSONRow.self)
      for (index, row) in expected.enumerated() {
        #expect(difference(array.row(index), row.components) == nil)
      }
      let names = pictures.enumerated().map { RowName(row: $0, path: $1) }
      #expect(try Self.rowNames("\(folder)/v.npy.rows.jsonl") == names)
    }
  }

  @Test("writes rows only of images that were embedded")
  func failures() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(2, in: folder)
      let run = try imageEmbedder(
        "embed", "missing.png", pictures[0], "also missing.png", pictures[1], "--output", "v.npy",
        "--model", Fixtures.model("identity_uint8_8x6"), folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(run.standardOutput == [])
      #expect(run.errorLines.count == 3)
      let array = try NPYFile(contentsOf: "\(folder)/v.npy")
      #expect(array.shape == [2, 144])
      #expect(array.row(1) == Pictures.small(seed: 2).bytes.map(Float.init))
      #expect(
        try Self.rowNames("\(folder)/v.npy.rows.jsonl") == [
          RowName(row: 0, path: pictures[0]), RowName(row: 1, path: pictures[1]),
        ])
    }
  }

  @Test("writes an array of no rows where nothing could be embedded")
  func noRows() throws {
    try withTemporaryFolder { folder in
      let run = try imageEmbedder(
        "embed", "missing.png", "--output", "v.npy", "--model", Fixtures.model("constant_3_4"),
        folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(try NPYFile(contentsOf: "\(folder)/v.npy").shape == [0, 2])
      #expect(try contents(of: "\(folder)/v.npy.rows.jsonl") == [])
    }
  }

  @Test("writes a file for each head")
  func heads() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(3, in: folder)
      let arguments = ["embed", "--model", Fixtures.model("heads_abc")] + pictures
      try imageEmbedder(arguments + ["--output", "\(folder)/v.npy"]).expectSuccess()
      let expected = try imageEmbedder(arguments).json(JSONRow.self)
      for (head, file) in ["v.npy", "v.head1.npy", "v.head2.npy"].enumerated() {
        let array = try NPYFile(contentsOf: "\(folder)/\(file)")
        #expect(array.shape == [3, [144, 24, 12][head]])
        for (index, row) in expected.enumerated() {
          let components = try #require(row.embeddings)[head].components
          #expect(difference(array.row(index), components) == nil)
        }
      }
      #expect(
        try names(in: folder).filter { !$0.hasSuffix(".png") } == [
          "v.head1.npy", "v.head2.npy", "v.npy", "v.npy.rows.jsonl", "v.npy.run.json",
        ])
    }
  }

  @Test("is left as it was, with its own names, where it cannot be replaced")
  func staleAside() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(2, in: folder)
      let arguments = [
        "embed", "--output", "\(folder)/v.npy", "--model", Fixtures.model("identity_uint8_8x6"),
      ]
      try imageEmbedder(arguments + pictures).expectSuccess()
      let files = ["v.npy", "v.npy.rows.jsonl", "v.npy.run.json"].map { "\(folder)/\($0)" }
      let former = try files.map { try contents(of: $0) }
      // What a run left that was cut short, and what keeps the first file from being put aside.
      try write(Array("of another run".utf8), to: "\(folder)/v.npy.run.json.former")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/v.npy.rows.jsonl.former/in", withIntermediateDirectories: true)
      let run = try imageEmbedder(arguments + [pictures[1]])
      #expect(run.ending == .exit(status: 1))
      #expect(run.standardError.contains("cannot rename '\(folder)/v.npy.rows.jsonl'"))
      #expect(try files.map { try contents(of: $0) } == former)
    }
  }

  @Test("keeps NaN and infinities", arguments: ["constant_nan", "constant_infinite"])
  func notFinite(model: String) throws {
    try Pictures.withPicture { folder, picture in
      try imageEmbedder(
        "embed", picture, "--output", "\(folder)/v.npy", "--model", Fixtures.model(model)
      ).expectSuccess()
      let values = try NPYFile(contentsOf: "\(folder)/v.npy").values
      #expect(values.contains { !$0.isFinite })
      #expect(values.contains { $0.isFinite })
    }
  }

  @Test("needs a file", arguments: [[], ["--output", "/dev/null"], ["--output", "/dev/full"]])
  func needsFile(output: [String]) throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder(
        ["embed", picture, "--format", "npy", "--model", Fixtures.model("constant_3_4")] + output)
      if output.isEmpty {
        run.expectWrongUsage(naming: ["npy", "--output"])
      } else {
        run.expectStop(naming: [output[1], "regular file"])
      }
    }
  }
}
