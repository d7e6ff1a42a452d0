import BatchEmbedding
import ImageEmbedding

/// What earlier runs of a folder have done, so that no image is embedded twice.
///
/// Paths are kept as 128-bit hashes: a million of them take some 40 MB.
struct EarlierWork {
  /// How often each path has been dealt with; one that was given twice has two rows.
  private var counts: [SIMD2<Int>: Int32] = [:]
  /// The same of the folder's other shards: an image is theirs although its number is this shard's where
  /// inputs were added since.
  private var countsOfOthers: [SIMD2<Int>: Int32] = [:]
  /// The rows of complete parts.
  private(set) var embeddedCount = 0
  /// The lines of the log of failures.
  private(set) var failedCount = 0

  /// Whether there is none.
  var isEmpty: Bool { embeddedCount + failedCount == 0 }

  /// Nothing.
  init() {}

  /// Reads what is there, and clears away what is not whole.
  ///
  /// - Parameters:
  ///   - folder: The folder, locked.
  ///   - dimensions: Each head's number of components.
  ///   - type: How they are stored.
  ///   - retriesFailures: Whether images that failed are to be tried again.
  /// - Throws: ``Failure`` when something cannot be read.
  init(
    in folder: EmbeddingFolder, dimensions: [Int], type: ComponentType, retriesFailures: Bool
  ) throws {
    try folder.removeUnfinished(headCount: dimensions.count)
    for part in try folder.completeParts() {
      let paths = try Self.lines(of: folder.metadata(part: part))
        .map { JSONValue(parsing: $0).flatMap(path(in:)) }
      let rowCount = paths.count
      let isSound = dimensions.enumerated().allSatisfy { head, dimension in
        let byteCount = NPYFile.headerByteCount + rowCount * dimension * type.byteCount
        return fileSize(folder.array(part: part, head: head)) == byteCount
      }
      guard isSound, !paths.contains(nil) else {
        report("part \(part) of \(quoted(folder.path)) is damaged; it is made again")
        folder.remove(part: part, headCount: dimensions.count)
        continue
      }
      for case let path? in paths { counts[Self.key(path), default: 0] += 1 }
      embeddedCount += rowCount
    }
    for file in try folder.recordsOfOtherShards() {
      for path in try Self.lines(of: file).compactMap({ JSONValue(parsing: $0).flatMap(path(in:)) })
      {
        countsOfOthers[Self.key(path), default: 0] += 1
      }
    }
    if retriesFailures {
      try truncateFile(folder.failures, to: 0)
    } else {
      try readFailures(folder.failures)
    }
  }

  /// Whether the path has been dealt with; each time counts once.
  mutating func takesBack(_ path: PathBytes) -> Bool {
    guard !isEmpty || !countsOfOthers.isEmpty else { return false }
    let key = Self.key(path)
    return Self.takeBack(key, from: &counts) || Self.takeBack(key, from: &countsOfOthers)
  }

  /// Passes over an input of another shard, which has dealt with it or will.
  mutating func passes(_ path: PathBytes) {
    guard !countsOfOthers.isEmpty else { return }
    _ = Self.takeBack(Self.key(path), from: &countsOfOthers)
  }

  private static func takeBack(_ key: SIMD2<Int>, from counts: inout [SIMD2<Int>: Int32]) -> Bool {
    guard let count = counts[key] else { return false }
    counts[key] = count > 1 ? count - 1 : nil
    return true
  }

  /// Reads the log, whose last line may be torn: it is cut off.
  private mutating func readFailures(_ path: String) throws {
    var soundByteCount = 0
    for line in try Self.lines(of: path) {
      guard let failed = JSONValue(parsing: line).flatMap(path(in:)) else { break }
      counts[Self.key(failed), default: 0] += 1
      failedCount += 1
      soundByteCount += line.count + 1
    }
    try truncateFile(path, to: soundByteCount)
  }

  private static func key(_ path: PathBytes) -> SIMD2<Int> {
    var (first, second) = (Hasher(), Hasher())
    first.combine(path)
    second.combine(1)
    second.combine(path)
    return SIMD2(first.finalize(), second.finalize())
  }

  /// The whole lines of a file; none where there is no file.
  private static func lines(of path: String) throws -> [ArraySlice<UInt8>] {
    guard let bytes = try contents(of: path), let end = bytes.lastIndex(of: 0x0a) else { return [] }
    return bytes[..<end].split(separator: 0x0a, omittingEmptySubsequences: false)
  }
}
