import CEmbedderHeif
import EmbedderFrameBuffers
import EmbedderStorage

/// The pixels that libheif decoded: packed RGB or RGBA, or gray with opacity beside it.
@safe
struct HEIFPlanes {
  let width: Int
  let height: Int

  @safe
  private struct Plane {
    let start: UnsafePointer<UInt8>
    let rowStride: Int
    /// The bits of a sample, which has two bytes where they are more than 8.
    let bitDepth: Int
  }

  private let main: Plane
  /// The opacity of a gray picture.
  private let opacity: Plane?
  private let isGray: Bool

  /// Finds the pixels; `image` has to live as long as this.
  ///
  /// - Throws: ``DecodingError`` where its planes are not of one size.
  init(
    _ image: UnsafeMutablePointer<heif_image>, _ functions: HeifFunctions, _ format: ImageFormat,
    hasAlpha: Bool, isGray: Bool
  ) throws(DecodingError) {
    // A grid is composed as RGB also where its parts are gray.
    let isMonochrome =
      unsafe functions.image_get_colorspace(image) == CInt(kHeifColorspaceMonochrome)
    let channel =
      !isGray
      ? CInt(kHeifChannelInterleaved) : CInt(isMonochrome ? kHeifChannelY : kHeifChannelR)
    let width = unsafe Int(functions.image_get_width(image, channel))
    let height = unsafe Int(functions.image_get_height(image, channel))

    func plane(_ channel: CInt, bytesPerPixel: Int) throws(DecodingError) -> Plane {
      var rowStride: CInt = 0
      let start = unsafe functions.image_get_plane_readonly(image, channel, &rowStride)
      let depth = unsafe Int(functions.image_get_bits_per_pixel_range(image, channel))
      let byteCount = depth > 8 && isGray ? 2 * bytesPerPixel : bytesPerPixel
      guard let start = unsafe start, width > 0, height > 0, Int(rowStride) >= width * byteCount,
        unsafe Int(functions.image_get_width(image, channel)) == width,
        unsafe Int(functions.image_get_height(image, channel)) == height,
        !isGray || (8...16).contains(depth)
      else {
        throw .damaged(format, details: "it was decoded to no pixels")
      }
      return unsafe Plane(start: start, rowStride: Int(rowStride), bitDepth: depth)
    }
    (self.width, self.height, self.isGray) = (width, height, isGray)
    main = try plane(channel, bytesPerPixel: isGray ? 1 : hasAlpha ? 4 : 3)
    opacity =
      isGray && hasAlpha ? try plane(CInt(kHeifChannelAlpha), bytesPerPixel: 1) : nil
  }

  /// Copies a part, which has to lie inside, to packed RGB or RGBA.
  ///
  /// Where the range of gray is limited, 16 becomes 0 and 235 becomes 255. Of samples of more than 8
  /// bits the high ones count.
  func copy(
    _ region: RegionOfInterest, to pixels: inout AlignedBuffer, _ pixelFormat: PixelFormat,
    isLimitedRange: Bool
  ) {
    let size = pixelFormat.bytesPerPixel
    let rowByteCount = region.width * size
    unsafe pixels.withUnsafeMutableBytes { target in
      for row in 0..<region.height {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: target[row * rowByteCount..<(row + 1) * rowByteCount])
        let y = region.y + row
        guard isGray else {
          unsafe rest.copyMemory(
            from: UnsafeRawBufferPointer(
              start: main.start + y * main.rowStride + region.x * size, count: rowByteCount))
          continue
        }
        for column in 0..<region.width {
          let gray = Self.level(
            Self.sample(main, region.x + column, y), main.bitDepth, isLimitedRange)
          for channel in 0..<3 { unsafe rest[size * column + channel] = gray }
          if let opacity {
            unsafe rest[size * column + 3] = Self.level(
              Self.sample(opacity, region.x + column, y), opacity.bitDepth, false)
          }
        }
      }
    }
  }

  private static func sample(_ plane: Plane, _ x: Int, _ y: Int) -> Int {
    let row = unsafe UnsafeRawPointer(plane.start + y * plane.rowStride)
    return unsafe plane.bitDepth == 8
      ? Int(row.load(fromByteOffset: x, as: UInt8.self))
      : Int(row.loadUnaligned(fromByteOffset: 2 * x, as: UInt16.self))
  }

  private static func level(_ sample: Int, _ bitDepth: Int, _ isLimitedRange: Bool) -> UInt8 {
    guard isLimitedRange else { return UInt8(clamping: sample >> (bitDepth - 8)) }
    let (black, range) = (16 << (bitDepth - 8), 219 << (bitDepth - 8))
    return UInt8(clamping: (max(0, sample - black) * 255 + range / 2) / range)
  }
}
