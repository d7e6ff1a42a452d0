public import EmbedderFrameBuffers
public import EmbedderImageFiles
import EmbedderPreprocessing
public import EmbedderStorage

/// A small upright JPEG picture of an image.
public struct Thumbnail: Sendable {
  /// How small, and how well.
  public struct Options: Hashable, Sendable {
    /// The most pixels of the longer side; a picture that is smaller keeps its size.
    public var longestSide = 384
    /// The quality in libjpeg's measure, 1 to 100.
    public var quality = 82
    /// How the file is decoded; the target is set by what is needed.
    public var decoding = DecodingOptions()

    /// Makes the default options.
    public init() {}
  }

  /// The bytes of a JPEG file.
  public let jpeg: [UInt8]
  /// The thumbnail's width, in pixels.
  public let width: Int
  /// The thumbnail's height, in pixels.
  public let height: Int
  /// The width of the upright picture that it shows, in pixels.
  public let pictureWidth: Int
  /// The height of the upright picture, in pixels.
  public let pictureHeight: Int
  /// The format of the picture's file, or `nil` for one that was decoded already.
  public let format: ImageFormat?

  /// Reads and shrinks the image in a file.
  ///
  /// JPEG files are decoded at an eighth, a quarter or half of their size where that is enough. What is
  /// transparent is laid on white.
  ///
  /// - Parameters:
  ///   - path: The file's path; its content, not its name, says which format it is.
  ///   - options: How small, and how well.
  /// - Throws: ``ThumbnailError``, for a file that is no image among others.
  public init(
    contentsOf path: PathBytes, options: Options = Options()
  ) throws(ThumbnailError) {
    var decoding = options.decoding
    // Of both sides the longer one decides, which is not known yet: to cover the width is always enough.
    decoding.target = DecodingTarget(width: max(1, options.longestSide), height: 1)
    let image: DecodedImage
    do {
      image = try ImageFile.decode(contentsOf: path, options: decoding)
    } catch {
      throw .image(error)
    }
    try self.init(
      of: image.frame, region: image.reduction?.region(nil), pictureWidth: image.uprightWidth,
      pictureHeight: image.uprightHeight, format: image.format, options)
  }

  /// Shrinks a picture in memory.
  ///
  /// - Parameters:
  ///   - frame: The pixels, which are brought upright by their orientation.
  ///   - options: How small, and how well.
  /// - Throws: ``ThumbnailError``, where there is no memory.
  public init(of frame: FrameBuffer, options: Options = Options()) throws(ThumbnailError) {
    let size = frame.orientation.turned(width: frame.width, height: frame.height)
    try self.init(
      of: frame, region: nil, pictureWidth: size.width, pictureHeight: size.height, format: nil,
      options)
  }

  private init(
    of frame: FrameBuffer, region: RegionOfInterest?, pictureWidth: Int, pictureHeight: Int,
    format: ImageFormat?, _ options: Options
  ) throws(ThumbnailError) {
    let longest = max(pictureWidth, pictureHeight)
    let side = min(longest, max(1, options.longestSide))
    // Rounded to the nearest, and never nothing.
    func shrunk(_ length: Int) -> Int { max(1, (length * side + longest / 2) / longest) }
    let (width, height) = (shrunk(pictureWidth), shrunk(pictureHeight))
    var pixels: AlignedBuffer
    do {
      pixels = try AlignedBuffer(byteCount: width * height * 3)
    } catch {
      throw .pixels(.outOfMemory(error))
    }
    var preprocessor = Preprocessor(encoding: .uint8, alpha: .white, preset: .antialiasedV1)
    let whole = RegionOfInterest(x: 0, y: 0, width: frame.width, height: frame.height)
    var bytes = pixels.mutableBytes
    do {
      try preprocessor.write(
        frame.view, region: region ?? whole, width: width, height: height, to: &bytes)
    } catch {
      throw .pixels(error)
    }
    do {
      jpeg = try JPEGWriter.encode(
        pixels.bytes, width: width, height: height, quality: options.quality)
    } catch {
      throw .image(error)
    }
    self.width = width
    self.height = height
    self.pictureWidth = pictureWidth
    self.pictureHeight = pictureHeight
    self.format = format
  }
}
