/// The image file formats, recognised by their content and never by a name.
public enum ImageFormat: String, Sendable, CaseIterable {
  /// JPEG, baseline or progressive.
  case jpeg = "JPEG"
  /// Portable Network Graphics.
  case png = "PNG"

  /// The format of an encoded image.
  ///
  /// - Throws: ``DecodingError/unknownFormat(found:)`` when the first bytes belong to none.
  package init(recognizing bytes: RawSpan) throws(DecodingError) {
    guard let format = Self.allCases.first(where: { bytes.starts(with: $0.signature) }) else {
      throw .unknownFormat(found: describeForeignBytes(bytes))
    }
    self = format
  }

  private var signature: [UInt8] {
    switch self {
    case .jpeg: [0xff, 0xd8, 0xff]
    case .png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    }
  }

  /// The decoder for the format.
  var decoder: any ImageDecoder.Type {
    switch self {
    case .jpeg: JPEGDecoder.self
    case .png: PNGDecoder.self
    }
  }
}

/// A few words for bytes that are no image that we know.
private func describeForeignBytes(_ bytes: RawSpan) -> String {
  if bytes.starts(with: Array("version https://git-lfs".utf8)) { return "a Git LFS pointer" }
  if bytes.starts(with: Array("<".utf8)) { return "an HTML, XML or SVG page" }
  if bytes.starts(with: Array("%PDF".utf8)) { return "a PDF document" }
  if bytes.starts(with: Array("PK".utf8)) { return "a ZIP archive" }
  let sample = (0..<min(64, bytes.byteCount)).map { bytes.byte(at: $0) }
  let isText = sample.allSatisfy { $0 == 9 || $0 == 10 || $0 == 13 || (0x20..<0x7f).contains($0) }
  if isText { return "text" }
  let hexadecimal = sample.prefix(8).map { byte in
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
  return "bytes that begin with \(hexadecimal.joined(separator: " "))"
}

extension RawSpan {
  /// The byte at `offset`, which must lie inside.
  func byte(at offset: Int) -> UInt8 {
    // Any byte is a UInt8, and the load itself checks the bounds.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// Whether the first bytes are those of `prefix`.
  func starts(with prefix: [UInt8]) -> Bool {
    byteCount >= prefix.count && prefix.indices.allSatisfy { byte(at: $0) == prefix[$0] }
  }
}
