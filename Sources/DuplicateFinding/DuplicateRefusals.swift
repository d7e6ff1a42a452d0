public import EmbedderStorage
import EmbeddingStore

/// Pairs of pictures that somebody has looked at and that are no duplicates.
public struct DuplicateRefusals: Hashable, Sendable {
  private struct Pair: Hashable {
    let first: PathBytes
    let second: PathBytes
  }

  private var pairs: Set<Pair> = []

  /// Makes an empty list.
  public init() {}

  /// Reads a list of JSON Lines.
  ///
  /// Each is an object with `a` and `b` as a pair in the output has them, or with `members`, of which then no
  /// two are duplicates. Lines of one picture alone say nothing.
  ///
  /// - Parameter path: The file; relative paths in it belong to the working directory.
  /// - Throws: ``DuplicateError`` for a file that cannot be read, and for a line that names no pictures.
  public init(contentsOf path: PathBytes) throws(DuplicateError) {
    let bytes: [UInt8]
    do throws(FileError) {
      let file = try readFile(at: path, limit: 1 << 30)
      bytes = unsafe file.bytes.withUnsafeBytes { unsafe Array($0) }
    } catch {
      // An empty list is one.
      if case .empty = error { return }
      throw .file(error)
    }
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
      guard let object = JSONValue(parsing: line), let paths = Self.paths(in: object) else {
        throw .unreadableRefusal(path: path.description, line: number + 1)
      }
      for (index, first) in paths.enumerated() {
        for second in paths[(index + 1)...] { insert(first, second) }
      }
    }
  }

  private static func paths(in object: JSONValue) -> [PathBytes]? {
    if let first = EmbedderStorage.path(in: object, name: "a"),
      let second = EmbedderStorage.path(in: object, name: "b")
    {
      return [first, second]
    }
    guard let members = object["members"]?.elements else {
      // Of one picture alone: that it is flat, or was not compared.
      return EmbedderStorage.path(in: object, name: "path") == nil ? nil : []
    }
    let paths = members.compactMap { member in
      member.text.map { PathBytes($0) } ?? EmbedderStorage.path(in: member)
    }
    return paths.count == members.count ? paths : nil
  }

  /// Adds a pair, in whatever order.
  public mutating func insert(_ first: PathBytes, _ second: PathBytes) {
    pairs.insert(Self.pair(first, second))
  }

  /// Adds the pairs of another list.
  public mutating func formUnion(_ other: DuplicateRefusals) {
    pairs.formUnion(other.pairs)
  }

  /// Whether a pair is in the list, in whatever order.
  public func contains(_ first: PathBytes, _ second: PathBytes) -> Bool {
    !pairs.isEmpty && pairs.contains(Self.pair(first, second))
  }

  /// The pairs, by absolute paths.
  var paths: [(PathBytes, PathBytes)] { pairs.map { ($0.first, $0.second) } }

  /// Whether there are no pairs.
  public var isEmpty: Bool { pairs.isEmpty }

  private static func pair(_ first: PathBytes, _ second: PathBytes) -> Pair {
    let paths = [first, second].map { $0.absolute(in: .currentFolder) }.sorted()
    return Pair(first: paths[0], second: paths[1])
  }
}
