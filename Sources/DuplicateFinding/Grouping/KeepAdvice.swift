import EmbedderStorage
import EmbeddingStore

/// Which picture of a group is best kept, and why.
struct KeepAdvice {
  private let preferredFolders: [PathBytes]

  init(preferring folders: [PathBytes]) {
    preferredFolders = folders.map { $0.absolute(in: .currentFolder) }
  }

  /// The best of some pictures, and what puts it before the others.
  func choose(
    _ members: [Int], among pictures: [ComparedPicture]
  ) -> (keep: Int, reason: String) {
    var best = members[0]
    for other in members.dropFirst()
    where firstDifference(pictures[other], pictures[best])?.prefersFirst ?? false {
      best = other
    }
    let decisive = Set(
      members.filter { $0 != best }.compactMap {
        firstDifference(pictures[best], pictures[$0])?.criterion
      })
    let reasons = decisive.sorted().map { $0 == 0 ? Self.preference : Self.criteria[$0 - 1].reason }
    return (best, reasons.joined(separator: ", "))
  }

  /// The first criterion in which two pictures differ, 0 for the folders; `nil` for one and the same path.
  private func firstDifference(
    _ first: ComparedPicture, _ second: ComparedPicture
  ) -> (criterion: Int, prefersFirst: Bool)? {
    let (rank, otherRank) = (rank(of: first), rank(of: second))
    if rank != otherRank { return (0, rank < otherRank) }
    for (number, criterion) in Self.criteria.enumerated() {
      if let prefersFirst = criterion.prefers(first, second) { return (number + 1, prefersFirst) }
    }
    return nil
  }

  private func rank(of picture: ComparedPicture) -> Int {
    preferredFolders.firstIndex { picture.absolutePath.isWithin($0) } ?? preferredFolders.count
  }

  private struct Criterion: Sendable {
    let reason: String
    /// Whether the first picture is better, or `nil` where this does not tell.
    let prefers: @Sendable (ComparedPicture, ComparedPicture) -> Bool?
  }

  private static let preference = "it is in a preferred folder"

  private static let criteria: [Criterion] = [
    Criterion(reason: "it has more pixels") {
      larger($0.width * $0.height, $1.width * $1.height)
    },
    Criterion(reason: "it is in colour") { $0.isGray == $1.isGray ? nil : $1.isGray },
    Criterion(reason: "its format keeps every pixel") {
      let (first, second) = ($0.isLossless ?? false, $1.isLossless ?? false)
      return first == second ? nil : first
    },
    Criterion(reason: "it has more bytes") {
      larger($0.stamp?.byteCount ?? 0, $1.stamp?.byteCount ?? 0)
    },
    Criterion(reason: "it is older") {
      larger($1.stamp?.modified ?? .max, $0.stamp?.modified ?? .max)
    },
    Criterion(reason: "its path comes first") {
      $0.absolutePath == $1.absolutePath ? nil : $0.absolutePath < $1.absolutePath
    },
  ]

  private static func larger(_ first: Int, _ second: Int) -> Bool? {
    first == second ? nil : first > second
  }
}
