/// Some of a store's rows, a bit for each.
public struct RowSet: Hashable, Sendable {
  private var words: [UInt64] = []

  /// Makes a set of rows, which are counted from 0; negative numbers are left out.
  public init(_ rows: some Sequence<Int> = []) {
    for row in rows { insert(row) }
  }

  /// Adds a row; does nothing for a negative number.
  public mutating func insert(_ row: Int) {
    guard row >= 0 else { return }
    let word = row / 64
    if word >= words.count {
      words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
    }
    words[word] |= 1 << UInt64(row % 64)
  }

  /// Whether a row is in the set.
  public func contains(_ row: Int) -> Bool {
    let word = row / 64
    return row >= 0 && word < words.count && words[word] & 1 << UInt64(row % 64) != 0
  }

  /// Whether any of some rows is in the set.
  func containsAny(of rows: Range<Int>) -> Bool { rows.contains(where: contains) }
}
