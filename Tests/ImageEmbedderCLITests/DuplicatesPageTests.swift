import DuplicateFinding
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

@testable import ImageEmbedderCLI

/// What needs a browser is in `scripts/test-pages`.
@Suite("The page of duplicates")
struct DuplicatesPageTests {
  /// Calls `body` with a folder whose folder `in` has two files twice and one once.
  private static func withCopies(_ body: (_ folder: String) throws -> Void) throws {
    try OutputFolderTests.withPictures(3) { folder in
      for (source, copy) in [("picture 0.png", "<i>copy.png"), ("picture 1.png", "it's one.png")] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/in/\(source)", toPath: "\(folder)/in/\(copy)")
      }
      try body(folder)
    }
  }

  private static let command = ["duplicates", "in", "--tiers", "bytes"]

  /// The data that a page's program works with.
  private struct PageData: Decodable {
    struct Picture: Decodable {
      let check: String
      let move: String
      let comment: String
      let bytes: Int
    }

    struct Group: Decodable {
      let number: Int
      let members: [Int]
      let keep: Int
      let duplicates: Bool
      let advised: String
      let chosen: String
    }

    let key: String
    let frame: [String]
    let pictures: [String: Picture]
    let groups: [Group]

    init(of page: String) throws {
      let part = try #require(
        page.firstMatch(of: #/<script type="application/json" id="data">(.*?)</script>/#))
      self = try decodeJSON([String(part.1)])[0]
    }
  }

  @Test("holds the lines of the script that --move-script writes")
  func lines() throws {
    try Self.withCopies { folder in
      let run = try imageEmbedder(
        Self.command + ["--html", "page.html", "--move-script", "move.sh"], folder: folder)
      run.expectSuccess()
      #expect(run.output == "")
      let data = try PageData(of: text(of: "\(folder)/page.html"))
      #expect(data.groups.map(\.members.count) == [2, 2])
      func line(_ base64: String) throws -> String {
        String(decoding: try #require(Data(base64Encoded: base64)), as: UTF8.self)
      }
      // As the page's program does it for its first selection.
      var checks = ""
      var moves = ""
      for group in data.groups {
        moves += group.advised
        let others = group.members.filter { $0 != group.keep }
        for (number, isKept) in [(group.keep, true)] + others.map({ ($0, false) }) {
          let picture = try #require(data.pictures["\(number)"])
          checks += try line(picture.check)
          moves += try line(isKept ? picture.comment : picture.move)
        }
      }
      let script = data.frame[0] + "2" + data.frame[1] + checks + data.frame[2] + moves
      #expect(script == (try text(of: "\(folder)/move.sh")))
    }
  }

  @Test("cannot be ended by a file's name")
  func names() throws {
    try Self.withCopies { folder in
      try imageEmbedder(Self.command + ["--html", "page.html"], folder: folder).expectSuccess()
      let page = try text(of: "\(folder)/page.html")
      #expect(page.contains("&lt;i&gt;copy.png"))
      #expect(!page.contains("<i>"))
      #expect(page.contains("it&#39;s one.png"))
      #expect(page.matches(of: /data:image\/jpeg;base64,/).count == 4)
      #expect(page.contains("2 groups of duplicates, 4 of 5 pictures"))
    }
  }

  @Test("belongs to the same files, whatever they are asked for")
  func key() throws {
    try Self.withCopies { folder in
      func key(_ options: [String]) throws -> String {
        try imageEmbedder(Self.command + ["--html", "page.html"] + options, folder: folder)
          .expectSuccess()
        return try PageData(of: text(of: "\(folder)/page.html")).key
      }
      let first = try key([])
      #expect(try key([]) == first)
      try FileManager.default.removeItem(atPath: "\(folder)/in/it's one.png")
      let second = try key([])
      #expect(second != first)
    }
  }

  @Test("of no duplicates says so")
  func none() throws {
    try OutputFolderTests.withPictures(2) { folder in
      try imageEmbedder(Self.command + ["--html", "page.html"], folder: folder).expectSuccess()
      #expect(
        try text(of: "\(folder)/page.html").contains("No duplicates among 2 pictures"))
    }
  }

  @Test("replaces a page of ours and nothing else")
  func replacing() throws {
    try Self.withCopies { folder in
      for _ in 0..<2 {
        try imageEmbedder(Self.command + ["--html", "page.html"], folder: folder).expectSuccess()
      }
      try imageEmbedder(Self.command + ["--html", "in/picture 0.png"], folder: folder)
        .expectStop(naming: ["picture 0.png", "not replaced"])
    }
  }

  @Test(
    "tells sizes in thousands",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
      (1_234_567_890, "1.2 GB"),
    ])
  func sizes(byteCount: Int, expected: String) {
    #expect(DuplicateCards.size(byteCount) == expected)
  }
}

@Suite("A script of a selection")
struct SelectionScriptTests {
  @Test("moves what is marked, and nothing of a group of which nothing would stay")
  func selection() throws {
    try OutputFolderTests.withPictures(2) { folder in
      for number in 0..<2 {
        for copy in ["a", "b"] {
          try FileManager.default.copyItem(
            atPath: "\(folder)/in/picture \(number).png",
            toPath: "\(folder)/in/\(number)\(copy).png")
        }
      }
      let paths = ["0a", "0b", "1a", "1b", "picture 0", "picture 1"].map {
        PathBytes("\(folder)/in/\($0).png")
      }
      var options = DuplicateFinder.Options()
      options.tiers = [.bytes]
      let report = try DuplicateFinder(files: paths, options: options).find()
      try #require(report.groups.map(\.members) == [[0, 1, 4], [2, 3, 5]])
      let keep = report.groups[0].keep
      let others = [0, 1, 4].filter { $0 != keep }

      func script(_ moved: Set<Int>) throws -> (lines: [String], count: Int) {
        let script = try MoveScript(report, moving: moved)
        let text = String(decoding: script.bytes, as: UTF8.self)
        return (
          text.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("check ") || $0.hasPrefix("move ") || $0.hasPrefix("# Group")
          },
          script.movedCount
        )
      }
      #expect(try script([]).lines == [])
      #expect(try script([2, 3, 5]).lines == [], "all of a group")
      let one = try script([others[0], 2, 3, 5])
      #expect(one.count == 1)
      #expect(one.lines.filter { $0.hasPrefix("check ") }.count == 3)
      #expect(one.lines.filter { $0.hasPrefix("# Group") }.first?.contains("kept since") == true)
      let best = try script([keep])
      #expect(best.count == 1)
      #expect(best.lines.filter { $0.hasPrefix("# Group") } == ["# Group 1, bytes: kept by choice"])
      // What the plain script moves is what was advised.
      let advised = Set(
        report.groups.flatMap { group in group.members.filter { $0 != group.keep } })
      #expect(try MoveScript(report, moving: advised).bytes == MoveScript(report).bytes)
    }
  }
}
