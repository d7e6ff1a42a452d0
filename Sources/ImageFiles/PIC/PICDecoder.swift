import EmbedderFrameBuffers
import EmbedderStorage

/// Softimage pictures by stb_image, which notices itself where these end early; nothing can be kept
/// then.
enum PICDecoder: ImageDecoder {
  static let fileExtensions = ["pic"]
  static let summary = "Softimage pictures."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.starts(with: [0x53, 0x80, 0xf6, 0x34]) && start.holds("PICT", at: 88)
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    guard let width = bytes.integer(at: 92, byteCount: 2, .bigEndian),
      let height = bytes.integer(at: 94, byteCount: 2, .bigEndian)
    else {
      throw .truncated(.pic, details: "its header ends early")
    }
    try options.limits.check(width: width, height: height)
    // All four channels are asked for, since the library converts to fewer even where it failed and
    // has no pixels (CVE-2023-43898); those that the file lacks are left out afterwards.
    return try STBImage.decode(
      bytes, width: width, height: height, format: .pic, channelCount: 4,
      hasAlpha: hasAlpha(bytes))
  }

  /// Whether one of the file's channel packets has alpha.
  private static func hasAlpha(_ bytes: RawSpan) -> Bool {
    let alphaBit: UInt8 = 0x10
    let packetByteCount = 4
    var offset = 104
    while offset + packetByteCount <= bytes.byteCount {
      if bytes.byte(at: offset + 3) & alphaBit != 0 { return true }
      let isLast = bytes.byte(at: offset) == 0
      if isLast { break }
      offset += packetByteCount
    }
    return false
  }
}
