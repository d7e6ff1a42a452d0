public import EmbedderFrameBuffers
import EmbedderStorage

/// An image as its file holds it.
public struct DecodedImage: Sendable {
  /// The pixels, with the orientation that the file gives.
  public var frame: FrameBuffer

  /// The format that the content was recognised as.
  public let format: ImageFormat

  /// What was odd about the file although it could be decoded, one sentence each.
  public let warnings: [String]

  /// How much smaller than the picture the frame is; `nil` where it has every pixel.
  public let reduction: Reduction?

  /// Whether the file has one channel, of which the frame's three are copies.
  public let isGray: Bool

  /// The width of the upright picture, of which the frame may be a reduction.
  public var uprightWidth: Int {
    frame.orientation.turned(width: storedWidth, height: storedHeight).width
  }

  /// The height of the upright picture.
  public var uprightHeight: Int {
    frame.orientation.turned(width: storedWidth, height: storedHeight).height
  }

  /// The width of the picture as it is stored.
  package var storedWidth: Int { reduction?.fullWidth ?? frame.width }

  /// The height of the picture as it is stored.
  package var storedHeight: Int { reduction?.fullHeight ?? frame.height }

  /// Wraps packed pixels; their size is that of the frame.
  init(
    _ pixels: consuming AlignedBuffer, width: Int, height: Int, pixelFormat: PixelFormat,
    orientation: Orientation = .topLeft, format: ImageFormat, warnings: [String] = [],
    reduction: Reduction? = nil, isGray: Bool = false
  ) throws(DecodingError) {
    self.isGray = isGray && pixelFormat == .rgb
    do {
      frame = try FrameBuffer(
        storage: SharedBytes(pixels), width: width, height: height, format: pixelFormat,
        orientation: orientation)
    } catch {
      throw .frame(error)
    }
    self.format = format
    self.reduction = reduction
    self.warnings =
      warnings
      + Self.warning(
        width: reduction?.fullWidth ?? width, height: reduction?.fullHeight ?? height)
  }

  /// The pixels with the file's own number of channels: one of a gray picture.
  ///
  /// - Returns: The frame, or a copy of one of its channels.
  /// - Throws: ``DecodingError/outOfMemory(_:)``.
  public func frameAsStored() throws(DecodingError) -> FrameBuffer {
    guard isGray else { return frame }
    var limits = DecodingLimits()
    limits.pixelCount = .max
    var gray = try limits.allocate(width: frame.width, height: frame.height, format: .gray)
    unsafe gray.withUnsafeMutableBytes { target in
      unsafe frame.view.firstPlane.withUnsafeBytes { source in
        for pixel in 0..<target.count { unsafe target[pixel] = source[3 * pixel] }
      }
    }
    do {
      return try FrameBuffer(
        storage: SharedBytes(gray), width: frame.width, height: frame.height, format: .gray,
        orientation: frame.orientation)
    } catch {
      throw .frame(error)
    }
  }

  /// What to say of a picture that a model can make little of.
  private static func warning(width: Int, height: Int) -> [String] {
    let (shorter, longer) = (min(width, height), max(width, height))
    guard shorter < 4 || longer > 32 * shorter else { return [] }
    return [
      "the image is only \(width) x \(height) pixels; scaled to a model's input it keeps little of"
        + " what it shows"
    ]
  }
}
