import EmbedderPlatform
import EmbedderStorage

/// The derived file of small pictures: a header, the small pictures, and a table of what is known of each.
///
/// Pictures are found by their path, size and time of change, so that a row that moves in its store keeps
/// its own. The header holds the table's checksum, the table that of every picture; a file that does not
/// fit either is as if it were not there. A file that somebody cuts meanwhile is an error of that read.
final class PictureFile: Sendable {
  /// What comes first in such a file.
  static let magic = Array("IELUMA1\n".utf8)
  static let headerByteCount = 64

  let records: [PictureRecord]
  private let places: [SIMD2<UInt64>: Int]
  private let descriptor: CInt

  /// Opens a file; `nil` where there is none that is whole, ours and made in the same way.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - settings: How its pictures were decoded, in a number.
  init?(_ path: PathBytes, settings: UInt32) {
    guard let descriptor = DerivedFile.open(path) else { return nil }
    guard let records = Self.records(descriptor, settings) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.records = records
    places = Dictionary(
      records.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { $1 })
  }

  deinit {
    close(descriptor)
  }

  private static func records(_ descriptor: CInt, _ settings: UInt32) -> [PictureRecord]? {
    guard let byteCount = DerivedFile.byteCount(of: descriptor),
      let header = DerivedFile.bytes(of: descriptor, at: 0, count: headerByteCount),
      header.starts(with: magic), littleEndian(header, 8, 4) == UInt64(settings),
      littleEndian(header, 12, 4) == UInt64(LumaPicture.side)
    else { return nil }
    let count = Int(littleEndian(header, 16, 6))
    let tableStart = headerByteCount + count * LumaPicture.count
    let tableByteCount = count * PictureRecord.byteCount
    guard byteCount == tableStart + tableByteCount,
      let table = DerivedFile.bytes(of: descriptor, at: tableStart, count: tableByteCount),
      header == self.header(settings: settings, count: count, table: table)
    else { return nil }
    var records: [PictureRecord] = []
    records.reserveCapacity(count)
    for index in 0..<count {
      guard let record = PictureRecord(table, at: index * PictureRecord.byteCount) else {
        return nil
      }
      records.append(record)
    }
    return records
  }

  /// The header of a file with such a table.
  static func header(settings: UInt32, count: Int, table: [UInt8]) -> [UInt8] {
    var bytes = magic
    func add(_ value: UInt64, _ count: Int) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    add(UInt64(settings), 4)
    add(UInt64(LumaPicture.side), 4)
    add(UInt64(count), 8)
    let digest = StoredDigest(of: table)
    for word in 0..<4 { add(digest.words[word], 8) }
    return bytes + [UInt8](repeating: 0, count: headerByteCount - bytes.count)
  }

  /// The place of a picture in the file, as long as its file has not changed.
  func place(of name: SIMD2<UInt64>) -> Int? { places[name] }

  /// The pixels of a small picture; `nil` where they are no longer what was written.
  func pixels(at place: Int) -> [UInt8]? {
    let start = Self.headerByteCount + place * LumaPicture.count
    guard let pixels = DerivedFile.bytes(of: descriptor, at: start, count: LumaPicture.count),
      PictureRecord.check(pixels) == records[place].check
    else { return nil }
    return pixels
  }
}
