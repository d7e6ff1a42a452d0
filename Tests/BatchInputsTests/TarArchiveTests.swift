import BatchEmbedding
import Foundation
import ImageEmbedding
import TestSupport
import Testing

@testable import BatchInputs

@Suite("A tar archive")
struct TarArchiveTests {
  /// One file of an archive in the form of POSIX (IEEE 1003.1, ustar).
  static func entry(_ name: [UInt8], _ content: [UInt8]) -> [UInt8] {
    func octal(_ value: Int, _ width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8) + [0]
    }
    var header = name + Array(repeating: 0, count: 100 - name.count)
    header += octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.count, 12) + octal(0, 12)
    header += Array("        0".utf8) + Array(repeating: 0, count: 100)
    header += Array("ustar\u{0}00".utf8)
    header += Array(repeating: 0, count: 512 - header.count)
    let sum = header.reduce(0) { $0 + Int($1) }
    header.replaceSubrange(148..<156, with: octal(sum, 7) + [0x20])
    let padding = (512 - content.count % 512) % 512
    return header + content + Array(repeating: 0, count: padding)
  }

  static func archive(_ files: [(name: String, content: [UInt8])]) -> [UInt8] {
    files.flatMap { entry(Array($0.name.utf8), $0.content) } + Array(repeating: 0, count: 1024)
  }

  /// The items of an archive with these bytes.
  static func items(
    _ bytes: [UInt8], filter: InputFilter = InputFilter(), byteLimit: Int = 1 << 20
  ) throws -> [(path: String, content: BatchItem.Content)] {
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/a.tar")
      var list = InputList([PathBytes("\(folder)/a.tar")])
      list.filter = filter
      list.byteLimit = byteLimit
      return list.map { item in
        #expect(item.isFound)
        return (String(item.path.description.dropFirst(folder.utf8.count + 1)), item.content)
      }
    }
  }

  /// The bytes of an item, `nil` where it is an error.
  static func bytes(_ content: BatchItem.Content) -> [UInt8]? {
    guard case .memory(.encoded(let image)) = content else { return nil }
    return unsafe image.bytes.bytes.withUnsafeBytes { unsafe Array($0) }
  }

  @Test("gives its files, and not what is hidden")
  func files() throws {
    let large = SeededGenerator.bytes(300_000)
    let items = try Self.items(
      Self.archive([
        ("000.jpg", [1, 2, 3]), ("000.json", [4]), ("a/._b.jpg", [5]), ("a/b.jpg", large),
        ("empty.txt", []),
      ]))
    #expect(
      items.map(\.path) == ["a.tar/000.jpg", "a.tar/000.json", "a.tar/a/b.jpg", "a.tar/empty.txt"])
    #expect(items.map { Self.bytes($0.content) } == [[1, 2, 3], [4], large, []])
  }

  @Test("gives what patterns take")
  func patterns() throws {
    var filter = InputFilter()
    filter.includes = [GlobPattern("*.jpg")]
    let items = try Self.items(
      Self.archive([("0.jpg", [1]), ("0.txt", [2]), ("1.JPG", [3])]), filter: filter)
    #expect(items.map(\.path) == ["a.tar/0.jpg", "a.tar/1.JPG"])
  }

  @Test(
    "gives what patterns of folders take",
    arguments: [
      ([], ["thumbnails"], ["a.tar/s/x.jpg", "a.tar/y.jpg"]), (["s/*"], [], ["a.tar/s/x.jpg"]),
      ([], ["s/*", "y.*"], ["a.tar/thumbnails/z.jpg"]),
      ([], ["t*s"], ["a.tar/s/x.jpg", "a.tar/y.jpg"]),
    ])
  func folderPatterns(includes: [String], excludes: [String], expected: [String]) throws {
    var filter = InputFilter()
    filter.includes = includes.map(GlobPattern.init)
    filter.excludes = excludes.map(GlobPattern.init)
    for start in ["", "./"] {
      let files = ["s/x.jpg", "thumbnails/z.jpg", "y.jpg"].map { (start + $0, [UInt8(1)]) }
      let items = try Self.items(Self.archive(files), filter: filter)
      #expect(
        items.map { $0.path.replacing("/./", with: "/") }.sorted() == expected, "\(start)")
    }
  }

  @Test("keeps the bytes of names that are not UTF-8")
  func nameBytes() throws {
    let archive = Self.entry([0x61, 0xff, 0x2e, 0x6a], [1]) + Array(repeating: 0, count: 1024)
    #expect(try Self.items(archive).map(\.path) == [#"a.tar/a\xff.j"#])
  }

  @Test("that is cut between files gives what is whole", arguments: [700, 1024])
  func cutBetweenFiles(byteCount: Int) throws {
    // At 1,024 bytes a file ends, and nothing tells that more should come.
    let items = try Self.items(Array(Self.twoFiles.prefix(byteCount)))
    #expect(items.map(\.path) == ["a.tar/0.jpg"])
  }

  @Test(
    "that is cut inside a file, or before it, gives what is whole and one error",
    arguments: [(1500, "cannot read the archive "), (2000, "cannot read 'a.tar/1.jpg': ")])
  func cut(byteCount: Int, start: String) throws {
    let items = try Self.items(Array(Self.twoFiles.prefix(byteCount)))
    #expect(items.count == 2 && items[0].path == "a.tar/0.jpg")
    guard case .unreadable(let error)? = items.last?.content else {
      Issue.record("half a file is no error")
      return
    }
    #expect(error.description.replacing(/'.*\/a.tar/, with: "'a.tar").hasPrefix(start))
    #expect(error.description.contains("a.tar"))
    #expect(error.description.hasSuffix("Truncated tar archive"))
  }

  private static let twoFiles = archive([
    ("0.jpg", [1]), ("1.jpg", Array(repeating: 2, count: 3000)),
  ])

  @Test(
    "that is none is one error",
    arguments: [[], Array("no archive at all, but text".utf8), Array(repeating: 0xff, count: 5000)])
  func foreign(bytes: [UInt8]) throws {
    let items = try Self.items(bytes)
    #expect(items.allSatisfy { Self.bytes($0.content) == nil })
    #expect(items.count <= 1)
    #expect(bytes.isEmpty || items.count == 1)
  }

  @Test("has an error for a file beyond the limit, and goes on")
  func limit() throws {
    let items = try Self.items(
      Self.archive([("0.jpg", Array(repeating: 1, count: 5000)), ("1.jpg", [2])]), byteLimit: 4096)
    #expect(items.map(\.path) == ["a.tar/0.jpg", "a.tar/1.jpg"])
    guard case .unreadable(let error)? = items.first?.content else {
      Issue.record("the file was read")
      return
    }
    #expect(error.code == .resourceExhausted)
    #expect(items.last.map { Self.bytes($0.content) } == [2])
  }
}

extension SeededGenerator {
  fileprivate static func bytes(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 11)
    return generator.bytes(count)
  }
}
