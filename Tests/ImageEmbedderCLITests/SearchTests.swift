import EmbedderTestSupport
import Foundation
import Testing

/// A line of `search`'s JSON output.
struct SearchLine: Decodable {
  let query: String
  let rank: Int?
  let path: String?
  let pathBytes: String?
  let row: Int?
  let cosine: Double?
  let warnings: [String]?
  let status: String?
  let errorMessage: String?
}

@Suite("search", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct SearchTests {
  /// Calls `body` with a folder that holds `in` with pictures, and `out` with their vectors.
  static func withStore(
    _ count: Int, _ options: [String] = [], _ body: (_ folder: String) throws -> Void
  ) throws {
    try OutputFolderTests.withPictures(count) { folder in
      try imageEmbedder(
        ["embed", "in", "--output", "out"] + OutputFolderTests.model + options, folder: folder
      ).expectSuccess()
      try body(folder)
    }
  }

  static func name(_ number: Int) -> String { "in/picture \(number).png" }

  /// The cosine of two pictures, which are their own vectors: products in `Float`, summed in `Double`.
  static func cosine(_ a: Int, _ b: Int) -> Double {
    let (u, v) = (OutputFolderTests.vector(a), OutputFolderTests.vector(b))
    func sum(_ x: [Float], _ y: [Float]) -> Double {
      zip(x, y).reduce(0) { $0 + Double($1.0 * $1.1) }
    }
    return sum(u, v) / (sum(u, u) * sum(v, v)).squareRoot()
  }

  /// All pictures in the order of their cosine to one.
  static func ranking(of query: Int, among count: Int) -> [Int] {
    (0..<count).sorted { (cosine(query, $1), $0) < (cosine(query, $0), $1) }
  }

  @Test("gives the nearest pictures with the library's own cosines, best first")
  func nearest() throws {
    try Self.withStore(12) { folder in
      let run = try imageEmbedder("search", "out", Self.name(3), "--k", "5", folder: folder)
      run.expectSuccess()
      let lines = try run.json(SearchLine.self)
      let expected = Self.ranking(of: 3, among: 12).prefix(5)
      #expect(expected.first == 3, "a stored query is among its own answers")
      #expect(lines.map(\.path) == expected.map(Self.name))
      #expect(lines.map(\.cosine) == expected.map { Self.cosine(3, $0) })
      #expect(lines.map(\.rank) == [1, 2, 3, 4, 5])
      #expect(lines.allSatisfy { $0.query == Self.name(3) && $0.warnings == nil })
      for line in lines {
        let row = try ReadFolder("\(folder)/out").rows[try #require(line.row)]
        #expect(row.path == line.path)
      }
    }
  }

  @Test(
    "embeds a picture that is not stored with the store's own options",
    arguments: [
      [], ["--l2-normalize"], ["--dtype", "float16"], ["--rotation", "180"],
      ["--region", "1,1,5,4"], ["--mean", "10", "--std", "3"], ["--preset", "antialiased-v1"],
      ["--l2-normalize", "--quantize", "--no-exif", "--alpha", "white", "--decode", "fast"],
    ])
  func notStored(options: [String]) throws {
    let model = options.contains("--mean") ? "identity_float_8x6_no_metadata" : "identity_uint8_8x6"
    try OutputFolderTests.withPictures(6) { folder in
      try imageEmbedder(
        ["embed", "in", "--output", "out", "--model", Fixtures.model(model)] + options,
        folder: folder
      ).expectSuccess()
      try FileManager.default.copyItem(
        atPath: "\(folder)/\(Self.name(2))", toPath: "\(folder)/elsewhere.png")
      let run = try imageEmbedder("search", "out", "elsewhere.png", "--k", "1", folder: folder)
      run.expectSuccess()
      let lines = try run.json(SearchLine.self)
      #expect(lines.map(\.path) == [Self.name(2)])
      // Half floats differ from the query's floats.
      #expect(abs((lines[0].cosine ?? 0) - 1) < (options.contains("float16") ? 1e-6 : 1e-12))
    }
  }

  @Test("finds what is stored by any spelling, from any folder, also when the file is gone")
  func spelling() throws {
    try Self.withStore(4) { folder in
      for (query, place) in [
        ("in/../in/./picture 1.png", folder), ("\(folder)/in/picture 1.png", "/"),
        ("in/picture 1.png", "/"), ("picture 1.png", "\(folder)/in"),
      ] {
        let run = try imageEmbedder(
          "search", "\(folder)/out", query, "--k", "1", "--paths-only", folder: place)
        run.expectSuccess()
        #expect(run.output == Self.name(1) + "\n", "\(query) in \(place)")
      }
      try FileManager.default.removeItem(atPath: "\(folder)/in/picture 1.png")
      let run = try imageEmbedder("search", "out", Self.name(1), "--k", "1", folder: folder)
      let line = try #require(try run.json(SearchLine.self).first)
      #expect(line.path == Self.name(1))
      #expect(line.warnings == ["the file is gone"])
    }
  }

  @Test("says which files have changed, and uses their stored vectors")
  func changed() throws {
    try Self.withStore(4) { folder in
      try write(
        PNGWriter(Pictures.small(seed: 99)).file + [0], to: "\(folder)/\(Self.name(1))")
      let run = try imageEmbedder("search", "out", Self.name(1), "--k", "1", folder: folder)
      #expect(run.ending == .exit(status: 0))
      #expect(run.standardError.contains("has changed since it was embedded"))
      let line = try #require(try run.json(SearchLine.self).first)
      #expect(line.cosine == Self.cosine(1, 1))
      #expect(line.warnings == ["the file has changed since it was embedded"])
    }
  }

  @Test("adds and subtracts unit vectors")
  func sums() throws {
    try Self.withStore(10) { folder in
      let run = try imageEmbedder(
        "search", "out", Self.name(1), Self.name(2), "--not", Self.name(3), "--weight", "2",
        "--weight", "0.5", "--k", "10", folder: folder)
      run.expectSuccess()
      func unit(_ number: Int) -> [Double] {
        let vector = OutputFolderTests.vector(number).map(Double.init)
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
      }
      let sum = zip(zip(unit(1), unit(2)), unit(3)).map { 2 * $0.0 + 0.5 * $0.1 - $1 }
      let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let cosines = (0..<10).map { number in
        zip(unit(number), sum).reduce(0) { $0 + $1.0 * $1.1 } / length
      }
      let lines = try run.json(SearchLine.self)
      #expect(lines.map(\.path) == (0..<10).sorted { cosines[$0] > cosines[$1] }.map(Self.name))
      for line in lines {
        #expect(abs((line.cosine ?? 0) - cosines[line.row ?? 0]) < 1e-6)
      }
      #expect(
        lines[0].query == "2 * in/picture 1.png + 0.5 * in/picture 2.png - in/picture 3.png")
    }
  }

  @Test("refuses a sum of which nothing is left")
  func cancelling() throws {
    try Self.withStore(3) { folder in
      try imageEmbedder("search", "out", Self.name(1), "--not", Self.name(1), folder: folder)
        .expectStop(naming: ["cancel out"])
    }
  }

  @Test("leaves out what is below a cosine, and copies of better answers")
  func limits() throws {
    try OutputFolderTests.withPictures(8) { folder in
      for copy in ["a", "b", "c"] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/\(Self.name(5))", toPath: "\(folder)/in/copy \(copy).png")
      }
      try imageEmbedder(
        ["embed", "in", "--output", "out"] + OutputFolderTests.model, folder: folder
      ).expectSuccess()
      let all = try imageEmbedder("search", "out", Self.name(0), "--k", "99", folder: folder)
        .json(SearchLine.self)
      #expect(all.count == 11, "k may be larger than the store")
      let limit = try #require(all[4].cosine)
      let near = try imageEmbedder(
        "search", "out", Self.name(0), "--min-cosine", "\(limit)", "--k", "99", folder: folder)
      #expect(try near.json(SearchLine.self).count == all.count { $0.cosine ?? 0 >= limit })

      // Equal vectors are the same picture, however the cosine of the two is rounded.
      for limit in ["0.999", "1"] {
        let distinct = try imageEmbedder(
          "search", "out", Self.name(5), "--distinct", limit, "--k", "8", folder: folder)
        distinct.expectSuccess()
        // Of equal ones the first row is the better answer.
        #expect(
          Set(try distinct.json(SearchLine.self).compactMap(\.path))
            == Set((0..<8).filter { $0 != 5 }.map(Self.name) + ["in/copy a.png"]))
      }
    }
  }

  @Test(
    "chooses among the stored paths that the patterns take, before the nearest are counted",
    arguments: [
      (["--include", "*7.png"], [7]), (["--include", "in/*[78].png"], [7, 8]),
      (["--exclude", "*[0-6].png"], [7, 8]), (["--exclude", "in"], []),
      (["--include", "PICTURE 7*"], [7]), (["--include", "none"], []),
    ])
  func patterns(options: [String], expected: [Int]) throws {
    try Self.withStore(9) { folder in
      let run = try imageEmbedder(
        ["search", "out", Self.name(0), "--k", "2"] + options, folder: folder)
      run.expectSuccess()
      #expect(Set(try run.json(SearchLine.self).map(\.row)) == Set(expected.map { $0 }))
    }
  }

  @Test("of many reads queries from the standard input and names those that fail")
  func many() throws {
    try Self.withStore(5) { folder in
      let list = "in/picture 1.png\nnothing.png\n\nin/picture 4.png\n"
      let run = try CommandLineRunner.run(
        ["search", "out", "-", "--k", "2"], folder: folder, input: Array(list.utf8))
      #expect(run.ending == .exit(status: 2))
      #expect(run.errorLines.count == 2)
      #expect(run.errorLines[0].contains("'nothing.png'"))
      let lines = try run.json(SearchLine.self)
      #expect(
        lines.map(\.query)
          == [Self.name(1), Self.name(1), "nothing.png", Self.name(4), Self.name(4)])
      #expect(
        lines.map(\.row?.description) == [
          "1", lines[1].row?.description, nil, "4", lines[4].row?.description,
        ])
      #expect(lines[2].status == "failed")
      #expect(lines[2].errorMessage?.contains("nothing.png") == true)

      let ended = try CommandLineRunner.run(
        ["search", "out", "-", "--k", "1", "--null", "--paths-only"], folder: folder,
        input: Array("in/picture 2.png\0in/picture 0.png\0".utf8))
      ended.expectSuccess()
      #expect(ended.output == "in/picture 2.png\0in/picture 0.png\0")
    }
  }

  @Test("keeps names that are no text, quote or direct it")
  func oddNames() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(3, in: folder)
      let script = """
        mkdir in; cp "$1" "$(printf 'in/\\377.png')"; cp "$2" "$(printf 'in/a"\\\\\\nb.png')"
        cp "$3" 'in/<b>&.png'
        "$PROGRAM" embed in --output out --model "$4" && "$PROGRAM" search out "$(printf 'in/\\377.png')" \
          --k 1 && "$PROGRAM" search out "$(printf 'in/a"\\\\\\nb.png')" --k 1 --paths-only --null
        """
      let run = try CommandLineRunner.shell(
        script, pictures + [Fixtures.model("identity_uint8_8x6")], folder: folder)
      run.expectSuccess()
      let line = try #require(try decodeJSON([run.outputLines[0]], as: SearchLine.self).first)
      #expect(line.path == #"in/\xff.png"#)
      #expect(line.pathBytes == "aW4v/y5wbmc=")
      #expect(run.output.hasSuffix("in/a\"\\\nb.png\0"))
    }
  }

  @Test("compares a head of several")
  func heads() throws {
    try OutputFolderTests.withPictures(5) { folder in
      try imageEmbedder(
        "embed", "in", "--output", "out", "--model", Fixtures.model("heads_abc"), folder: folder
      ).expectSuccess()
      for head in 0..<3 {
        let run = try imageEmbedder(
          "search", "out", Self.name(1), "--head", "\(head)", "--k", "1", folder: folder)
        #expect(run.ending == .exit(status: 0))
      }
      try imageEmbedder("search", "out", Self.name(1), "--head", "3", folder: folder)
        .expectStop(naming: ["head 3", "3 heads"])
    }
  }

  @Test("searches a store that cannot be written to, and leaves it alone")
  func readOnly() throws {
    try Self.withStore(4) { folder in
      let before = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/out").sorted()
      // Whoever may write everywhere becomes somebody who may not.
      let start = getuid() == 0 ? "exec setpriv --reuid 65534 --clear-groups " : "exec "
      // Whoever that is need not be able to come to the program.
      guard
        try CommandLineRunner.shell("\(start)test -x \"$PROGRAM\"").ending == .exit(status: 0)
      else { return }
      let run = try CommandLineRunner.shell(
        "chmod -R a-w out; \(start)\"$PROGRAM\" search out 'in/picture 1.png' --k 1 --paths-only",
        folder: folder)
      run.expectSuccess()
      #expect(run.output == Self.name(1) + "\n")
      #expect(
        try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/out").sorted() == before)
      #expect(try CommandLineRunner.shell("chmod -R u+w out", folder: folder).standardError == "")
    }
  }

  @Test("of an empty store says that there are no answers")
  func empty() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/in", withIntermediateDirectories: false)
      let embed = try imageEmbedder(
        ["embed", "in", "--output", "out"] + OutputFolderTests.model, folder: folder)
      #expect(embed.ending == .exit(status: 0))
      let run = try imageEmbedder("search", "out", "some.png", folder: folder)
      #expect(run.ending == .exit(status: 0))
      #expect(run.output == "")
      #expect(run.errorLines.count == 1)
      #expect(run.standardError.contains("no vectors"))
    }
  }

  @Test("refuses another model than the store's, and says which one is needed")
  func otherModel() throws {
    try OutputFolderTests.withPictures(3) { folder in
      let model = "\(folder)/model.tflite"
      try FileManager.default.copyItem(
        atPath: Fixtures.model("identity_uint8_8x6"), toPath: model)
      try imageEmbedder("embed", "in", "--output", "out", "--model", "model.tflite", folder: folder)
        .expectSuccess()
      let new = "\(folder)/new.png"
      try write(PNGWriter(Pictures.small(seed: 50)).file, to: new)
      // The model's path belongs to the folder of the run.
      try imageEmbedder("search", "\(folder)/out", new, folder: "/").expectSuccess()
      let digest = sha256(try contents(of: model))
      try imageEmbedder(
        "search", "out", "new.png", "--model", Fixtures.model("identity_uint8_7x5"), folder: folder
      ).expectStop(naming: ["is not the one", digest])
      try FileManager.default.moveItem(atPath: model, toPath: "\(folder)/moved.tflite")
      try imageEmbedder("search", "out", "new.png", folder: folder)
        .expectStop(naming: ["model.tflite", digest, "--model"])
      try imageEmbedder("search", "out", "new.png", "--model", "moved.tflite", folder: folder)
        .expectSuccess()
      // What is stored needs no model.
      try imageEmbedder("search", "out", Self.name(1), folder: folder).expectSuccess()
    }
  }

  @Test("refuses settings that it does not know")
  func unknownSettings() throws {
    try Self.withStore(3) { folder in
      let record = "\(folder)/out/run.json"
      let changed = try text(of: record).replacing(
        #""settings":{"#, with: #""settings":{"accelerator":"abacus","#)
      try write(Array(changed.utf8), to: record)
      try write(PNGWriter(Pictures.small(seed: 50)).file, to: "\(folder)/new.png")
      try imageEmbedder("search", "out", "new.png", folder: folder)
        .expectStop(naming: ["'accelerator'", "abacus"])
    }
  }

  @Test("refuses what is no store and what is no image")
  func wrongInputs() throws {
    try Self.withStore(2) { folder in
      try imageEmbedder("search", "in", Self.name(1), folder: folder)
        .expectStop(naming: ["'in'", "run.json"])
      try imageEmbedder("search", "out", "out/run.json", folder: folder)
        .expectStop(naming: ["out/run.json", "stored"])
      try imageEmbedder("search", "out", "no such.png", folder: folder)
        .expectStop(naming: ["no such.png", "No such file"])
    }
  }

  @Test(
    "refuses wrong usage",
    arguments: [
      (["--k", "0"], "--k"), (["--min-cosine", "2"], "--min-cosine"),
      (["--distinct", "nan"], "--distinct"), (["--weight", "1", "--weight", "2"], "--weight"),
      (["--weight", "0"], "--weight"), (["--head", "-1"], "--head"),
      (["--json", "--paths-only"], "--paths-only"), (["--null"], "--null"), (["-"], "-"),
      (["--html", ""], "--html"),
    ])
  func usage(options: [String], name: String) throws {
    try imageEmbedder(["search", "out", "a.png"] + options).expectWrongUsage(naming: [name])
  }

  @Test("gives people a table", .enabled(if: Terminal.isPossible, Terminal.absence))
  func table() throws {
    try Self.withStore(3) { folder in
      let run = try CommandLineRunner.run(
        executable: "/bin/sh",
        [
          "-c", #"exec script -qec "$1" /dev/null </dev/null"#, "sh",
          #"exec "$PROGRAM" search out 'in/picture 1.png' --k 1"#,
        ],
        environment: ["PROGRAM": CommandLineRunner.program], folder: folder)
      #expect(run.output.contains(" 1.000000  in/picture 1.png"))
    }
  }
}
