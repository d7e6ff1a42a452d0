/// Groups of which every two members belong together.
///
/// Links are taken in their order, and join the groups at their ends where every pair across them belongs
/// together. So a chain of links never brings together what does not belong together, and the same links
/// always give the same groups.
struct CompleteLinkage {
  private var group: [Int: Int] = [:]
  private var members: [Int: [Int]] = [:]

  /// Joins the groups of two items, if every pair across them belongs together.
  ///
  /// - Parameters:
  ///   - first: An item.
  ///   - second: Another item that belongs to it.
  ///   - belongs: Whether two items belong together, the smaller one first.
  /// - Throws: What `belongs` throws.
  mutating func link(
    _ first: Int, _ second: Int, where belongs: (Int, Int) throws(DuplicateError) -> Bool
  ) throws(DuplicateError) {
    let (a, b) = (group[first] ?? first, group[second] ?? second)
    guard a != b else { return }
    let (left, right) = (members[a] ?? [a], members[b] ?? [b])
    for x in left {
      for y in right where !(x == first && y == second) {
        guard try belongs(min(x, y), max(x, y)) else { return }
      }
    }
    for item in right { group[item] = a }
    group[first] = a
    members[a] = left + right
    members[b] = nil
  }

  /// The groups, each in order, by their first members.
  var groups: [[Int]] {
    members.values.map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }
}
