import BatchEmbedding
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

@testable import EmbedderBatchInputs

@Suite("A tar archive")
struct TarArchiveTests {
  /// One file of an archive in the form of POSIX (IEEE 1003.1, ustar).
  static func entry(
    _ name: [UInt8], _ content: [UInt8], type: Character = "0", target: String = ""
  ) -> [UInt8] {
    func octal(_ value: Int, _ width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8) + [0]
    }
    var header = name + Array(repeating: 0, count: 100 - name.count)
    header += octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.count, 12) + octal(0, 12)
    header += Array("        \(type)\(target)".utf8)
    header += Array(repeating: 0, count: 257 - header.count)
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
    guard case .image(let source) = content, case .encoded(let image) = source.content else {
      return nil
    }
    return unsafe image.bytes.bytes.withUnsafeBytes { unsafe Array($0) }
  }

  @Test("gives its files, and not what is hidden")
  func files() throws {
    let large = Self.image + SeededGenerator.bytes(300_000)
    let items = try Self.items(
      Self.archive([
        ("000.jpg", Self.image), ("000.json", [4]), ("a/._b.jpg", [5]), ("a/b.jpg", large),
        ("empty.txt", []),
      ]))
    #expect(
      items.map(\.path) == ["a.tar/000.jpg", "a.tar/000.json", "a.tar/a/b.jpg", "a.tar/empty.txt"])
    #expect(items.map { Self.bytes($0.content) } == [Self.image, nil, large, []])
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

  @Test("that is cut between files gives what is whole and one error", arguments: [700, 1024])
  func cutBetweenFiles(byteCount: Int) throws {
    // At 1,024 bytes a file ends, and only the mark of the archive's end is missing.
    let items = try Self.items(Array(Self.twoFiles.prefix(byteCount)))
    #expect(items.map(\.path) == ["a.tar/0.jpg", "a.tar"])
    guard case .unreadable(let error)? = items.last?.content else {
      Issue.record("a cut archive is no error")
      return
    }
    #expect(error.description.hasPrefix("cannot read the archive "))
  }

  @Test(
    "gives what follows a mark of its end, as cat a.tar b.tar makes it", arguments: [1024, 10_240])
  func concatenated(padding: Int) throws {
    let end = [UInt8](repeating: 0, count: padding)
    let first = Self.entry(Array("0.jpg".utf8), Self.image) + end
    let second = Self.entry(Array("1.jpg".utf8), Self.image) + end
    #expect(try Self.items(first + second).map(\.path) == ["a.tar/0.jpg", "a.tar/1.jpg"])
    #expect(try Self.items(end).isEmpty)
  }

  @Test("has an error for anything else behind a mark of its end")
  func trailing() throws {
    let text = [UInt8](repeating: 0x41, count: 1000)
    let items = try Self.items(
      Self.archive([("0.jpg", Self.image)]) + text)
    #expect(items.map(\.path) == ["a.tar/0.jpg", "a.tar"])
  }

  @Test("passes over links and devices by name, and reads a link that holds the file once more")
  func links() throws {
    func name(_ text: String) -> [UInt8] { Array(text.utf8) }
    let items = try Self.items(
      Self.entry(name("0.jpg"), Self.image)
        + Self.entry(name("hard.jpg"), [], type: "1", target: "0.jpg")
        + Self.entry(name("soft.jpg"), [], type: "2", target: "0.jpg")
        + Self.entry(name("pipe.jpg"), [], type: "6") + Self.entry(name("folder/"), [], type: "5")
        + Self.entry(name("1.jpg"), Self.image) + Array(repeating: 0, count: 1024))
    let reasons = items.map { item -> String? in
      if case .passedOver(let reason) = item.content { reason } else { nil }
    }
    #expect(
      items.map(\.path)
        == ["0.jpg", "hard.jpg", "soft.jpg", "pipe.jpg", "1.jpg"].map { "a.tar/\($0)" })
    #expect(
      reasons == [
        nil, "a hard link to '0.jpg'", "a symbolic link to '0.jpg'", "a pipe, socket or device",
        nil,
      ])
  }

  @Test("is read no further than needed to know that a file is no image, however large that is")
  func videos() throws {
    let video = Array("\0\0\0\u{18}ftypmp42".utf8) + Array(repeating: 0, count: 9000)
    let items = try Self.items(
      Self.archive([("0.mp4", video), ("1.jpg", Self.image), ("2.jpg", video)]), byteLimit: 4096)
    #expect(items.map(\.path) == ["a.tar/0.mp4", "a.tar/1.jpg", "a.tar/2.jpg"])
    for item in [items[0], items[2]] {
      guard case .unreadable(.image(_, .unknownFormat(let found))) = item.content else {
        Issue.record("a video was read: \(item)")
        continue
      }
      #expect(found == "a video or another file in the MP4 family")
    }
    #expect(Self.bytes(items[1].content) == Self.image)
  }

  /// What begins as a PNG file does.
  private static let image: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]

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
    ("0.jpg", image), ("1.jpg", image + Array(repeating: 2, count: 3000)),
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
      Self.archive([
        ("0.jpg", Self.image + Array(repeating: 1, count: 5000)), ("1.jpg", Self.image),
      ]), byteLimit: 4096)
    #expect(items.map(\.path) == ["a.tar/0.jpg", "a.tar/1.jpg"])
    guard case .unreadable(let error)? = items.first?.content else {
      Issue.record("the file was read")
      return
    }
    #expect(error.code == .resourceExhausted)
    #expect(items.last.map { Self.bytes($0.content) } == Self.image)
  }
}

extension SeededGenerator {
  fileprivate static func bytes(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 11)
    return generator.bytes(count)
  }
}
