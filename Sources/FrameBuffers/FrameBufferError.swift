/// Why pixels, as described by the caller, cannot be an image.
@nonexhaustive
public enum FrameBufferError: Error, Hashable, Sendable {
  /// A side is below 1 or above what the image library can address.
  case invalidDimensions(width: Int, height: Int)

  /// There are fewer bytes than the dimensions and the stride need.
  case tooFewBytes(found: Int, needed: Int)

  /// Rows would overlap.
  case strideTooSmall(found: Int, needed: Int)

  /// Rows are further apart than 32 bits can say.
  case strideTooLarge(found: Int)

  /// A format has another number of planes than were given.
  case planesDoNotFit(PixelFormat, planeCount: Int)

  /// Chroma values are neither side by side nor one apart.
  case unsupportedChromaPixelStride(Int)

  /// Two planes of chroma with pixels two bytes apart are not one byte apart.
  case chromaIsNotInterleaved

  /// A region is empty or reaches outside the picture.
  case regionOutside(RegionOfInterest, width: Int, height: Int)

  /// The longest side that libyuv scales.
  public static let longestSide = 32_768
}

extension FrameBufferError: CustomStringConvertible {
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .invalidDimensions(let width, let height):
      "the image is \(width) x \(height) pixels; sides from 1 to \(Self.longestSide) are possible"
    case .tooFewBytes(let found, let needed):
      "the image has \(found) bytes; its dimensions and stride need \(needed)"
    case .strideTooSmall(let found, let needed):
      "the image's rows are \(found) bytes apart; each is \(needed) bytes long"
    case .strideTooLarge(let found):
      "the image's rows are \(found) bytes apart; at most \(Int32.max) are possible"
    case .planesDoNotFit(let format, let planeCount):
      "the image is given in \(planeCount) planes; its format \(format) has another number"
    case .unsupportedChromaPixelStride(let stride):
      "the image's chroma values are \(stride) bytes apart; 1 and 2 are possible"
    case .chromaIsNotInterleaved:
      "the image's chroma values are 2 bytes apart but its two chroma planes do not begin at"
        + " neighbouring bytes; they must be views of one interleaved plane"
    case .regionOutside(let region, let width, let height):
      "the region \(region.x),\(region.y),\(region.width),\(region.height) (x, y, width, height) is"
        + " empty or not inside the image of \(width) x \(height) pixels"
    }
  }
}
