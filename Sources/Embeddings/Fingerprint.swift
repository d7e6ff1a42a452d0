package import EmbedderStorage

/// What made some vectors: the model, and everything that decides what it is fed and what becomes of its
/// output.
///
/// Vectors of different fingerprints must not be compared. Settings at their default are left out, so that
/// a setting that is added later leaves the fingerprints of before alone.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  /// The fingerprint in one word: the SHA-256 of ``settingsText``, 64 hexadecimal digits.
  public let description: String

  /// The settings as JSON text, in a fixed order.
  public let settingsText: String

  /// The settings.
  package let settings: JSONValue

  /// Makes a fingerprint of settings, those at their default left out.
  package init(settings: [(String, JSONValue)]) {
    self.settings = .object(settings)
    settingsText = self.settings.description
    let bytes = Array(settingsText.utf8)
    description = unsafe SHA256Digest(of: bytes.span.bytes).description
  }

  /// Fingerprints are equal when their settings are.
  public static func == (first: Fingerprint, second: Fingerprint) -> Bool {
    first.description == second.description
  }

  /// Hashes the digest.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(description)
  }
}
