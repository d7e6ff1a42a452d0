import EmbedderFrameBuffers
import EmbedderStorage

/// How images are decoded.
public struct DecodingOptions: Hashable, Sendable {
  /// What is refused before memory is taken for it.
  public var limits = DecodingLimits()

  /// Whether an image that ends before its data does is decoded as far as it goes.
  ///
  /// What is missing is black (transparent black where there is alpha), or what the format's library
  /// puts there, such as a JPEG's gray; the image then has a warning. Otherwise such a file is an error.
  public var allowsTruncated = false

  /// Whether what a file says about its orientation counts.
  ///
  /// Where it does not, frames are as they are stored, with the orientation `topLeft`.
  public var honorsOrientation = true

  /// Whether JPEG images are decoded by the Task Library's own decoder, which gives its pixels to the bit.
  ///
  /// Such images are decoded in full, whatever the `target`. Which ones are refused does not change; the
  /// few that only libjpeg-turbo reads, such as those with arithmetic coding, are decoded by that, with a
  /// warning. An embedder sets this by itself, as its `decodingQuality` says.
  public var decodesJPEGAsTaskLibrary = false

  /// What the image is decoded for, or `nil` to decode all of it.
  ///
  /// JPEG images are then decoded at an eighth, a quarter or half of their size where that still covers
  /// the target; the limits hold for the full size all the same. An embedder sets this by itself, as
  /// its `decodingQuality` says.
  public var target: DecodingTarget?

  /// What the image is decoded for and nothing else, so that rows that the resize never reads may stay
  /// empty; `nil` for all rows.
  ///
  /// JPEG images are then RGBA, opaque everywhere, which is what is scaled, and have
  /// ``FrameBuffer/sampledRows`` where that spares half of the rows.
  package var onlyTarget: DecodingTarget?

  /// Makes the default options.
  public init() {}
}

/// What a decoder refuses before it takes memory.
///
/// No side may be longer than 32768 pixels, whatever the limits.
public struct DecodingLimits: Hashable, Sendable {
  /// The most pixels of one image; by default 512 times 2^20.
  ///
  /// Decoding takes at most 32 bytes for each of them besides the file; most formats take far less.
  public var pixelCount = 512 << 20

  /// The most bytes of one encoded file; by default 2^30.
  public var fileByteCount = 1 << 30

  /// Makes the default limits.
  public init() {}

  /// Throws unless an image of the given size is accepted.
  func check(width: Int, height: Int) throws(DecodingError) {
    let sides = 1...FrameBufferError.longestSide
    guard sides.contains(width), sides.contains(height) else {
      throw .frame(.invalidDimensions(width: width, height: height))
    }
    guard width * height <= pixelCount else {
      throw .tooManyPixels(width: width, height: height, limit: pixelCount)
    }
  }

  /// Takes memory for an image of the given size, after it was held against the limits.
  func allocate(
    width: Int, height: Int, format: PixelFormat
  ) throws(DecodingError) -> AlignedBuffer {
    try check(width: width, height: height)
    do {
      return try AlignedBuffer(byteCount: width * height * format.bytesPerPixel)
    } catch {
      throw .outOfMemory(error)
    }
  }
}
