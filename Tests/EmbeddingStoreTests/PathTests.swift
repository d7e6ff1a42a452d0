import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

@Suite("The path by which an image is known")
struct PathTests {
  @Test(
    "is absolute, without dots and doubled slashes",
    arguments: [
      ("a.png", "/x/y/a.png"), ("./a.png", "/x/y/a.png"), ("b//a.png", "/x/y/b/a.png"),
      ("b/./../a.png", "/x/y/a.png"), ("../a.png", "/x/a.png"), ("../../../a.png", "/a.png"),
      ("/a//b/", "/a/b"), ("/", "/"), ("..a/.b", "/x/y/..a/.b"), ("", "/x/y"),
    ])
  func spelling(path: String, expected: String) {
    #expect(PathBytes(path).absolute(in: "/x/y") == PathBytes(expected))
  }

  @Test("follows a link before .. as the system does")
  func links() throws {
    try withTemporaryFolder { folder in
      let folder = URL(filePath: folder).resolvingSymlinksInPath().path
      try FileManager.default.createDirectory(
        atPath: "\(folder)/a/b", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "a/b")
      #expect(
        PathBytes("link/../c.png").absolute(in: PathBytes(folder)) == PathBytes("\(folder)/a/c.png")
      )
      #expect(
        PathBytes("link/c.png").absolute(in: PathBytes(folder)) == PathBytes("\(folder)/link/c.png")
      )
    }
  }

  @Test("lies within folders by whole names")
  func within() {
    #expect(PathBytes("/a/b/c").isWithin("/a/b"))
    #expect(PathBytes("/a/b").isWithin("/a/b"))
    #expect(PathBytes("/a/b").isWithin("/"))
    #expect(!PathBytes("/a/bc").isWithin("/a/b"))
    #expect(!PathBytes("/a").isWithin("/a/b"))
  }
}
