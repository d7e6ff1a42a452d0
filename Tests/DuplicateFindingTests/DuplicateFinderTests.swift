import DuplicateFinding
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

@Suite("Duplicates")
struct DuplicateFinderTests {
  /// A picture with something to see on it.
  static func picture(_ seed: UInt64, width: Int = 96, height: Int = 64) -> PixelImage {
    var random = SeededGenerator(seed: seed)
    // Patches of eight pixels, as photographs have.
    let coarse = PixelImage(
      randomOfWidth: width / 8, height: height / 8, channels: 3, using: &random)
    return coarse.rearranged(width: width, height: height) { ($0 / 8, $1 / 8) }
  }

  @Test("are the same bytes, the same pixels, or neither, without a store")
  func tiersOfFiles() throws {
    try PictureFolder.with { folder in
      try folder.write(Self.picture(1), "a.png")
      try folder.write(Self.picture(1), "b.png")
      try folder.write(Self.picture(1), "c.png", comment: "edited")
      try folder.write(Self.picture(2), "d.png")
      let files = ["a.png", "b.png", "c.png", "d.png"].map { PathBytes(folder.file($0)) }
      let report = try DuplicateFinder(files: files).find()
      #expect(
        report.namedPairs
          == ["a.png b.png bytes", "a.png c.png pixels", "b.png c.png pixels"])
      #expect(report.namedGroups == ["pixels: c.png a.png b.png"])
      #expect(report.groups[0].reason == "it has more bytes")
      #expect(report.failed.isEmpty)
      var finder = DuplicateFinder(files: files)
      finder.options.tiers = [.bytes]
      #expect(try finder.find().namedPairs == ["a.png b.png bytes"])
    }
  }

  @Test(
    "are found among the pictures of folders, and not among what is hidden or no picture by name")
  func folders() throws {
    try PictureFolder.with { folder in
      for name in ["in", "in/below", "in/.hidden"] {
        try FileManager.default.createDirectory(
          atPath: folder.file(name), withIntermediateDirectories: false)
      }
      let names = [
        "in/b.png", "in/below/a.png", "in/.hidden/c.png", "in/.d.png", "in/e.txt", "z.png",
      ]
      for name in names { try folder.write(Self.picture(1), name) }
      // What is no picture, though its name says so; nobody writes to it.
      #expect(unsafe mkfifo(folder.file("in/pipe.png"), 0o600) == 0)
      #expect(unsafe mkfifo(folder.file("in/pipe"), 0o600) == 0)
      let paths = ["z.png", "in"].map { PathBytes(folder.file($0)) }
      let report = try DuplicateFinder(files: paths).find()
      #expect(report.pictures.map(\.path.name) == ["z.png", "b.png", "a.png"])
      #expect(report.groups.map(\.members) == [[0, 1, 2]])
      #expect(report.warnings.count == 1)
      #expect(report.warnings.first?.contains("pipe.png' is a pipe") == true)
    }
  }

  @Test("are similar to others by the vector of the first of equal pixels, whatever their own")
  func equalPixelsCountOnce() throws {
    try PictureFolder.with { folder in
      try folder.write(Self.picture(1), "a.png")
      try folder.write(Self.picture(1), "b.png", comment: "edited")
      try folder.write(Self.picture(2), "c.png")
      try folder.write(Self.picture(3), "d.png")
      // The cosine of a and c is 0.96; that of b and d is 1, and does not count.
      let report = try DuplicateFinder(
        folder.embed([
          ("a.png", [1, 0]), ("b.png", [0, 1]), ("c.png", [0.96, 0.28]), ("d.png", [0, 1]),
        ])
      ).find()
      #expect(
        report.namedPairs == ["a.png b.png pixels", "a.png c.png similar", "b.png c.png similar"])
      #expect(try report.pair("a.png", "b.png").cosine == 0)
      for name in ["a.png", "b.png"] {
        let cosine = try #require(try report.pair(name, "c.png").cosine)
        #expect((cosine - 0.96).magnitude < 1e-6)
      }
    }
  }

  @Test("keep pictures of a preferred folder, then of more pixels")
  func advice() throws {
    try PictureFolder.with { folder in
      for name in ["first", "second"] {
        try FileManager.default.createDirectory(
          atPath: folder.file(name), withIntermediateDirectories: false)
      }
      try folder.write(Self.picture(1, width: 192, height: 128), "first/a.png")
      try folder.write(Self.picture(1, width: 192, height: 128).halved, "second/b.png")
      let store = try folder.embed(["first/a.png", "second/b.png"])
      var finder = DuplicateFinder(store)
      #expect(try finder.find().namedGroups == ["copies: a.png b.png"])
      #expect(try finder.find().groups[0].reason == "it has more pixels")
      finder.options.preferredFolders = [PathBytes(folder.file("second"))]
      #expect(try finder.find().namedGroups == ["copies: b.png a.png"])
      #expect(try finder.find().groups[0].reason == "it is in a preferred folder")
    }
  }

  @Test("are forgotten where somebody has refused them, of whatever tier")
  func refusals() throws {
    try PictureFolder.with { folder in
      let names = ["a.png", "b.png", "c.png"]
      for name in names { try folder.write(Self.picture(1), name) }
      try write(
        Array("{\"b\":\"\(folder.file("a.png"))\",\"a\":\"\(folder.file("b.png"))\"}\n\n".utf8),
        to: folder.file("no.jsonl"))
      var finder = DuplicateFinder(try folder.embed(names))
      finder.options.refusals = try DuplicateRefusals(
        contentsOf: PathBytes(folder.file("no.jsonl")))
      let report = try finder.find()
      #expect(!report.namedPairs.contains { $0.hasPrefix("a.png b.png") })
      #expect(report.namedGroups == ["bytes: a.png c.png"])
      finder.options.refusals = DuplicateRefusals()
      #expect(try finder.find().namedGroups == ["bytes: a.png b.png c.png"])
    }
  }

  @Test(
    "are refused by a list that can be read",
    arguments: ["nonsense", "{\"a\":\"x\"}", "{\"members\":[1]}"])
  func unreadableRefusals(line: String) throws {
    try withTemporaryFolder { folder in
      try write(Array("\(line)\n".utf8), to: "\(folder)/no.jsonl")
      #expect(throws: DuplicateError.self) {
        try DuplicateRefusals(contentsOf: PathBytes("\(folder)/no.jsonl"))
      }
    }
  }

  // MARK: What is odd about a store

  @Test("are none in an empty store, nor of one row")
  func fewRows() throws {
    try PictureFolder.with { folder in
      let report = try DuplicateFinder(folder.embed([(name: String, vector: [Float])]())).find()
      #expect(report.pairs.isEmpty && report.groups.isEmpty)
    }
    try PictureFolder.with { folder in
      try folder.write(Self.picture(1), "a.png")
      let report = try DuplicateFinder(folder.embed(["a.png"])).find()
      #expect(report.pairs.isEmpty && report.groups.isEmpty && report.failed.isEmpty)
    }
  }

  @Test("are found among rows whose vectors have no direction")
  func vectorsWithoutDirection() throws {
    try PictureFolder.with { folder in
      for name in ["a.png", "b.png"] { try folder.write(Self.picture(1), name) }
      try folder.write(Self.picture(1).upright(exifOrientation: 6), "c.png")
      let store = try folder.embed([
        ("a.png", [0, 0]), ("b.png", [.nan, 1]), ("c.png", [.infinity, 1]),
      ])
      let report = try DuplicateFinder(store).find()
      #expect(
        report.namedPairs == ["a.png b.png bytes", "a.png c.png copies", "b.png c.png copies"])
      #expect(report.pairs.allSatisfy { $0.cosine == nil })
    }
  }

  @Test("leave out pictures that are gone, have changed or cannot be decoded, and say so")
  func failures() throws {
    try PictureFolder.with { folder in
      let names = ["a.png", "b.png", "changed.png", "gone.png", "torn.png"]
      for name in names { try folder.write(Self.picture(1), name) }
      try write(Array("no picture".utf8), to: folder.file("torn.png"))
      let store = try folder.embed(names)
      try FileManager.default.removeItem(atPath: folder.file("gone.png"))
      try folder.write(Self.picture(2), "changed.png", comment: "of another size")
      let report = try DuplicateFinder(store).find()
      #expect(report.namedPairs == ["a.png b.png bytes"])
      #expect(report.failed.map(report.name) == ["changed.png", "gone.png", "torn.png"])
      let problems = report.failed.map { report.pictures[$0].problem ?? "" }
      #expect(problems[0].hasPrefix("it has changed since it was embedded"))
      #expect(problems[1].hasPrefix("it is not there any longer"))
      #expect(problems[2].hasPrefix("it cannot be decoded"))
    }
  }

  @Test("do not count a file twice that has two names or two rows")
  func oneFileByTwoNames() throws {
    try PictureFolder.with { folder in
      try folder.write(Self.picture(1), "a.png")
      try FileManager.default.createSymbolicLink(
        atPath: folder.file("link.png"), withDestinationPath: folder.file("a.png"))
      try FileManager.default.linkItem(
        atPath: folder.file("a.png"), toPath: folder.file("hard.png"))
      let report = try DuplicateFinder(folder.embed(["a.png", "a.png", "link.png", "hard.png"]))
        .find()
      #expect(report.pairs.isEmpty && report.groups.isEmpty)
      #expect(report.warnings.map { $0.hasPrefix("3 pictures are named more than once") } == [true])
    }
  }

  @Test("of pictures that show nothing are a list of their own")
  func flatPictures() throws {
    try PictureFolder.with { folder in
      for (name, value) in [("white.png", UInt8(255)), ("black.png", 0), ("gray.png", 90)] {
        try folder.write(Self.picture(1).mapped { _ in value }, name)
      }
      let report = try DuplicateFinder(folder.embed(["white.png", "black.png", "gray.png"])).find()
      #expect(report.flat.count == 3)
      #expect(report.pairs.filter(\.tier.isDuplicate).isEmpty)
    }
  }

  @Test("of a picture that is there five hundred times are pairs with the one to keep")
  func oneOfMany() throws {
    try PictureFolder.with { folder in
      let names = (0..<500).map { "\($0).png" }
      for (number, name) in names.enumerated() {
        // Every other one is another file of the same pixels.
        try folder.write(
          Self.picture(1), name, comment: number.isMultiple(of: 2) ? "" : "\(number)")
      }
      let report = try DuplicateFinder(folder.embed(names)).find()
      #expect(report.groups.count == 1)
      #expect(report.groups[0].members.count == 500)
      #expect(report.pairs.count == 499)
      let keep = report.groups[0].keep
      #expect(report.pairs.allSatisfy { $0.a == keep || $0.b == keep })
    }
  }

  @Test("have names that are no text")
  func namesThatAreNoText() throws {
    try PictureFolder.with { folder in
      let file = PNGWriter(Self.picture(1)).file
      let names = ["x\u{ff}", "y\n'$(z)"].map { name in
        PathBytes(Array(folder.path.utf8) + [0x2f] + name.unicodeScalars.map { UInt8($0.value) })
      }
      for name in names { try unsafe writeWholeFile(file.span.bytes, at: name) }
      let report = try DuplicateFinder(files: names).find()
      #expect(report.groups.map(\.tier) == [.bytes])
      let script = try MoveScript(report)
      #expect(script.movedCount == 1)
      try write(script.bytes, to: folder.file("move.sh"))
      let run = try CommandLineRunner.shell(
        "sh '\(folder.file("move.sh"))' '\(folder.file("away"))'")
      #expect(run.ending == .exit(status: 0))
      let kept = report.pictures[report.groups[0].keep].path
      #expect(FileStamp(of: kept) != nil)
      #expect(names.count { FileStamp(of: $0) != nil } == 1)
    }
  }

  @Test("are the same whatever the number of threads")
  func threads() throws {
    try PictureFolder.with { folder in
      var names: [String] = []
      for seed in 1...12 {
        for (number, image) in [
          Self.picture(UInt64(seed / 2)), Self.picture(UInt64(seed)).upright(exifOrientation: 6),
        ].enumerated() {
          names.append("\(seed)-\(number).png")
          try folder.write(image, names[names.count - 1])
        }
      }
      let store = try folder.embed(names)
      var found: [[DuplicateReport.Pair]] = []
      for threadCount in [1, 2, 4] {
        var finder = DuplicateFinder(store)
        finder.options.threadCount = threadCount
        finder.options.storesPictures = threadCount != 4
        found.append(try finder.find().pairs)
      }
      #expect(found[0].count > 10)
      #expect(found[0] == found[1])
      #expect(found[0] == found[2])
    }
  }

  @Test("come one by one to tasks, and a search that is cancelled ends")
  func tasks() async throws {
    let names = ["a.png", "b.png"]
    let folder = NSTemporaryDirectory() + "duplicates-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pictures = PictureFolder(path: folder)
    for name in names { try pictures.write(Self.picture(1), name) }
    let finder = DuplicateFinder(files: names.map { PathBytes(pictures.file($0)) })
    var kinds: [String] = []
    for try await finding in finder.findings {
      switch finding {
      case .pair(let pair, let a, let b):
        kinds.append("pair \(pair.tier) \(a.path.name) \(b.path.name)")
      case .group(_, let members): kinds.append("group of \(members.count)")
      case .flat, .failed: kinds.append("other")
      }
    }
    #expect(kinds == ["pair bytes a.png b.png", "group of 2"])
    #expect(throws: DuplicateError.self) { try finder.find(isCancelled: { true }) }
  }
}
