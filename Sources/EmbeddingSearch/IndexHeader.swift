import EmbedderStorage
import EmbeddingStore

/// The text at the start of an index's file: the magic with the version and the header's size, the SHA-256 of
/// the third line, and that line, which is JSON.
enum IndexHeader {
  private static let magic = "image-embedder search"
  private static let version = 1

  /// The blocks begin at a multiple of a page.
  private static let alignment = 4096

  /// Enough for the magic and two numbers.
  static let longestFirstLine = 64

  static func isMagic(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("\(magic) ".utf8)) }

  /// The header's size, from the file's first bytes; `nil` for another version.
  static func byteCount(inFirstLine bytes: [UInt8]) -> Int? {
    guard isMagic(bytes), let end = bytes.firstIndex(of: 0x0a) else { return nil }
    let words = bytes[..<end].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 4, words[2] == "\(version)", let count = Int(words[3]), count > 0,
      count % alignment == 0
    else { return nil }
    return count
  }

  static func bytes(of content: IndexFile.Content) -> [UInt8] {
    let json = JSONValue.object([
      ("fingerprint", .string(content.fingerprint)), ("head", .integer(content.head)),
      ("dimension", .integer(content.dimension)), ("storage", .string(content.type.rawValue)),
      (
        "parts",
        .array(
          content.parts.map {
            .object([("rows", .integer($0.rowCount)), ("sha256", .string($0.sha256))])
          })
      ),
    ]).description
    let rest = "\(digest(of: Array(json.utf8)[...]))\n\(json)\n"
    let unaligned = longestFirstLine + rest.utf8.count
    let byteCount = (unaligned + alignment - 1) / alignment * alignment
    let text = Array("\(magic) \(version) \(byteCount)\n\(rest)".utf8)
    return text + Array(repeating: 0, count: byteCount - text.count)
  }

  /// What a header says; `nil` for one that is damaged.
  static func content(in bytes: [UInt8]) -> IndexFile.Content? {
    let lines = bytes.split(separator: 0x0a, maxSplits: 3, omittingEmptySubsequences: false)
    guard lines.count == 4, lines[1].elementsEqual(digest(of: lines[2]).utf8),
      let object = JSONValue(parsing: lines[2]), let fingerprint = object["fingerprint"]?.text,
      let head = object["head"]?.integer, let dimension = object["dimension"]?.integer,
      dimension > 0, let type = object["storage"]?.text.flatMap(ComponentType.init(rawValue:)),
      let elements = object["parts"]?.elements
    else { return nil }
    var parts: [EmbeddingStore.PartIdentity] = []
    for element in elements {
      guard let rowCount = element["rows"]?.integer, rowCount > 0,
        let sha256 = element["sha256"]?.text
      else { return nil }
      parts.append(EmbeddingStore.PartIdentity(rowCount: rowCount, sha256: sha256))
    }
    return IndexFile.Content(
      fingerprint: fingerprint, head: head, dimension: dimension, type: type, parts: parts)
  }

  private static func digest(of bytes: ArraySlice<UInt8>) -> String {
    unsafe SHA256Digest(of: Array(bytes).span.bytes).description
  }
}
