public import EmbedderFrameBuffers
public import EmbedderStorage

/// How the bytes of a file without a header of its own are to be read.
///
/// Rows are packed: luma without padding, then chroma. A row of interleaved chroma is as long as a row of
/// luma, one byte longer where the width is odd; planes of chroma have rows of half the width, rounded
/// up.
public struct RawFrameDescription: Hashable, Sendable {
  /// How pixels lie in the file.
  public var format: PixelFormat
  /// The number of columns.
  public var width: Int
  /// The number of rows.
  public var height: Int
  /// How the frame is brought upright.
  public var orientation: Orientation

  /// Describes a frame.
  public init(
    format: PixelFormat, width: Int, height: Int, orientation: Orientation = .topLeft
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.orientation = orientation
  }
}

extension ImageFile {
  /// Reads a file that holds the pixels of one frame and nothing else.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - description: How its bytes are to be read.
  /// - Returns: The frame.
  /// - Throws: ``DecodingError``, for a file of another size than the description makes among others.
  public static func readRawFrame(
    contentsOf path: PathBytes, as description: RawFrameDescription
  ) throws(DecodingError) -> FrameBuffer {
    let needed: Int
    do {
      needed = try description.format.byteCount(
        width: description.width, height: description.height)
    } catch {
      throw .frame(error)
    }
    let bytes: AlignedBuffer
    do {
      // One byte more, so that a file that is too long is told by its own size.
      bytes = try readFile(at: path, limit: needed + 1)
    } catch .tooLarge(_, let found, _) {
      throw .rawFrameSize(found: found, needed: needed)
    } catch {
      throw .file(error)
    }
    guard bytes.byteCount == needed else {
      throw .rawFrameSize(found: bytes.byteCount, needed: needed)
    }
    do {
      return try FrameBuffer(
        storage: SharedBytes(bytes), width: description.width, height: description.height,
        format: description.format, orientation: description.orientation)
    } catch {
      throw .frame(error)
    }
  }
}
