import CEmbedderSHA2

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
    description = Self.text(of: bytes)
  }

  fileprivate init(_ bytes: [UInt8]) {
    description = Self.text(of: bytes)
  }

  /// The 32 bytes of the digest.
  package var bytes: [UInt8] {
    func value(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit - 0x30 : digit - 0x57 }
    let digits = Array(description.utf8)
    return stride(from: 0, to: digits.count, by: 2).map {
      value(digits[$0]) << 4 | value(digits[$0 + 1])
    }
  }

  private static func text(of bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// The SHA-256 of bytes that come in pieces, such as a file's.
@safe
package struct SHA256Stream: ~Copyable {
  private let context: OpaquePointer

  /// Begins with nothing.
  package init() throws(OutOfMemory) {
    guard let context = unsafe csha2_begin() else { throw OutOfMemory(byteCount: 128) }
    unsafe self.context = context
  }

  deinit {
    unsafe csha2_end(context, nil)
  }

  /// Adds bytes.
  package mutating func add(_ content: RawSpan) {
    unsafe content.withUnsafeBytes { content in
      unsafe csha2_add(
        context, content.bindMemory(to: UInt8.self).baseAddress, content.count)
    }
  }

  /// The digest of all that was added.
  package consuming func finish() -> SHA256Digest {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 32) { target, count in
      unsafe csha2_end(context, target.baseAddress)
      count = 32
    }
    discard self
    return SHA256Digest(bytes)
  }
}

extension SHA256Digest: CustomStringConvertible {}

extension SHA256Digest: ExpressibleByStringLiteral {
  /// Takes over a digest that is known.
  public init(stringLiteral hexadecimal: String) {
    description = hexadecimal
  }
}
