import EmbedderImageFiles
import EmbedderStorage
import EmbeddingStore

/// What is known of a picture's file beside its small picture, as long as the file does not change.
struct PictureRecord: Hashable, Sendable {
  /// The first half of the SHA-256 of the file's absolute path.
  let name: SIMD2<UInt64>
  /// The file's size and time of change when it was read.
  let stamp: FileStamp
  /// The width of the upright picture.
  let width: Int
  /// Its height.
  let height: Int
  let format: ImageFormat?
  let colorfulness: UInt8
  /// The check of the small picture.
  let check: UInt64
  /// The digest of the file's bytes, where it was needed.
  var fileDigest: StoredDigest?
  /// The digest of the upright pixels, where it was needed.
  var pixelDigest: StoredDigest?

  static func name(of path: PathBytes) -> SIMD2<UInt64> {
    let words = StoredDigest(of: path.bytes).words
    return SIMD2(words[0], words[1])
  }

  /// A check of bytes whose number is a multiple of eight: it tells torn bytes from whole ones.
  static func check(_ bytes: [UInt8]) -> UInt64 {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    var place = 0
    while place + 8 <= bytes.count {
      state = (state ^ littleEndian(bytes, place, 8)) &* 0x100_0000_01b3
      state ^= state >> 29
      place += 8
    }
    return state
  }
}

// MARK: In a file

extension PictureRecord {
  /// The bytes of a record, little-endian.
  static let byteCount = 128

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    func add(_ value: UInt64, _ count: Int = 8) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    add(name[0])
    add(name[1])
    add(UInt64(bitPattern: Int64(stamp.byteCount)))
    add(UInt64(bitPattern: Int64(stamp.modified)))
    add(UInt64(width), 4)
    add(UInt64(height), 4)
    let format = Array((self.format?.rawValue ?? "").utf8.prefix(8))
    bytes += format + [UInt8](repeating: 0, count: 8 - format.count)
    add(check)
    bytes.append(colorfulness)
    bytes += [UInt8](repeating: 0, count: 7)
    for digest in [fileDigest, pixelDigest] {
      for word in 0..<4 { add(digest?.words[word] ?? 0) }
    }
    return bytes
  }

  /// Reads a record; `nil` for bytes that are none.
  init?(_ bytes: [UInt8], at start: Int) {
    func number(_ offset: Int, _ count: Int = 8) -> UInt64 {
      littleEndian(bytes, start + offset, count)
    }
    let byteCount = Int64(bitPattern: number(16))
    width = Int(number(32, 4))
    height = Int(number(36, 4))
    guard byteCount >= 0, width > 0, height > 0 else { return nil }
    name = SIMD2(number(0), number(8))
    stamp = FileStamp(
      byteCount: Int(byteCount), modified: Int(Int64(bitPattern: number(24))))
    let format = bytes[start + 40..<start + 48].prefix { $0 != 0 }
    self.format = ImageFormat(rawValue: String(decoding: format, as: UTF8.self))
    check = number(48)
    colorfulness = bytes[start + 56]
    func digest(_ offset: Int) -> StoredDigest? {
      let words = SIMD4(
        number(offset), number(offset + 8), number(offset + 16), number(offset + 24))
      return words == SIMD4() ? nil : StoredDigest(words: words)
    }
    fileDigest = digest(64)
    pixelDigest = digest(96)
  }
}

/// The number of up to eight bytes, the lowest first.
func littleEndian(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
  var value: UInt64 = 0
  for index in 0..<count { value |= UInt64(bytes[start + index]) << UInt64(8 * index) }
  return value
}
