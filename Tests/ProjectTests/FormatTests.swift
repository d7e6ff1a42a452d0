import Foundation
import ImageEmbedding
import Testing

@Suite("The formats in docs/image-formats.md")
struct FormatTests {
  @Test("are those that are read, in their own words")
  func rows() throws {
    let page = try String(
      contentsOf: SnippetTests.root.appending(path: "docs/image-formats.md"), encoding: .utf8)
    let table = page.components(separatedBy: "| format | names end in | read is |\n|---|---|---|\n")
      .last?.components(separatedBy: "\n\n").first
    let expected = ImageFormat.allCases.map { format in
      let extensions = format.fileExtensions.map { "`.\($0)`" }.joined(separator: ", ")
      return "| \(format.rawValue) | \(extensions) | \(format.summary) |"
    }
    #expect(table?.components(separatedBy: "\n") == expected)
  }

  @Test("share no ending")
  func endings() {
    let extensions = ImageFormat.allCases.flatMap(\.fileExtensions)
    #expect(Set(extensions).count == extensions.count)
    #expect(extensions.allSatisfy { $0 == $0.lowercased() && !$0.contains(".") })
  }
}
