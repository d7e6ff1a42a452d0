package import EmbedderEmbeddings
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
  /// - Parameters:
  ///   - rows: The rows, in ascending order.
  ///   - head: The head.
  ///   - body: Told the place in `rows`, and the vector.
  /// - Throws: ``StoreError`` where a part was damaged meanwhile.
  package func forEachVector(
    at rows: [Int], head: Int, _ body: (_ place: Int, FeatureVector) -> Void
  ) throws(StoreError) {
    var place = 0
    var part = 0
    while place < rows.count {
      while rows[place] >= start(ofPart: part + 1) { part += 1 }
      let end = start(ofPart: part + 1)
      let first = start(ofPart: part)
      let reader = parts[part]
      let file = try reader.array(head: head)
      while place < rows.count, rows[place] < end {
        let row = rows[place] - first
        let bytes = try reader.rows(row..<row + 1, head: head, of: file)
        body(place, type.vector(from: bytes[...]))
        place += 1
      }
    }
  }
}
