import BatchEmbedding
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

@testable import EmbedderBatchInputs

@Suite("A list of inputs")
struct InputListTests {
  /// Calls `body` with a folder that holds empty files of these names.
  static func with(
    _ names: [String], _ body: (_ folder: String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      for name in names {
        let url = URL(filePath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try write([], to: url.path)
      }
      try body(folder)
    }
  }

  /// The paths that a list comes to, below `folder`.
  static func paths(_ list: InputList, below folder: String) -> [String] {
    list.map { item in
      let path = item.path.description
      return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.utf8.count + 1)) : path
    }
  }

  @Test("walks a folder in the order of the names' bytes, and not what is hidden or the system's")
  func folder() throws {
    try Self.with([
      "b.jpg", "a/z.jpg", "a/B.jpg", "a.jpg", ".hidden.jpg", "a/.git/x.jpg", "@eaDir/b.jpg",
      "c/#recycle/x.jpg", "c/d/e/f.png", "Z.jpg", "__MACOSX/a.jpg", "é.jpg",
    ]) { folder in
      #expect(
        Self.paths(InputList([PathBytes(folder)]), below: folder) == [
          "Z.jpg", "a/B.jpg", "a/z.jpg", "a.jpg", "b.jpg", "c/d/e/f.png", "é.jpg",
        ])
    }
  }

  @Test(
    "takes and leaves out what patterns say",
    arguments: [
      (["*.jpg"], [], ["a.jpg", "s/b.JPG", "s/t/c.jpg"]),
      ([], ["*.jpg"], ["s/d.png", "s/t/e.png"]),
      (["s/*"], [], ["s/b.JPG", "s/d.png", "s/t/c.jpg", "s/t/e.png"]),
      (["*.jpg", "*.png"], ["t"], ["a.jpg", "s/b.JPG", "s/d.png"]),
      (["[ab].*"], [], ["a.jpg", "s/b.JPG"]), (["?.png"], ["s/t/*"], ["s/d.png"]),
      ([], ["s"], ["a.jpg"]), (["nothing"], [], []),
    ])
  func patterns(includes: [String], excludes: [String], expected: [String]) throws {
    try Self.with(["a.jpg", "s/b.JPG", "s/d.png", "s/t/c.jpg", "s/t/e.png"]) { folder in
      var list = InputList([PathBytes(folder)])
      list.filter.includes = includes.map(GlobPattern.init)
      list.filter.excludes = excludes.map(GlobPattern.init)
      #expect(Self.paths(list, below: folder) == expected)
    }
  }

  @Test("follows links, and comes to an end where they lead in a circle")
  func links() throws {
    try Self.with(["a/x.jpg", "b/y.jpg"]) { folder in
      for (link, target) in [
        ("a/up", ".."), ("b/across", "../a"), ("a/self", "."), ("dangling.jpg", "nowhere"),
        ("z.jpg", "a/x.jpg"),
      ] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(folder)/\(link)", withDestinationPath: target)
      }
      #expect(
        Self.paths(InputList([PathBytes(folder)]), below: folder) == [
          "a/x.jpg", "b/y.jpg", "dangling.jpg", "z.jpg",
        ])
    }
  }

  @Test("names a folder that is given twice twice, and a missing path as it is")
  func repeated() throws {
    try Self.with(["x.jpg"]) { folder in
      let list = InputList([PathBytes(folder), "/missing.jpg", PathBytes(folder)])
      #expect(Self.paths(list, below: folder) == ["x.jpg", "/missing.jpg", "x.jpg"])
    }
  }

  @Test("has an error for a folder that cannot be listed", .enabled(if: getuid() != 0))
  func forbidden() throws {
    try Self.with(["s/x.jpg", "t.jpg"]) { folder in
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: "\(folder)/s")
      defer { unsafe chmod("\(folder)/s", 0o700) }
      let items = Array(InputList([PathBytes(folder)]))
      #expect(items.count == 2)
      guard case .unreadable(let error)? = items.first?.content else {
        Issue.record("the folder was listed")
        return
      }
      #expect(error.code == .permissionDenied)
    }
  }

  @Test(
    "passes over pipes, which nobody may ever write to",
    arguments: ["pipe", "pipe.jpg", "pipe.tar"])
  func pipes(name: String) throws {
    try Self.with(["x.jpg"]) { folder in
      try #require(unsafe mkfifo("\(folder)/\(name)", 0o600) == 0)
      let items = Array(InputList([PathBytes(folder)]))
      guard case .unreadable? = items.first?.content else {
        Issue.record("the pipe would be read")
        return
      }
      #expect(items.count == 2)
    }
  }

  @Test("says that a list of paths cannot be read")
  func unreadableList() throws {
    try Self.with([]) { folder in
      let descriptor = unsafe open(folder, O_RDONLY)
      defer { close(descriptor) }
      var list = InputList([])
      list.listDescriptor = descriptor
      let items = Array(list)
      #expect(items.map(\.path) == ["-"])
      guard case .unreadable(let error)? = items.first?.content else {
        Issue.record("the list was read")
        return
      }
      #expect(error.description.hasPrefix("cannot read the list of paths '-': "))
    }
  }

  @Test("waits for a list of paths whose descriptor does not")
  func listWithoutWaiting() throws {
    var ends: [CInt] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    defer { close(ends[0]) }
    try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    let writer = ends[1]
    var list = InputList([])
    list.listDescriptor = ends[0]
    // The first path is there, the second comes when the first was taken.
    #expect(unsafe write(writer, "a\n", 2) == 2)
    let items = list.makeIterator()
    #expect(items.next()?.path == "a")
    Thread.detachNewThread {
      _ = unsafe write(writer, "b\n", 2)
      close(writer)
    }
    #expect(items.next()?.path == "b")
    #expect(items.next() == nil)
  }

  @Test(
    "reads paths from a descriptor",
    arguments: [
      ("a\nb c\n\nd", false, ["a", "b c", "d"]), ("a\r\nb\r\n", false, ["a", "b"]),
      ("a\u{0}b\nc\u{0}", true, ["a", "b\nc"]), ("", false, []), ("\n\n", false, []),
      (String(repeating: "x", count: 200) + "\n", false, [String(repeating: "x", count: 200)]),
    ])
  func descriptor(text: String, isNullSeparated: Bool, expected: [String]) throws {
    try withTemporaryFolder { folder in
      try write(Array(text.utf8), to: "\(folder)/list")
      let file = try #require(FileHandle(forReadingAtPath: "\(folder)/list"))
      var list = InputList(["first"])
      list.listDescriptor = file.fileDescriptor
      list.isNullSeparated = isNullSeparated
      #expect(list.map(\.path.description) == ["first"] + expected)
    }
  }

  @Test(
    "reads a list in the encoding that it is marked with",
    arguments: [
      ([0xef, 0xbb, 0xbf, 0x61, 0x0a], ["a"]),
      ([0xff, 0xfe, 0xe9, 0, 0x0a, 0, 0x62, 0], ["é", "b"]),
      ([0xfe, 0xff, 0, 0x61, 0, 0x0d, 0, 0x0a, 0xd8, 0x3d, 0xde, 0x00], ["a", "\u{1f600}"]),
      ([0xef, 0xbb, 0xbf], []), ([0xff, 0xfe], []),
    ] as [([UInt8], [String])])
  func encodings(bytes: [UInt8], expected: [String]) throws {
    // As it comes at once, and byte by byte.
    var text = ListText(isNullSeparated: false)
    var found = try bytes.flatMap { byte in try text.decode([byte]) }
    found += try text.decode([])
    #expect(
      String(decoding: found, as: UTF8.self).split { $0.isNewline }.map(String.init) == expected)
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/list")
      let file = try #require(FileHandle(forReadingAtPath: "\(folder)/list"))
      var list = InputList([])
      list.listDescriptor = file.fileDescriptor
      #expect(list.map(\.path.description) == expected)
    }
  }

  @Test("keeps bytes that are no text")
  func bytes() throws {
    try withTemporaryFolder { folder in
      try write([0x61, 0xff, 0x0a], to: "\(folder)/list")
      let file = try #require(FileHandle(forReadingAtPath: "\(folder)/list"))
      var list = InputList([])
      list.listDescriptor = file.fileDescriptor
      #expect(list.map(\.path) == [PathBytes([0x61, 0xff])])
    }
  }
}
