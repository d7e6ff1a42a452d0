import EmbedderFrameBuffers
import EmbedderStorage

/// The first frame of a GIF by giflib, on its canvas, which is transparent where the frame leaves it open.
///
/// Where the frame reaches beyond the canvas, this one grows, as browsers have it.
enum GIFDecoder: ImageDecoder {
  static let fileExtensions = ["gif"]
  static let summary = "Graphics Interchange Format; the first frame."

  static func recognizes(_ start: RawSpan) -> Bool {
    start.holds("GIF87a") || start.holds("GIF89a")
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    let file = try GIFFile(bytes)
    let (width, height) = (file.canvasWidth, file.canvasHeight)
    try options.limits.check(width: width, height: height)
    var data = GIFData(bytes, from: file.dataOffset)
    let pixelCount = file.width * file.height
    guard let foundCount = data.countPixels(upTo: pixelCount) else {
      throw .damaged(.gif, details: "its first frame's data has no meaning")
    }
    var warnings: [String] = []
    if foundCount < pixelCount {
      let details = "its first frame has \(foundCount) of \(pixelCount) pixels"
      guard options.allowsTruncated else { throw .truncated(.gif, details: details) }
      warnings.append("the GIF image is cut short (\(details)); what is missing is transparent")
    } else if !GIFBlocks.areComplete(in: bytes, fromDataAt: file.dataOffset) {
      warnings.append("the GIF file does not end as it should; its first frame is whole")
    }
    var pixels = try options.limits.allocate(width: width, height: height, format: .rgba)
    if !file.coversCanvas || foundCount < pixelCount { pixels.clear() }
    try file.decode(foundCount, to: &pixels)
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: .rgba, format: .gif, warnings: warnings)
  }
}
