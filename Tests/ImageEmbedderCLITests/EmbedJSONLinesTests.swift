import EmbedderTestSupport
import Foundation
import Testing

@Suite("embed as JSON lines", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct EmbedJSONLinesTests {
  @Test("writes the members in their order, numbers as short as they can be")
  func exactText() throws {
    try Pictures.withPicture { folder, picture in
      let run = try imageEmbedder(
        "embed", "picture 0.png", "--model", Fixtures.model("constant_3_4"), folder: folder)
      run.expectSuccess()
      #expect(
        run.output
          == #"{"path":"picture 0.png","status":"ok","width":8,"height":6,"embeddings":[{"#
          + #""head_index":0,"head_name":"feature_vector","feature_vector":[3.0,4.0]}]}"# + "\n")
    }
  }

  @Test("writes signed integers where vectors are quantized")
  func quantized() throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder(
        "embed", picture, "--model", Fixtures.model("constant_3_4"), "--l2-normalize",
        "--quantize")
      run.expectSuccess()
      #expect(run.output.contains(#""feature_vector":[77,102]"#))
    }
  }

  @Test("writes one line an image, in the order of the inputs")
  func order() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(5, in: folder)
      let inputs = pictures.reversed() + [pictures[2]]
      let run = try imageEmbedder(
        ["embed", "--model", Fixtures.model("identity_uint8_8x6")] + inputs)
      run.expectSuccess()
      let rows = try run.json(JSONRow.self)
      #expect(rows.map(\.path) == inputs)
      #expect(rows.allSatisfy { $0.status == "ok" && $0.warnings == nil })
      for (row, seed) in zip(rows, [5, 4, 3, 2, 1, 3] as [UInt64]) {
        #expect(difference(row.components, Pictures.small(seed: seed).bytes.map(Float.init)) == nil)
      }
    }
  }

  @Test("writes failures between the results, and says so")
  func failures() throws {
    try withTemporaryFolder { folder in
      _ = try Pictures.writeFiles(2, in: folder)
      try write(Array("no picture".utf8), to: "\(folder)/text.jpg")
      let run = try imageEmbedder(
        "embed", "missing.png", "picture 0.png", "text.jpg", "picture 1.png", "--model",
        Fixtures.model("identity_uint8_8x6"), folder: folder)
      #expect(run.ending == .exit(status: 2))
      let rows = try run.json(JSONRow.self)
      #expect(rows.map(\.status) == ["failed", "ok", "failed", "ok"])
      #expect(rows.map(\.errorCode) == ["NOT_FOUND", nil, "INVALID_ARGUMENT", nil])
      try #require(rows.count == 4)
      #expect(rows[2].errorMessage?.contains("not an image but text") == true)
      let first = try #require(run.outputLines.first)
      #expect(
        first.hasPrefix(
          #"{"path":"missing.png","status":"failed","error_code":"NOT_FOUND","error_message":""#))
      // One line an input, and one that counts them.
      try #require(run.errorLines.count == 3)
      #expect(run.errorLines.allSatisfy { $0.hasPrefix("image-embedder: ") })
      #expect(run.errorLines[0].contains("'missing.png'"))
      #expect(run.errorLines[1].contains("'text.jpg'"))
      #expect(run.errorLines[2] == "image-embedder: 2 of 4 images could not be embedded")
    }
  }

  @Test("writes every head, with its name and number")
  func heads() throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder("embed", picture, "--model", Fixtures.model("heads_abc"))
      run.expectSuccess()
      let heads = try #require(try run.json(JSONRow.self).first?.embeddings)
      #expect(heads.map(\.headIndex) == [0, 1, 2])
      #expect(heads.map(\.headName) == ["head_a", "head_b", "head_c"])
      #expect(heads.map(\.components.count) == [144, 24, 12])

      let nameless = try imageEmbedder(
        "embed", picture, "--model", Fixtures.model("heads_no_metadata"))
      #expect(nameless.output.components(separatedBy: #""head_name":null"#).count == 3)
    }
  }

  @Test(
    "writes what is no number as null, with a warning",
    arguments: ["constant_nan", "constant_infinite"])
  func notFinite(model: String) throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder("embed", picture, "--model", Fixtures.model(model))
      run.expectSuccess()
      let row = try #require(try run.json(JSONRow.self).first)
      #expect(row.embeddings?.first?.featureVector.contains(nil) == true)
      #expect(row.warnings?.count == 1)
      #expect(row.warnings?.first?.contains("null") == true)
    }
  }

  @Test(
    "writes any path so that it is read back",
    arguments: [
      "quo\"te.png", "back\\slash.png", "new\nline.png", "tab\t.png", "bell\u{7}.png",
      "ünïcödé 写真 🐈.png", "cr\r\n.png", "delete\u{7f}.png", "separator\u{2028}.png",
    ])
  func paths(name: String) throws {
    try withTemporaryFolder { folder in
      try write(PNGWriter(Pictures.small()).file, to: "\(folder)/\(name)")
      let run = try imageEmbedder(
        "embed", name, "missing \(name)", "--model", Fixtures.model("constant_3_4"),
        folder: folder)
      #expect(run.ending == .exit(status: 2))
      let rows = try run.json(JSONRow.self)
      #expect(rows.map(\.path) == [name, "missing \(name)"])
      #expect(rows.map(\.status) == ["ok", "failed"])
      #expect(run.errorLines.count == 2)
      #expect(!run.standardError.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }
  }

  @Test("takes a name that begins with a dash behind two of them")
  func dash() throws {
    try withTemporaryFolder { folder in
      try write(PNGWriter(Pictures.small()).file, to: "\(folder)/-o.png")
      let run = try imageEmbedder(
        "embed", "--model", Fixtures.model("constant_3_4"), "--", "-o.png", folder: folder)
      run.expectSuccess()
      #expect(try run.json(JSONRow.self).map(\.path) == ["-o.png"])
    }
  }

  @Test("embeds hundreds of images in one run")
  func manyInputs() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(3, in: folder)
      let inputs = (0..<500).map { pictures[$0 % 3] }
      let run = try imageEmbedder(
        ["embed", "--model", Fixtures.model("identity_uint8_8x6")] + inputs)
      run.expectSuccess()
      #expect(try run.json(JSONRow.self).map(\.path) == inputs)
    }
  }
}
