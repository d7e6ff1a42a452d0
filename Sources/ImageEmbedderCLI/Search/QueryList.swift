import EmbedderBatchInputs
import ImageEmbedding

/// Queries from the standard input, in groups.
struct QueryList {
  private var paths: PathList
  /// As many as share one pass over the vectors.
  private static let mostInGroup = 64

  init(isNullSeparated: Bool) {
    paths = PathList(descriptor: 0, isNullSeparated: isNullSeparated)
  }

  /// The next queries: one that is waited for, and those that are there already.
  ///
  /// - Returns: The queries, none at the end.
  /// - Throws: ``Failure`` where the list cannot be read to its end.
  mutating func next() throws -> [SearchQuery] {
    var group: [SearchQuery] = []
    // Who asks for one picture after another waits for this one's answers before the next.
    while group.count < Self.mostInGroup, group.isEmpty || paths.isNextAtHand {
      guard let path = paths.next() else { break }
      group.append(SearchQuery(path))
    }
    if group.isEmpty, let error = paths.error { throw Failure("\(error)") }
    return group
  }
}
