import Foundation
import Testing

/// The rules of the house that a compiler does not check.
@Suite("The rooms")
struct RoomTests {
  static let sources = SnippetTests.root.appending(path: "Sources")

  static let rooms: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()) ?? []

  @Test("import no Foundation", arguments: rooms)
  func noFoundation(room: String) throws {
    for file in try Self.files(in: room, endingIn: ".swift") {
      let text = try String(contentsOf: file, encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains("import Foundation") {
        Issue.record("\(file.lastPathComponent): \(line)")
      }
    }
  }

  @Test("have a row each in the README", arguments: rooms)
  func isInTheReadme(room: String) throws {
    let readme = try String(
      contentsOf: SnippetTests.root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains("`\(room)`"))
  }

  static func files(in room: String, endingIn suffix: String) throws -> [URL] {
    let folder = sources.appending(path: room)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(suffix) }.map { folder.appending(path: $0) }
  }
}
