import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderStorage
import EmbedderTestSupport
import Testing

/// Decodes an encoded image in memory.
func decode(
  _ bytes: [UInt8], limits: DecodingLimits = DecodingLimits()
) throws(DecodingError) -> DecodedImage {
  var options = DecodingOptions()
  options.limits = limits
  return try decode(bytes, options: options)
}

/// Decodes an encoded image in memory.
func decode(
  _ bytes: [UInt8], options: DecodingOptions
) throws(DecodingError) -> DecodedImage {
  try ImageFile.decode(unsafe bytes.span.bytes, options: options)
}

/// What became of an attempt to decode.
enum DecodingOutcome {
  case image(PixelImage)
  case refused(DecodingError)

  init(of bytes: [UInt8], options: DecodingOptions = DecodingOptions()) {
    do {
      self = .image(try decode(bytes, options: options).pixels)
    } catch {
      self = .refused(error)
    }
  }

  var image: PixelImage? { if case .image(let image) = self { image } else { nil } }
  var error: DecodingError? { if case .refused(let error) = self { error } else { nil } }
}

extension DecodedImage {
  /// The pixels as they are stored.
  var pixels: PixelImage {
    PixelImage(
      width: frame.width, height: frame.height, channels: frame.format == .rgb ? 3 : 4,
      bytes: Array(copying: frame.view.firstPlane))
  }
}

/// The lengths at which a shortened file is taken for an image.
func acceptedLengths(of file: [UInt8]) -> [Int] {
  file.indices.filter { DecodingOutcome(of: Array(file[..<$0])).image != nil }
}

/// The lengths from `shortest` on at which a shortened file is refused in other words than cut short or
/// damaged.
func misjudgedLengths(of file: [UInt8], from shortest: Int) -> [Int] {
  (shortest..<file.count).filter { count in
    let error = DecodingOutcome(of: Array(file[..<count])).error
    return error.map { !$0.isTruncatedOrDamaged } ?? false
  }
}

extension DecodingError {
  /// Whether it says that the file is cut short or damaged.
  var isTruncatedOrDamaged: Bool {
    switch self {
    case .truncated, .damaged: true
    default: false
    }
  }
}

/// How far the channel lies apart in which two images differ most.
func largestDifference(_ a: PixelImage, _ b: PixelImage) -> Int {
  guard a.bytes.count == b.bytes.count else { return .max }
  return zip(a.bytes, b.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
}
