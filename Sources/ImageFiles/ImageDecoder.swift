public import FrameBuffers
import Storage

/// What each format's decoder does: encoded bytes in, pixels out.
protocol ImageDecoder {
  /// Decodes one image.
  ///
  /// The pixels keep the file's own kind of channels: RGB, or RGBA where the file has transparency.
  /// The frame's orientation is what the file says.
  ///
  /// - Parameters:
  ///   - bytes: The whole encoded image; untrusted.
  ///   - limits: What is refused before memory is taken for it.
  /// - Returns: The pixels and what the file says about them.
  /// - Throws: ``DecodingError``.
  static func decode(
    _ bytes: RawSpan, limits: DecodingLimits
  ) throws(DecodingError) -> DecodedImage
}

/// An image as its file holds it.
public struct DecodedImage: Sendable {
  /// The pixels, with the orientation that the file's EXIF data gives.
  public var frame: FrameBuffer

  /// The format that the content was recognised as.
  public let format: ImageFormat

  /// What was odd about the file although it could be decoded.
  public let warnings: [String]

  /// The width of the upright picture.
  public var uprightWidth: Int {
    frame.orientation.swapsWidthAndHeight ? frame.height : frame.width
  }

  /// The height of the upright picture.
  public var uprightHeight: Int {
    frame.orientation.swapsWidthAndHeight ? frame.width : frame.height
  }
}

/// What a decoder refuses before it takes memory.
public struct DecodingLimits: Hashable, Sendable {
  /// The most pixels of one image; by default 512 times 2^20.
  public var pixelCount = 512 << 20

  /// The most bytes of one encoded file; by default 2^30.
  public var fileByteCount = 1 << 30

  /// Makes the default limits.
  public init() {}

  /// Takes memory for an image of the given size, after it was held against the limits.
  func allocate(
    width: Int, height: Int, format: PixelFormat
  ) throws(DecodingError) -> AlignedBuffer {
    let sides = 1...FrameBufferError.longestSide
    guard sides.contains(width), sides.contains(height) else {
      throw .frame(.invalidDimensions(width: width, height: height))
    }
    guard width * height <= pixelCount else {
      throw .tooManyPixels(width: width, height: height, limit: pixelCount)
    }
    do {
      return try AlignedBuffer(byteCount: width * height * format.bytesPerPixel)
    } catch {
      throw .outOfMemory(error)
    }
  }
}

extension DecodedImage {
  /// Wraps packed pixels.
  init(
    _ pixels: consuming AlignedBuffer, width: Int, height: Int, pixelFormat: PixelFormat,
    orientation: Orientation, format: ImageFormat, warnings: [String] = []
  ) throws(DecodingError) {
    do {
      frame = try FrameBuffer(
        storage: SharedBytes(pixels), width: width, height: height, format: pixelFormat,
        orientation: orientation)
    } catch {
      throw .frame(error)
    }
    self.format = format
    self.warnings = warnings
  }
}
