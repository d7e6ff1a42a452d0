import EmbedderStorage

/// What each format's decoder does: encoded bytes in, pixels out.
protocol ImageDecoder {
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
