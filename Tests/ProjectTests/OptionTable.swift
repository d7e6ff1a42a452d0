import Foundation

/// The tables of `docs/options.md`.
struct OptionTable {
  /// A section's rows, each a cell's names by the title of its column.
  typealias Row = [String: [String]]

  let rows: [Row]

  /// Reads the table under a title.
  init(_ title: String) throws {
    let page = try String(
      contentsOf: SnippetTests.root.appending(path: "docs/options.md"), encoding: .utf8)
    let section = page.components(separatedBy: "\n## \(title)\n").last ?? ""
    let lines = (section.components(separatedBy: "\n## ").first ?? "").split(separator: "\n")
      .filter { $0.hasPrefix("|") }.map(Self.cells)
    guard let titles = lines.first else {
      rows = []
      return
    }
    rows = lines.dropFirst(2).map { cells in
      Dictionary(zip(titles, cells)) { first, _ in first }.mapValues { cell in
        cell.matches(of: /`([^`]+)`/).map { String($0.1) }
      }
    }
  }

  private static func cells(_ line: some StringProtocol) -> [String] {
    line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// All names in a column.
  subscript(column: String) -> Set<String> {
    Set(rows.flatMap { $0[column] ?? [] })
  }
}
