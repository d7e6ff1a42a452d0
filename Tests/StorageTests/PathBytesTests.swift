import EmbedderStorage
import Testing

@Suite("A path")
struct PathBytesTests {
  @Test(
    "is written for people with every byte that is no text escaped",
    arguments: [
      (Array("a/b.jpg".utf8), "a/b.jpg"), ([0x61, 0xff, 0x62], #"a\xffb"#),
      ([0xc3, 0xa9, 0xc3], #"é\xc3"#), ([0x80], #"\x80"#), ([], ""),
      ([0xf0, 0x9f, 0x98, 0x80, 0xfe], #"😀\xfe"#), ([0xed, 0xa0, 0x80], #"\xed\xa0\x80"#),
    ])
  func description(bytes: [UInt8], text: String) {
    #expect(PathBytes(bytes).description == text)
  }

  @Test("is text only where its bytes are", arguments: [([0x61], "a"), ([0xff], nil)])
  func text(bytes: [UInt8], text: String?) {
    #expect(PathBytes(bytes).text == text)
  }

  @Test(
    "has a name behind the last slash",
    arguments: [("a/b/c", "c"), ("c", "c"), ("/c", "c"), ("a/", ""), ("", "")])
  func name(path: String, name: String) {
    #expect(PathBytes(path).name == PathBytes(name))
  }

  @Test(
    "takes a name with one slash between", arguments: [("a", "a/b"), ("a/", "a/b"), ("/", "/b")])
  func appending(path: String, result: String) {
    #expect(PathBytes(path).appending("b") == PathBytes(result))
  }

  @Test("is ordered by its bytes")
  func order() {
    let paths = [[0xff], [0x5a], [0x61], [0x61, 0x00], [0xc3, 0xa9]].map { PathBytes($0) }
    #expect(
      paths.sorted()
        == [[0x5a], [0x61], [0x61, 0x00], [0xc3, 0xa9], [0xff]].map { PathBytes($0) })
  }
}
