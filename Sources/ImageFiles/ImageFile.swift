import Storage

/// Decodes images from files and from memory.
public enum ImageFile {
  /// Reads and decodes the image in a file, whatever it is called.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - limits: What is refused before memory is taken for it.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  public static func decode(
    contentsOf path: String, limits: DecodingLimits = DecodingLimits()
  ) throws(DecodingError) -> DecodedImage {
    let file: AlignedBuffer
    do {
      file = try readFile(at: path, limit: limits.fileByteCount)
    } catch {
      throw .file(error)
    }
    return try decode(file.bytes, limits: limits)
  }

  /// Decodes an encoded image in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole encoded image, such as the content of a JPEG file.
  ///   - limits: What is refused before memory is taken for it.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  public static func decode(
    _ bytes: RawSpan, limits: DecodingLimits = DecodingLimits()
  ) throws(DecodingError) -> DecodedImage {
    try ImageFormat(recognizing: bytes).decoder.decode(bytes, limits: limits)
  }
}
