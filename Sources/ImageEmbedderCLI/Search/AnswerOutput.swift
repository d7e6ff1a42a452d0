import EmbedderStorage
import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

/// Prints the answers of queries, as they come.
struct AnswerOutput {
  /// How answers are printed.
  enum Style {
    /// Cosine and path, for people.
    case table
    /// A JSON object an answer.
    case json
    /// The paths alone, each with an end behind it.
    case paths(end: UInt8)
  }

  let style: Style
  /// Whether there may be several queries, which are then named in the table.
  let isOfMany: Bool
  private let output = OutputStream.standardOutput
  private var hasTable = false

  init(_ style: Style, isOfMany: Bool) {
    self.style = style
    self.isOfMany = isOfMany
  }

  mutating func write(_ pictures: [FoundPicture], of query: SearchQuery) throws {
    switch style {
    case .table: try output.write(table(pictures, of: query))
    case .json:
      for picture in pictures { try output.write("\(json(picture, of: query))\n") }
    case .paths(let end):
      for picture in pictures { try output.write(picture.row.path.bytes + [end]) }
    }
  }

  /// Writes why there are no answers to one query of many.
  mutating func write(_ failure: Failure, of query: SearchQuery) throws {
    guard case .json = style else { return }
    let object = JSONValue.object(
      query.members + [("status", .string("failed")), ("error_message", .string("\(failure)"))])
    try output.write("\(object)\n")
  }

  /// Hands everything to the system.
  func flush() throws { try output.flush() }

  private mutating func table(_ pictures: [FoundPicture], of query: SearchQuery) -> String {
    var text = ""
    if isOfMany {
      text += (hasTable ? "\n" : "") + onOneLine(query.name) + "\n"
      hasTable = true
    }
    for picture in pictures {
      let cosine = fixed(picture.answer.cosine, decimals: 6)
      text += String(repeating: " ", count: max(0, 9 - cosine.utf8.count)) + cosine + "  "
      text += onOneLine(picture.row.path.description)
      text += picture.warnings.map { "  (\($0))" }.joined() + "\n"
    }
    return text
  }

  private func json(_ picture: FoundPicture, of query: SearchQuery) -> JSONValue {
    var members =
      query.members + [("rank", .integer(picture.rank))] + pathMembers(picture.row.path) + [
        ("row", .integer(picture.answer.row)), ("cosine", .number(picture.answer.cosine)),
      ]
    if !picture.warnings.isEmpty {
      members.append(("warnings", .array(picture.warnings.map(JSONValue.string))))
    }
    return .object(members)
  }
}

/// Text as it is, or quoted where it would do more on a terminal than be seen.
private func onOneLine(_ text: String) -> String {
  text.unicodeScalars.contains(where: \.isHiddenInText) ? quoted(text) : text
}
