/// The members of a JSON object that name a file: its path, and its bytes where they are no text.
package func pathMembers(_ path: PathBytes, name: String = "path") -> [(String, JSONValue)] {
  let text = (name, JSONValue.string(path.description))
  return path.text != nil ? [text] : [text, ("\(name)_bytes", .string(base64(path.bytes)))]
}

/// The path that an object with ``pathMembers(_:name:)`` names.
package func path(in object: JSONValue, name: String = "path") -> PathBytes? {
  object["\(name)_bytes"]?.text.flatMap(bytes(fromBase64:)).map { PathBytes($0) }
    ?? object[name]?.text.map { PathBytes($0) }
}

private let base64Digits = Array(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Bytes as text in base64 (RFC 4648).
package func base64(_ bytes: [UInt8]) -> String {
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
