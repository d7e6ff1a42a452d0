package import EmbedderStorage

/// The images that a store has dealt with, by their absolute paths.
///
/// Paths are kept as 128-bit hashes in a sorted array: a million take 24 MB.
package struct KnownImages: Sendable {
  private struct Entry {
    let high: UInt64
    let low: UInt64
    /// A hash of the file's stamp, 0 where it is not known.
    let stamp: UInt64

    func precedes(_ other: Entry) -> Bool {
      (high, low) < (other.high, other.low)
    }
  }

  private var entries: [Entry] = []

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }

  mutating func reserve(_ count: Int) {
    entries.reserveCapacity(count)
  }

  /// Notes an image; ``sort()`` makes it findable.
  package mutating func add(_ path: PathBytes, _ stamp: FileStamp?) {
    let (high, low) = Self.key(path)
    entries.append(Entry(high: high, low: low, stamp: Self.hash(stamp)))
  }

  package mutating func sort() {
    entries.sort { $0.precedes($1) }
  }

  /// What is known of an image.
  package enum Knowledge: Sendable {
    case unknown
    /// Dealt with, and the file is as it was, as far as anybody knows.
    case unchanged
    /// Dealt with, and the file has changed since.
    case changed
  }

  /// Looks an image up.
  package func knowledge(of path: PathBytes, _ stamp: FileStamp?) -> Knowledge {
    let (high, low) = Self.key(path)
    let sought = Entry(high: high, low: low, stamp: 0)
    var (start, end) = (0, entries.count)
    while start < end {
      let middle = (start + end) / 2
      if entries[middle].precedes(sought) { start = middle + 1 } else { end = middle }
    }
    guard start < entries.count, entries[start].high == high, entries[start].low == low else {
      return .unknown
    }
    let hash = Self.hash(stamp)
    guard hash != 0 else { return .unchanged }
    while start < entries.count, entries[start].high == high, entries[start].low == low {
      if entries[start].stamp == hash || entries[start].stamp == 0 { return .unchanged }
      start += 1
    }
    return .changed
  }

  private static func key(_ path: PathBytes) -> (UInt64, UInt64) {
    var (first, second) = (Hasher(), Hasher())
    first.combine(path)
    second.combine(1)
    second.combine(path)
    return (
      UInt64(bitPattern: Int64(first.finalize())), UInt64(bitPattern: Int64(second.finalize()))
    )
  }

  private static func hash(_ stamp: FileStamp?) -> UInt64 {
    guard let stamp else { return 0 }
    var hasher = Hasher()
    hasher.combine(stamp)
    return max(1, UInt64(bitPattern: Int64(hasher.finalize())))
  }
}
