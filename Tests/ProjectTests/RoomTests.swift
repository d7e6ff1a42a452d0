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

  @Test("are all in docs/architecture.md", arguments: rooms)
  func isDescribed(room: String) throws {
    #expect(try Self.text("docs/architecture.md").contains("`\(room)`"))
  }

  @Test("use each other as docs/architecture.md draws it")
  func arrows() throws {
    let drawn = try Self.text("docs/architecture.md").matches(of: /(?m)^  (\w+) --> (\w+)$/).map {
      "\($0.1) --> \($0.2)"
    }
    let uses = try Self.uses()
    try #require(uses.count >= 15)
    let needed = uses.flatMap { room, others in
      others.filter { other in
        !others.contains { $0 != other && Self.reachable(from: $0, in: uses).contains(other) }
      }.map { "\(room) --> \($0)" }
    }
    #expect(drawn.sorted() == needed.sorted())
  }

  @Test("are not led to by links that lead nowhere", arguments: ["architecture.md", "options.md"])
  func links(page: String) throws {
    let docs = SnippetTests.root.appending(path: "docs")
    let links = try Self.text("docs/\(page)").matches(of: /\]\(([^)#:]+)/).map { String($0.1) }
    for link in links {
      let file = docs.appending(path: link).standardized
      #expect(FileManager.default.fileExists(atPath: file.path), "\(link)")
    }
  }

  // MARK: Reading

  static func text(_ path: String) throws -> String {
    try String(contentsOf: SnippetTests.root.appending(path: path), encoding: .utf8)
  }

  /// The rooms that each room in Swift uses, by their folders, as `Package.swift` has them.
  private static func uses() throws -> [String: Set<String>] {
    let targets = try text("Package.swift").matches(
      of: /\.(?:target|executableTarget)\(\s*name: "(\w+)"(.*?)(?=\n    [.\/]|\n  \])/
        .dotMatchesNewlines())
    var folders: [String: String] = [:]
    for target in targets where !target.1.hasPrefix("C") && !target.2.contains("Tests/") {
      let path = target.2.firstMatch(of: /path: "Sources\/(\w+)"/)
      folders[String(target.1)] = String(path?.1 ?? target.1)
    }
    var uses: [String: Set<String>] = [:]
    for target in targets {
      guard let folder = folders[String(target.1)] else { continue }
      let list = target.2.firstMatch(of: /dependencies: \[(.*?)\]/.dotMatchesNewlines())
      let names = (list?.1 ?? "").matches(of: /"(\w+)"/).compactMap { folders[String($0.1)] }
      uses[folder] = Set(names)
    }
    return uses
  }

  private static func reachable(
    from room: String, in uses: [String: Set<String>]
  ) -> Set<String> {
    (uses[room] ?? []).reduce(into: []) { found, next in
      found.insert(next)
      found.formUnion(reachable(from: next, in: uses))
    }
  }

  private static func files(in room: String, endingIn suffix: String) throws -> [URL] {
    let folder = sources.appending(path: room)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(suffix) }.map { folder.appending(path: $0) }
  }
}
