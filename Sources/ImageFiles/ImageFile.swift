public import EmbedderStorage

/// Decodes images from files and from memory.
public enum ImageFile {
  /// Reads and decodes the image in a file, whatever it is called.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - options: What is refused before memory is taken for it, and what becomes of oddities.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  public static func decode(
    contentsOf path: String, options: DecodingOptions = DecodingOptions()
  ) throws(DecodingError) -> DecodedImage {
    try decode(contentsOf: PathBytes(path), options: options)
  }

  /// Reads and decodes the image in a file whose path need not be text.
  ///
  /// Of a file whose first bytes belong to no format the rest is not read.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - options: What is refused before memory is taken for it, and what becomes of oddities.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  public static func decode(
    contentsOf path: PathBytes, options: DecodingOptions = DecodingOptions()
  ) throws(DecodingError) -> DecodedImage {
    var format: ImageFormat?
    var foreign: DecodingError?
    let file: AlignedBuffer?
    do {
      file = try readFile(at: path, limit: options.limits.fileByteCount) { start in
        do throws(DecodingError) {
          format = try ImageFormat(recognizing: start)
        } catch {
          foreign = error
        }
        return format != nil
      }
    } catch {
      throw .file(error)
    }
    guard let file, let format else {
      throw foreign ?? .file(.empty(path: path.description))
    }
    return try format.decoder.decode(file.bytes, options: options)
  }

  /// Decodes an encoded image in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole encoded image, such as the content of a JPEG file.
  ///   - options: What is refused before memory is taken for it, and what becomes of oddities.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  public static func decode(
    _ bytes: RawSpan, options: DecodingOptions = DecodingOptions()
  ) throws(DecodingError) -> DecodedImage {
    let limit = options.limits.fileByteCount
    guard bytes.byteCount <= limit else {
      throw .tooManyBytes(found: bytes.byteCount, limit: limit)
    }
    return try ImageFormat(recognizing: bytes).decoder.decode(bytes, options: options)
  }
}
