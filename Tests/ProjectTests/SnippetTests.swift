import Foundation
import Testing

/// Every Swift sample of the documentation is part of a snippet, and snippets are compiled with the
/// package.
@Suite("Code samples in the documentation")
struct SnippetTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let documents = [
    "README.md", "docs/accelerators.md", "docs/batch.md", "docs/duplicates.md", "docs/search.md",
    "Sources/ImageEmbedding/ImageEmbedding.docc/ImageEmbedding.md",
  ]

  @Test("are slices of snippets", arguments: documents)
  func samplesAreSnippets(document: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: document), encoding: .utf8)
    let samples = Self.blocks(of: "swift", in: text)
    try #require(!samples.isEmpty)
    let folder = Self.root.appending(path: "Snippets")
    let snippets = try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
      try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
    }
    for sample in samples {
      #expect(snippets.contains { $0.contains(sample) }, "no snippet contains:\n\(sample)")
    }
  }

  /// The content of the fenced blocks of one language.
  static func blocks(of language: String, in markdown: String) -> [String] {
    markdown.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }
}
