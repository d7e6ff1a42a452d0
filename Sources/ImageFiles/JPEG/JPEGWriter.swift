import CEmbedderJPEGShim
import EmbedderFrameBuffers
import EmbedderPlatform
import EmbedderStorage

/// Writes pictures as JPEG, by libjpeg-turbo.
package enum JPEGWriter {
  /// Encodes a picture, baseline, with chroma at half of its size.
  ///
  /// - Parameters:
  ///   - pixels: Packed RGB `[height, width, 3]`, from the top left.
  ///   - width: Columns, 1 to 32768.
  ///   - height: Rows, 1 to 32768.
  ///   - quality: 1 to 100, in libjpeg's measure; what lies outside is brought to the nearer end.
  /// - Returns: The bytes of a JPEG file.
  /// - Throws: ``DecodingError/frame(_:)`` where the sizes do not fit together,
  ///   ``DecodingError/outOfMemory(_:)``.
  package static func encode(
    _ pixels: RawSpan, width: Int, height: Int, quality: Int
  ) throws(DecodingError) -> [UInt8] {
    var limits = DecodingLimits()
    limits.pixelCount = .max
    try limits.check(width: width, height: height)
    let needed = width * height * 3
    guard pixels.byteCount >= needed else {
      throw .frame(.tooFewBytes(found: pixels.byteCount, needed: needed))
    }
    var byteCount = 0
    let start = unsafe pixels.withUnsafeBytes { pixels in
      unsafe cjpeg_encode(
        pixels.bindMemory(to: UInt8.self).baseAddress, UInt32(width), UInt32(height),
        CInt(min(max(quality, 1), 100)), &byteCount)
    }
    guard let start = unsafe start else { throw .outOfMemory(OutOfMemory(byteCount: needed)) }
    defer { unsafe free(start) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: byteCount))
  }
}
