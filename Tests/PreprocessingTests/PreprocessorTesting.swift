import CEmbedderLibYUV
import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderStorage
import EmbedderTestSupport
import Testing

extension Preprocessor {
  /// What the preprocessor makes of an image, as bytes.
  mutating func bytes(
    of image: PixelImage, orientation: Orientation = .topLeft, padding: Int = 0,
    region: RegionOfInterest? = nil, width: Int, height: Int, bytesPerChannel: Int = 1
  ) throws -> [UInt8] {
    let frame = try FrameBuffer(
      bytes: padding == 0 ? image.bytes : image.padded(by: padding), width: image.width,
      height: image.height, format: image.channels == 4 ? .rgba : .rgb, orientation: orientation,
      rowStride: image.width * image.channels + padding)
    return try bytes(
      of: frame.view, region: region ?? frame.view.fullRegion, width: width, height: height,
      bytesPerChannel: bytesPerChannel)
  }

  /// What the preprocessor makes of a frame, as bytes; nothing may be written behind them.
  mutating func bytes(
    of frame: borrowing FrameView, region: RegionOfInterest, width: Int, height: Int,
    bytesPerChannel: Int = 1
  ) throws -> [UInt8] {
    var buffer = try AlignedBuffer(byteCount: width * height * 3 * bytesPerChannel)
    var target = buffer.mutableBytes
    try write(frame, region: region, width: width, height: height, to: &target)
    let spare = unsafe UnsafeRawBufferPointer(
      start: buffer.baseAddress + buffer.byteCount, count: AlignedBuffer.spareByteCount)
    #expect(unsafe spare.allSatisfy { $0 == 0 }, "the spare bytes behind the tensor were written")
    return Array(copying: buffer.bytes)
  }
}

/// What the reference does with an upright frame, call by call and with nothing left out: the whole
/// region to four bytes a pixel, libyuv's bilinear scaling, and back to three.
func referencePixels(
  of frame: borrowing FrameView, region: RegionOfInterest, width: Int, height: Int
) -> [UInt8] {
  let bytesPerPixel = frame.format.bytesPerPixel
  var wide = Array(repeating: UInt8(0), count: region.width * region.height * 4)
  var scaled = Array(repeating: UInt8(0), count: width * height * 4)
  var result = Array(repeating: UInt8(0), count: width * height * 3)
  let stride = frame.rowStride
  let offset = region.y * stride + region.x * bytesPerPixel
  unsafe frame.firstPlane.withUnsafeBytes { bytes in
    guard let start = bytes.baseAddress else { return }
    let source = unsafe (start + offset).assumingMemoryBound(to: UInt8.self)
    let (sourceWidth, sourceHeight) = (CInt(region.width), CInt(region.height))
    if bytesPerPixel == 3 {
      unsafe RGB24ToARGB(source, CInt(stride), &wide, sourceWidth * 4, sourceWidth, sourceHeight)
      unsafe ARGBScale(
        wide, sourceWidth * 4, sourceWidth, sourceHeight, &scaled, CInt(width) * 4, CInt(width),
        CInt(height), kFilterBilinear)
    } else {
      unsafe ARGBScale(
        source, CInt(stride), sourceWidth, sourceHeight, &scaled, CInt(width) * 4, CInt(width),
        CInt(height), kFilterBilinear)
    }
    unsafe ARGBToRGB24(
      scaled, CInt(width) * 4, &result, CInt(width) * 3, CInt(width), CInt(height))
  }
  return result
}
