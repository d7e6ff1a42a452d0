import EmbedderTestSupport
import Testing

@Suite("embed as CSV", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct EmbedCSVTests {
  static let columns = [
    "path", "status", "error_code", "error_message", "width", "height", "head_index", "head_name",
  ]

  @Test("writes the names of the columns and one line an image")
  func exactText() throws {
    try Pictures.withPicture { folder, _ in
      let run = try imageEmbedder(
        "embed", "picture 0.png", "--format", "csv", "--model", Fixtures.model("constant_3_4"),
        folder: folder)
      run.expectSuccess()
      #expect(
        run.output == """
          path,status,error_code,error_message,width,height,head_index,head_name,v0,v1
          picture 0.png,ok,,,8,6,0,feature_vector,3.0,4.0

          """)
    }
  }

  @Test("writes signed integers where vectors are quantized")
  func quantized() throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder(
        "embed", picture, "--format", "csv", "--model", Fixtures.model("constant_3_4"),
        "--l2-normalize", "--quantize")
      run.expectSuccess()
      #expect(run.output.hasSuffix(",77,102\n"))
    }
  }

  @Test("writes the components that JSON has", arguments: ["identity_float_8x6", "constant_edges"])
  func components(model: String) throws {
    try withTemporaryFolder { folder in
      let arguments =
        ["embed", "--model", Fixtures.model(model)] + (try Pictures.writeFiles(3, in: folder))
      let table = CSVTable(try imageEmbedder(arguments + ["--format", "csv"]).output)
      let expected = try imageEmbedder(arguments).json(JSONRow.self)
      #expect(table["path"] == expected.map(\.path))
      for (cells, row) in zip(table.rows.dropFirst(), expected) {
        let found = cells.dropFirst(Self.columns.count).compactMap(Float.init)
        #expect(difference(found, row.components) == nil)
      }
      #expect(table.rows.count == 4)
    }
  }

  @Test(
    "quotes what would be torn apart, and only that",
    arguments: [
      ("plain.png", false), ("with space.png", false), ("sem;icolon.png", false),
      ("'single'.png", false), ("写真.png", false), ("com,ma.png", true), ("quo\"te.png", true),
      ("\"\".png", true), ("new\nline.png", true), ("cr\rlf\r\n.png", true), (",.png", true),
    ])
  func quoting(name: String, isQuoted: Bool) throws {
    try withTemporaryFolder { folder in
      try write(PNGWriter(Pictures.small()).file, to: "\(folder)/\(name)")
      let run = try imageEmbedder(
        "embed", name, "missing \(name)", "--format", "csv", "--model",
        Fixtures.model("constant_3_4"), folder: folder)
      #expect(run.ending == .exit(status: 2))
      let table = CSVTable(run.output)
      #expect(table["path"] == [name, "missing \(name)"])
      #expect(table["status"] == ["ok", "failed"])
      #expect(Set(table.rows.map(\.count)) == [Self.columns.count + 2])
      let line = run.output.drop { $0 != "\n" }.dropFirst()
      #expect(line.hasPrefix("\"") == isQuoted)
    }
  }

  @Test("leaves the cells of failures empty")
  func failures() throws {
    try Pictures.withPicture { folder, _ in
      let run = try imageEmbedder(
        "embed", "missing.png", "picture 0.png", "--format", "csv", "--model",
        Fixtures.model("constant_3_4"), folder: folder)
      #expect(run.ending == .exit(status: 2))
      let table = CSVTable(run.output)
      #expect(table["status"] == ["failed", "ok"])
      #expect(table["error_code"] == ["NOT_FOUND", ""])
      #expect(table["error_message"].first??.contains("No such file") == true)
      for column in ["width", "height", "head_index", "head_name", "v0", "v1"] {
        #expect(table[column].map { $0 == "" } == [true, false])
      }
    }
  }

  @Test("writes a line for each head, shorter ones with empty cells at the end")
  func heads() throws {
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder(
        "embed", picture, picture, "--format", "csv", "--model", Fixtures.model("heads_abc"))
      run.expectSuccess()
      let table = CSVTable(run.output)
      #expect(table.rows.first == Self.columns + (0..<144).map { "v\($0)" })
      #expect(table["head_index"] == ["0", "1", "2", "0", "1", "2"])
      #expect(table["head_name"] == ["head_a", "head_b", "head_c", "head_a", "head_b", "head_c"])
      let counts = table.rows.dropFirst().map { row in
        row.dropFirst(Self.columns.count).count { $0 != "" }
      }
      #expect(counts == [144, 24, 12, 144, 24, 12])
      #expect(Set(table.rows.map(\.count)) == [Self.columns.count + 144])
    }
  }

  @Test("writes what is no number as text that readers know")
  func notFinite() throws {
    try Pictures.withPicture { _, picture in
      for (model, expected) in [("constant_nan", ["nan"]), ("constant_infinite", ["inf", "-inf"])] {
        let run = try imageEmbedder(
          "embed", picture, "--format", "csv", "--model", Fixtures.model(model))
        run.expectSuccess()
        let rows = CSVTable(run.output).rows
        try #require(rows.count == 2)
        let cells = rows[1].dropFirst(Self.columns.count)
        #expect(Set(cells.filter { Float($0)?.isFinite != true }) == Set(expected))
      }
    }
  }
}
