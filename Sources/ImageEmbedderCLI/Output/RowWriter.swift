import BatchEmbedding
import ImageEmbedding

/// Writes what became of images, in one format.
protocol RowWriter: AnyObject {
  /// Writes an image's vectors.
  func write(_ image: EmbeddingResult, of path: PathBytes) throws
  /// Writes why there are none.
  func write(_ error: EmbedderError, of path: PathBytes) throws
  /// Completes the output, which before does not exist under its name.
  func finish() throws
}

extension EmbedderError {
  /// The error's sentence without the path of the image, for places that give it anyway.
  var withoutPath: String {
    if case .image(_, let error) = self { "\(error)" } else { "\(self)" }
  }

  /// The error's sentence for one image of several, which names the image once.
  func message(for path: PathBytes) -> String {
    if case .image(_, .file(let error)) = self { return "\(error)" }
    return "\(quoted(path.description)): \(withoutPath)"
  }
}

/// The members of a JSON object that name a file: its path, and its bytes where they are no text.
func pathMembers(_ path: PathBytes) -> [(String, JSONValue)] {
  let name = ("path", JSONValue.string(path.description))
  return path.text != nil ? [name] : [name, ("path_bytes", .string(base64(path.bytes)))]
}

/// The path that an object with ``pathMembers(_:)`` names.
func path(in object: JSONValue) -> PathBytes? {
  object["path_bytes"]?.text.flatMap(bytes(fromBase64:)).map { PathBytes($0) }
    ?? object["path"]?.text.map { PathBytes($0) }
}

private let base64Digits = Array(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Bytes as text (RFC 4648).
private func base64(_ bytes: [UInt8]) -> String {
  var digits: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 {
      digits.append(
        place <= group.count ? base64Digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: digits, as: UTF8.self)
}

private func bytes(fromBase64 text: String) -> [UInt8]? {
  var result: [UInt8] = []
  var bits = 0
  var bitCount = 0
  for digit in text.utf8 where digit != UInt8(ascii: "=") {
    guard let value = base64Digits.firstIndex(of: digit) else { return nil }
    bits = (bits << 6 | value) & 0xffff
    bitCount += 6
    if bitCount >= 8 {
      bitCount -= 8
      result.append(UInt8(truncatingIfNeeded: bits >> bitCount))
    }
  }
  return result
}
