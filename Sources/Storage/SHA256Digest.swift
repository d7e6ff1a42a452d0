import CSHA2

/// The SHA-256 of some bytes, by libmd.
public struct SHA256Digest: Hashable, Sendable {
  /// The digest in hexadecimal, 64 digits.
  public let description: String

  /// Digests bytes.
  package init(of content: RawSpan) {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 32) { target, count in
      unsafe content.withUnsafeBytes { content in
        let source = unsafe content.bindMemory(to: UInt8.self).baseAddress
        // Never empty, so there is an address.
        if let target = target.baseAddress { unsafe csha2_sha256(source, content.count, target) }
      }
      count = 32
    }
    let digits = Array("0123456789abcdef".utf8)
    description = String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension SHA256Digest: CustomStringConvertible {}

extension SHA256Digest: ExpressibleByStringLiteral {
  /// Takes over a digest that is known.
  public init(stringLiteral hexadecimal: String) {
    description = hexadecimal
  }
}
