import EmbedderImageFiles
import EmbedderStorage

/// The bytes of a list of paths, brought from the encoding of the list to the system's.
///
/// A list may begin with a mark of its encoding, as editors and shells of Windows write it: UTF-8, or
/// UTF-16 of either byte order. Without one the bytes stay what they are.
struct ListText {
  private enum Encoding {
    case asItIs
    case utf16(isBigEndian: Bool)
  }

  private let isNullSeparated: Bool
  private var encoding: Encoding?
  /// Bytes that more must follow before they mean anything.
  private var pending: [UInt8] = []

  private static let marks: [(bytes: [UInt8], encoding: Encoding)] = [
    ([0xef, 0xbb, 0xbf], .asItIs), ([0xff, 0xfe], .utf16(isBigEndian: false)),
    ([0xfe, 0xff], .utf16(isBigEndian: true)),
  ]

  /// - Parameter isNullSeparated: Whether NULs end the paths; such a list has no marks.
  init(isNullSeparated: Bool) {
    self.isNullSeparated = isNullSeparated
  }

  /// Takes what was read, nothing at the end, and gives the text that is complete.
  ///
  /// - Throws: ``FileError`` where the bytes are no list of paths.
  mutating func decode(_ block: [UInt8]) throws(FileError) -> [UInt8] {
    pending += block
    if encoding == nil {
      guard isNullSeparated || block.isEmpty || !isStartOfMark else { return [] }
      encoding = try recognize()
    }
    switch encoding {
    case .utf16(let isBigEndian): return utf16(isBigEndian, isAtEnd: block.isEmpty)
    case .asItIs, nil:
      defer { pending = [] }
      return pending
    }
  }

  /// Whether a mark has begun and is not complete.
  private var isStartOfMark: Bool {
    Self.marks.contains { $0.bytes.count > pending.count && $0.bytes.starts(with: pending) }
  }

  private mutating func recognize() throws(FileError) -> Encoding {
    if !isNullSeparated, let mark = Self.marks.first(where: { pending.starts(with: $0.bytes) }) {
      pending.removeFirst(mark.bytes.count)
      return mark.encoding
    }
    if let kind = foreignKind {
      throw .system(
        path: "-", operation: "read the list of paths", errno: 0,
        reason:
          "the standard input is \(kind); paths are needed, one a line, or ended by NULs with --null"
      )
    }
    return .asItIs
  }

  /// What the first bytes are, where they are no list of paths.
  private var foreignKind: String? {
    let archives: [(start: [UInt8], name: String)] = [
      ([0x28, 0xb5, 0x2f, 0xfd], "compressed by zstd"),
      (Array("BZh".utf8), "compressed by bzip2"), ([0x1f, 0x8b], "compressed by gzip"),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "compressed by xz"),
      ([0x04, 0x22, 0x4d, 0x18], "compressed by lz4"),
    ]
    if pending.dropFirst(257).starts(with: Array("ustar".utf8)) {
      return "a tar archive, which is read by its name"
    }
    let isText = !pending.contains { $0 < 9 }
    if let archive = archives.first(where: { pending.starts(with: $0.start) }),
      archive.name != "compressed by bzip2" || !isText
    {
      return archive.name
    }
    // A path holds no NUL, so that no name of a file is taken for the start of an image.
    guard !isNullSeparated, pending.contains(0) else { return nil }
    if let format = try? unsafe ImageFormat(recognizing: pending.span.bytes), format != .tga {
      return "a \(format.rawValue) image, which is read by its name"
    }
    return "no text, since it holds NULs"
  }

  private mutating func utf16(_ isBigEndian: Bool, isAtEnd: Bool) -> [UInt8] {
    var units = stride(from: 0, to: pending.count - 1, by: 2).map { index in
      let (first, second) = (UInt16(pending[index]), UInt16(pending[index + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    // The first half of a pair waits for the second.
    if !isAtEnd, let last = units.last, UTF16.isLeadSurrogate(last) { units.removeLast() }
    pending.removeFirst(2 * units.count)
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}
