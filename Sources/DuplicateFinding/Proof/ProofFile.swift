import EmbedderPlatform
import EmbedderStorage

/// The derived file of proofs: a header, and records in the order of their keys.
///
/// A record's key is made of what the two pictures look like, so that it holds for whatever files show them,
/// and none is ever out of date. The header holds the checksum of all records; a file that does not fit it,
/// or whose proofs were made by other rules, is as if it were not there.
struct ProofFile: Sendable {
  /// What comes first in such a file.
  static let magic = Array("IEPROOF\n".utf8)
  static let headerByteCount = 64
  /// The number of the rules by which pictures are compared: another one for whatever changes a proof.
  static let version = 1
  /// The most records that are kept, 160 MB of them.
  static let mostRecords = 2_000_000

  /// The number of records.
  let count: Int
  private let table: [UInt8]

  /// Reads a file; `nil` where there is none that is whole, ours and made by the same rules.
  init?(_ path: PathBytes) {
    guard let descriptor = DerivedFile.open(path) else { return nil }
    defer { close(descriptor) }
    guard let byteCount = DerivedFile.byteCount(of: descriptor),
      let header = DerivedFile.bytes(of: descriptor, at: 0, count: Self.headerByteCount),
      header.starts(with: Self.magic)
    else { return nil }
    count = Int(littleEndian(header, 16, 6))
    guard count <= Self.mostRecords,
      byteCount == Self.headerByteCount + count * ProofRecord.byteCount,
      let table = DerivedFile.bytes(
        of: descriptor, at: Self.headerByteCount, count: count * ProofRecord.byteCount),
      header == Self.header(count: count, table: table)
    else { return nil }
    self.table = table
    for place in 0..<count {
      guard record(at: place) != nil, place == 0 || key(at: place - 1) < key(at: place) else {
        return nil
      }
    }
  }

  /// The header of a file with such a table.
  static func header(count: Int, table: [UInt8]) -> [UInt8] {
    var bytes = magic
    func add(_ value: UInt64, _ count: Int) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    add(UInt64(version), 4)
    add(UInt64(ProofRecord.byteCount), 4)
    add(UInt64(count), 8)
    let digest = StoredDigest(of: table)
    for word in 0..<4 { add(digest.words[word], 8) }
    return bytes + [UInt8](repeating: 0, count: headerByteCount - bytes.count)
  }

  /// The key of a record.
  func key(at place: Int) -> ProofRecord.Key {
    ProofRecord.key(table, at: place * ProofRecord.byteCount)
  }

  /// A record; all were looked at when the file was read.
  func record(at place: Int) -> ProofRecord? {
    ProofRecord(table, at: place * ProofRecord.byteCount)
  }

  /// The bytes of a record.
  func bytes(at place: Int) -> ArraySlice<UInt8> {
    table[place * ProofRecord.byteCount..<(place + 1) * ProofRecord.byteCount]
  }

  /// Where the record of a key is, if there is one.
  func place(of key: ProofRecord.Key) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self.key(at: middle) < key { low = middle + 1 } else { high = middle }
    }
    return low < count && self.key(at: low) == key ? low : nil
  }

  /// Writes a file, which appears whole or not at all.
  ///
  /// - Parameters:
  ///   - table: The bytes of its records, in the order of their keys.
  ///   - path: The file. One that is there is replaced only if it is ours.
  /// - Throws: ``DuplicateError`` where it cannot be written.
  static func write(_ table: [UInt8], to path: PathBytes) throws(DuplicateError) {
    let file = try DerivedFile.pending(path, magic: magic)
    let header = header(count: table.count / ProofRecord.byteCount, table: table)
    do throws(FileError) {
      try unsafe file.write(header.span.bytes, at: 0)
      try unsafe file.write(table.span.bytes, at: headerByteCount)
      try file.finish()
    } catch {
      throw .file(error)
    }
  }
}
