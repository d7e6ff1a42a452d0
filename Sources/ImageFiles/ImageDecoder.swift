import EmbedderStorage

/// What each format has: how its files are known, and how they are decoded.
protocol ImageDecoder {
  /// What the names of such files end in, in lower case and without the dot.
  static var fileExtensions: [String] { get }

  /// What of such a file is read, in a sentence.
  static var summary: String { get }

  /// Whether a file is of this format.
  ///
  /// - Parameter start: The file's first bytes, at least 512 where there are as many; untrusted.
  /// - Returns: Whether it is, as far as these tell.
  static func recognizes(_ start: RawSpan) -> Bool

  /// Decodes one image.
  ///
  /// The pixels keep the file's own kind of channels: RGB, or RGBA where the file has transparency,
  /// with colours that are not multiplied by it. The frame's orientation is what the file says,
  /// unless that is not to count.
  ///
  /// - Parameters:
  ///   - bytes: The whole encoded image; untrusted.
  ///   - options: What is refused before memory is taken for it, and what becomes of oddities.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage
}
