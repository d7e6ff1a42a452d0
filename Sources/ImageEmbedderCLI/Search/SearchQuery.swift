import EmbedderStorage
import ImageEmbedding

/// What is looked for: a picture, or a weighted sum of several.
struct SearchQuery {
  /// A picture and how much of it is in the sum.
  struct Term {
    let path: PathBytes
    let weight: Double
  }

  let terms: [Term]

  init(_ terms: [Term]) {
    self.terms = terms
  }

  init(_ path: PathBytes) {
    terms = [Term(path: path, weight: 1)]
  }

  /// The path of a query that is one picture as it is.
  var onlyPath: PathBytes? {
    terms.count == 1 && terms[0].weight == 1 ? terms[0].path : nil
  }

  /// The query in one line: the path, or a sum such as `a.jpg + 0.5 * b.jpg - c.jpg`.
  var name: String { text(\.description) }

  /// The same with the names of the files alone.
  var shortName: String { text(\.name.description) }

  private func text(_ description: (PathBytes) -> String) -> String {
    if let onlyPath { return description(onlyPath) }
    var text = ""
    for (number, term) in terms.enumerated() {
      let sign = term.weight < 0 ? "-" : "+"
      if number > 0 { text += " \(sign) " } else if sign == "-" { text += "-" }
      let size = abs(term.weight)
      text += (size == 1 ? "" : "\(Self.text(ofWeight: size)) * ") + description(term.path)
    }
    return text
  }

  /// A weight without a decimal that says nothing.
  static func text(ofWeight weight: Double) -> String {
    let text = "\(weight)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The members of a JSON object that name the query.
  var members: [(String, JSONValue)] {
    if let onlyPath { return pathMembers(onlyPath, name: "query") }
    return [("query", .string(name))]
  }
}
