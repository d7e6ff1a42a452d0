package import EmbedderEmbeddings
import EmbedderPlatform
import EmbedderStorage

extension EmbeddingStore {
  /// What tells a part's array from every other.
  package struct PartIdentity: Hashable, Sendable {
    /// The number of rows.
    package let rowCount: Int
    /// The SHA-256 of the array's file.
    package let sha256: String

    package init(rowCount: Int, sha256: String) {
      self.rowCount = rowCount
      self.sha256 = sha256
    }
  }

  /// The parts in the order of their rows; `nil` for a store of 0.1.0, whose record has no checksums.
  package func partIdentities(head: Int) -> [PartIdentity]? {
    let parts = parts.map { reader in
      PartIdentity(rowCount: reader.part.rowCount, sha256: reader.part.arrays[head].sha256)
    }
    return parts.contains { $0.sha256 == StoreRecord.unknownDigest } ? nil : parts
  }

  /// The number of rows of each part.
  package var partRowCounts: [Int] { parts.map(\.part.rowCount) }

  /// Calls `body` with the vectors of some rows of a head, each part's file opened once.
  ///
  /// A row with the bytes of the one before comes as the same vector, whose memory it shares: comparing the
  /// two costs nothing.
  ///
  /// - Parameters:
  ///   - rows: The rows, in ascending order.
  ///   - head: The head.
  ///   - body: Told the place in `rows`, and the vector.
  /// - Throws: ``StoreError`` where a part was damaged meanwhile.
  package func forEachVector(
    at rows: [Int], head: Int, _ body: (_ place: Int, FeatureVector) -> Void
  ) throws(StoreError) {
    let size = heads[head].dimension * type.byteCount
    // Reading costs less for rows that follow each other.
    let most = max(1, (1 << 16) / max(1, size))
    var place = 0
    var part = 0
    while place < rows.count {
      while rows[place] >= start(ofPart: part + 1) { part += 1 }
      let end = start(ofPart: part + 1)
      let first = start(ofPart: part)
      let reader = parts[part]
      let file = try reader.array(head: head)
      var last: (bytes: ArraySlice<UInt8>, vector: FeatureVector)?
      while place < rows.count, rows[place] < end {
        var count = 1
        while count < most, place + count < rows.count, rows[place + count] == rows[place] + count,
          rows[place + count] < end
        { count += 1 }
        let row = rows[place] - first
        let bytes = try reader.rows(row..<row + count, head: head, of: file)
        for number in 0..<count {
          let bytes = bytes[number * size..<(number + 1) * size]
          let vector =
            if let last, areEqual(last.bytes, bytes) { last.vector } else {
              type.vector(from: bytes)
            }
          last = (bytes, vector)
          body(place + number, vector)
        }
        place += count
      }
    }
  }
}

private func areEqual(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Bool {
  guard first.count == second.count else { return false }
  return unsafe first.withUnsafeBytes { first in
    unsafe second.withUnsafeBytes { second in
      guard let start = first.baseAddress, let other = second.baseAddress else { return true }
      return unsafe memcmp(start, other, second.count) == 0
    }
  }
}
