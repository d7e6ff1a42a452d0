import EmbedderStorage

/// A SHA-256 as four numbers, which take a fifth of the memory of its text.
struct StoredDigest: Hashable, Sendable {
  var words: SIMD4<UInt64>

  init(words: SIMD4<UInt64>) {
    self.words = words
  }

  init(_ digest: SHA256Digest) {
    let digits = Array(digest.description.utf8)
    words = SIMD4()
    for word in 0..<4 {
      var value: UInt64 = 0
      for digit in digits[word * 16..<word * 16 + 16] {
        // Digits from 0 to 9, then from a to f.
        value = value << 4 | UInt64(digit < 0x3a ? digit - 0x30 : digit - 0x57)
      }
      words[word] = value
    }
  }

  /// The digest of bytes.
  init(of bytes: [UInt8]) {
    self.init(unsafe SHA256Digest(of: bytes.span.bytes))
  }

  /// The digest in hexadecimal.
  var digest: SHA256Digest {
    let digits = (0..<4).map { word in
      let text = String(words[word], radix: 16)
      return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
    return SHA256Digest(stringLiteral: digits.joined())
  }
}
