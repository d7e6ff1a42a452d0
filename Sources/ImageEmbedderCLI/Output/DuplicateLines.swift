import DuplicateFinding
import ImageEmbedding

/// What was found of duplicates, as JSON Lines: an object for each pair, each group, each flat picture and
/// each one that could not be compared.
struct DuplicateLines {
  let report: DuplicateReport

  func write(to output: OutputStream) throws {
    for pair in report.pairs { try write(members(of: pair), to: output) }
    for group in report.groups { try write(members(of: group), to: output) }
    for number in report.flat {
      try write(path(number) + [("tier", .string("flat"))], to: output)
    }
    for number in report.failed {
      let problem = report.pictures[number].problem ?? ""
      try write(
        path(number) + [("status", .string("failed")), ("error_message", .string(problem))],
        to: output)
    }
  }

  private func write(_ members: [(String, JSONValue)], to output: OutputStream) throws {
    try output.write("\(JSONValue.object(members))\n")
  }

  private func path(_ number: Int, name: String = "path") -> [(String, JSONValue)] {
    pathMembers(report.pictures[number].path, name: name)
  }

  private func members(of pair: DuplicateReport.Pair) -> [(String, JSONValue)] {
    path(pair.a, name: "a") + path(pair.b, name: "b") + [
      ("tier", .string(pair.tier.rawValue)),
      ("cosine", pair.cosine.map(JSONValue.number) ?? .null),
      ("correlation", pair.correlation.map(JSONValue.number) ?? .null),
      ("transform", .string(pair.transform?.description)),
      ("reason", .string(pair.reason)),
    ]
  }

  private func members(of group: DuplicateReport.Group) -> [(String, JSONValue)] {
    // A path that is no text stands in an object, with its bytes.
    let members = group.members.map { number in
      let members = path(number)
      return members.count > 1 ? JSONValue.object(members) : members[0].1
    }
    return [
      ("group", .integer(group.number)), ("tier", .string(group.tier.rawValue)),
      ("members", .array(members)),
    ] + path(group.keep, name: "keep") + [("reason", .string(group.reason))]
  }
}
