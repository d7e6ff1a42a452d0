import DuplicateFinding
import EmbeddingStore
import ImageEmbedding

/// What was found of duplicates, for people: groups, what is unsure, and what it comes to.
struct DuplicateTable {
  let report: DuplicateReport

  /// What is in the first line of every table.
  static let beginnings = [
    " pictures: the same ", " pictures: copies", " pictures: similar ",
    "Unsure, for you to look at:",
    "Flat, with nothing to be seen on them:", " duplicates in ",
  ]

  func write(to output: OutputStream) throws {
    for group in report.groups {
      try output.write("\(title(of: group))\n")
      for member in group.members {
        let mark = group.tier.isDuplicate && member == group.keep ? "keep" : "    "
        try output.write("  \(mark)  \(description(of: member))\n")
      }
      if group.tier.isDuplicate { try output.write("        (\(group.reason))\n") }
      try output.write("\n")
    }
    let unsure = report.pairs.filter { $0.tier == .unsure }
    if !unsure.isEmpty { try output.write("Unsure, for you to look at:\n") }
    for pair in unsure {
      try output.write(
        "  \(description(of: pair.a))\n  \(description(of: pair.b))\n        (\(pair.reason))\n\n")
    }
    try writeNumbers(report.flat, "Flat, with nothing to be seen on them:", to: output)
    try output.write("\(summary)\n")
  }

  private func writeNumbers(
    _ numbers: [Int], _ title: String, to output: OutputStream
  ) throws {
    guard !numbers.isEmpty else { return }
    try output.write("\(title)\n")
    for number in numbers { try output.write("  \(description(of: number))\n") }
    try output.write("\n")
  }

  private func title(of group: DuplicateReport.Group) -> String {
    let kind =
      switch group.tier {
      case .bytes: "the same bytes"
      case .pixels: "the same pixels"
      case .copies: "copies"
      case .unsure, .similar: "similar pictures, no duplicates"
      }
    return "\(group.number). \(group.members.count) pictures: \(kind)"
  }

  private func description(of number: Int) -> String {
    let picture = report.pictures[number]
    var parts: [String] = []
    if picture.width > 0 { parts.append("\(picture.width) x \(picture.height)") }
    if let format = picture.format { parts.append(format.rawValue) }
    if let byteCount = picture.stamp?.byteCount { parts.append(Self.size(byteCount)) }
    let path = quoted(picture.path.description)
    return parts.isEmpty ? path : "\(path) (\(parts.joined(separator: ", ")))"
  }

  private static func size(_ byteCount: Int) -> String {
    switch byteCount {
    case ..<1000: "\(byteCount) B"
    case ..<1_000_000: "\(fixed(Double(byteCount) / 1e3, decimals: 1)) kB"
    case ..<1_000_000_000: "\(fixed(Double(byteCount) / 1e6, decimals: 1)) MB"
    default: "\(fixed(Double(byteCount) / 1e9, decimals: 1)) GB"
    }
  }

  private var summary: String {
    let duplicates = report.groups.filter(\.tier.isDuplicate)
    let spare = duplicates.flatMap { group in group.members.filter { $0 != group.keep } }
    let byteCount = spare.reduce(0) { $0 + (report.pictures[$1].stamp?.byteCount ?? 0) }
    return "\(report.pictures.count) pictures: \(spare.count) duplicates in \(duplicates.count)"
      + " groups, \(Self.size(byteCount)); \(report.groups.count - duplicates.count) groups of"
      + " similar pictures"
  }
}
