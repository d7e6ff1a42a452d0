import CTurboJPEG
import FrameBuffers
import Storage

/// JPEG by libjpeg-turbo: the accurate integer transform and smooth ("fancy") up-sampling, which stay
/// within 3 levels of the reference's decoder.
enum JPEGDecoder: ImageDecoder {
  static func decode(
    _ bytes: RawSpan, limits: DecodingLimits
  ) throws(DecodingError) -> DecodedImage {
    guard let handle = unsafe tjInitDecompress() else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    defer { unsafe tjDestroy(handle) }

    var width: CInt = 0
    var height: CInt = 0
    var subsampling: CInt = 0
    var colorSpace: CInt = 0
    let headerStatus = unsafe bytes.withUnsafeBytes { source in
      unsafe tjDecompressHeader3(
        handle, source.bindMemory(to: UInt8.self).baseAddress, UInt(source.count), &width, &height,
        &subsampling, &colorSpace)
    }
    if headerStatus != 0 {
      try unsafe throwIfSerious(handle)
    }
    guard colorSpace != CInt(TJCS_CMYK.rawValue), colorSpace != CInt(TJCS_YCCK.rawValue) else {
      throw .unsupported(.jpeg, details: "its colours are CMYK; save it as RGB")
    }

    var pixels = try limits.allocate(width: Int(width), height: Int(height), format: .rgb)
    let status = unsafe bytes.withUnsafeBytes { source in
      unsafe pixels.withUnsafeMutableBytes { target in
        unsafe tjDecompress2(
          handle, source.bindMemory(to: UInt8.self).baseAddress, UInt(source.count),
          target.bindMemory(to: UInt8.self).baseAddress, width, 3 * width, height,
          CInt(TJPF_RGB.rawValue), TJFLAG_ACCURATEDCT)
      }
    }
    var warnings: [String] = []
    if status != 0 {
      warnings.append(try unsafe throwIfSerious(handle))
    }
    return try DecodedImage(
      pixels, width: Int(width), height: Int(height), pixelFormat: .rgb,
      orientation: Orientation(jpeg: bytes) ?? .topLeft, format: .jpeg, warnings: warnings)
  }

  /// Returns the library's last message where the picture is whole all the same.
  ///
  /// libjpeg goes on after most defects and fills what is missing with gray; only stray bytes between
  /// segments leave every pixel as it was meant.
  @discardableResult
  private static func throwIfSerious(_ handle: tjhandle) throws(DecodingError) -> String {
    let message = unsafe String(cString: tjGetErrorStr2(handle))
    if message.contains("Premature end") || message.contains("premature end") {
      throw .truncated(.jpeg, details: message)
    }
    let isWarning = unsafe tjGetErrorCode(handle) == CInt(TJERR_WARNING.rawValue)
    guard isWarning, message.contains("extraneous bytes") else {
      throw .damaged(.jpeg, details: message)
    }
    return message
  }
}
