import FrameBuffers
import Storage

/// The first frame of a GIF by stb_image, on its canvas.
///
/// Only the library's path for a single frame is used: that for all frames has CVE-2023-45661, -45662,
/// -45664, -45666 and -45667. Where the frame leaves the canvas open, the background colour appears
/// with red and blue exchanged, as in the reference.
enum GIFDecoder: ImageDecoder {
  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let structure = GIFStructure(bytes)
    guard let width = structure.width, let height = structure.height else {
      throw .truncated(.gif, details: "its header ends early")
    }
    try options.limits.check(width: width, height: height)
    var warnings: [String] = []
    // The library takes bytes behind the end for the end of the picture and says nothing.
    switch structure.state {
    case .complete: break
    case .damaged(let details): throw .damaged(.gif, details: details)
    case .truncated(let details):
      guard options.allowsTruncated, structure.hasPixels else {
        throw .truncated(.gif, details: details)
      }
      warnings.append("the GIF image is cut short (\(details)); what is missing is transparent")
    }
    return try STBImage.decode(
      bytes, width: width, height: height, format: .gif, warnings: warnings)
  }
}
