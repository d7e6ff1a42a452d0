import CEmbedderLibYUV
package import EmbedderFrameBuffers

/// Turns an image into a model's input: crop, resize, bring upright, encode.
///
/// With the preset ``PreprocessingPreset/taskLibraryV1`` the pixels are bit-identical to the
/// reference's (`FrameBufferUtils::Preprocess`, tflite-support, cc/task/vision/utils): the same libyuv
/// calls on the same source rectangle, less the conversions that cannot change a value. Not Sendable: it keeps its intermediate images for the next call.
package struct Preprocessor: ~Copyable {
  private let encoding: PixelEncoding
  private let alpha: AlphaTreatment
  private let preset: PreprocessingPreset
  private let isPlanar: Bool
  private let encoder: Encoder
  private var workspace = Workspace()

  /// Makes a preprocessor for one kind of input, with the channels of a pixel beside each other or, planar,
  /// each channel in a plane of its own.
  package init(
    encoding: PixelEncoding, alpha: AlphaTreatment = .drop,
    preset: PreprocessingPreset = .taskLibraryV1, isPlanar: Bool = false
  ) {
    self.encoding = encoding
    self.alpha = alpha
    self.preset = preset
    self.isPlanar = isPlanar
    encoder =
      switch encoding {
      case .uint8: .copy
      case .float32(let normalization): .normalize(NormalizationPattern(normalization))
      case .int8(let normalization, let scale, let zeroPoint):
        .quantize(QuantizationTable(normalization, scale: scale, zeroPoint: zeroPoint))
      }
  }

  /// Writes a region of a frame, stretched to `width` x `height` and upright, as the model wants it.
  ///
  /// - Parameters:
  ///   - frame: The image.
  ///   - region: What is used of it, in pixels of the stored frame.
  ///   - width: The input's width, in pixels of the upright picture.
  ///   - height: The input's height.
  ///   - bytes: The input tensor, `[1, height, width, 3]` or, planar, `[1, 3, height, width]`, whose size
  ///     must fit.
  /// - Throws: ``PreprocessingError``, for a region outside the frame and for a frame of
  ///   ``SampledRows`` of another resize among others.
  package mutating func write(
    _ frame: borrowing FrameView, region: RegionOfInterest, width: Int, height: Int,
    to bytes: inout MutableRawSpan
  ) throws(PreprocessingError) {
    do {
      try region.validate(inWidth: frame.width, height: frame.height)
    } catch {
      throw .frame(error)
    }
    let needed = width * height * 3 * encoding.bytesPerChannel
    guard bytes.byteCount == needed else {
      throw .inputSize(found: bytes.byteCount, needed: needed)
    }
    let pixels = try uprightRGB(frame, region, width, height)
    if isPlanar { return try writePlanes(of: pixels, to: &bytes) }
    unsafe bytes.withUnsafeMutableBytes { target in
      guard let target = target.baseAddress else { return }
      for row in 0..<height {
        let source = unsafe pixels.start + row * pixels.stride
        let offset = row * width * 3 * encoding.bytesPerChannel
        unsafe encode(source, to: target + offset, count: width)
      }
    }
  }

  /// Packed or strided RGB rows of the upright picture at the wanted size.
  private mutating func uprightRGB(
    _ frame: borrowing FrameView, _ region: RegionOfInterest, _ width: Int, _ height: Int
  ) throws(PreprocessingError) -> Pixels {
    let steps = PackedSteps(width: width, height: height, orientation: frame.orientation)
    if let rows = frame.sampledRows {
      let needed = SampledRows(
        top: region.y, sourceHeight: region.height, targetHeight: steps.storedHeight)
      guard rows == needed, preset == .taskLibraryV1 else { throw .missingRows }
    }
    if preset == .antialiasedV1,
      let average = AreaAverage(region, toWidth: steps.storedWidth, height: steps.storedHeight)
    {
      return try averagedRGB(frame, region, average, steps)
    }
    switch frame.format {
    case .rgb:
      return try steps.rgb(fromRGB: Pixels(region, of: frame), &workspace)
    case .rgba:
      return try steps.rgb(fromRGBA: Pixels(region, of: frame), alpha, &workspace)
    case .gray:
      return try steps.rgb(fromGray: Pixels(region, of: frame), &workspace)
    case .nv12, .nv21, .yv12, .yv21:
      let planar = PlanarSteps(width: width, height: height, orientation: frame.orientation)
      return try planar.rgb(from: region, of: frame, &workspace)
    }
  }

  /// The same of a region that is averaged before anything else, but for what turns it into RGB.
  private mutating func averagedRGB(
    _ frame: borrowing FrameView, _ region: RegionOfInterest, _ average: AreaAverage,
    _ steps: PackedSteps
  ) throws(PreprocessingError) -> Pixels {
    switch frame.format {
    case .rgb:
      let image = try average.shrink(Pixels(region, of: frame), channels: 3, &workspace)
      return try steps.rgb(fromRGB: image, &workspace)
    case .rgba:
      let image = try average.shrink(
        Pixels(region, of: frame), channels: 4, alpha: alpha, &workspace)
      return try steps.rgb(fromRGBA: image, .drop, &workspace)
    case .gray:
      let image = try average.shrink(Pixels(region, of: frame), channels: 1, &workspace)
      return try steps.rgb(fromGray: image, &workspace)
    case .nv12, .nv21, .yv12, .yv21:
      let planar = PlanarSteps(width: region.width, height: region.height, orientation: .topLeft)
      let whole = try planar.rgb(from: region, of: frame, &workspace)
      let image = try average.shrink(whole, channels: 3, &workspace)
      return try steps.rgb(fromRGB: image, &workspace)
    }
  }

  /// Writes each channel as a plane, a row of all three at a time while they are in the cache.
  private mutating func writePlanes(
    of pixels: Pixels, to bytes: inout MutableRawSpan
  ) throws(PreprocessingError) {
    let (width, height) = (pixels.width, pixels.height)
    let rows = unsafe try workspace.next(3 * width)
    let planeByteCount = width * height * encoding.bytesPerChannel
    unsafe bytes.withUnsafeMutableBytes { target in
      guard let target = target.baseAddress else { return }
      for row in 0..<height {
        unsafe SplitRGBPlane(
          pixels.start + row * pixels.stride, 0, rows, 0, rows + width, 0, rows + 2 * width, 0,
          CInt(width), 1)
        for channel in 0..<3 {
          let offset = channel * planeByteCount + row * width * encoding.bytesPerChannel
          unsafe encode(
            rows + channel * width, of: channel, to: target + offset, count: width)
        }
      }
    }
  }

  /// Encodes `count` values of one channel.
  private func encode(
    _ source: UnsafePointer<UInt8>, of channel: Int, to target: UnsafeMutableRawPointer, count: Int
  ) {
    switch encoder {
    case .copy:
      unsafe target.copyMemory(from: source, byteCount: count)
    case .normalize(let pattern):
      unsafe pattern.write(
        source, of: channel, to: target.assumingMemoryBound(to: Float.self), count: count)
    case .quantize(let table):
      unsafe table.write(
        source, of: channel, to: target.assumingMemoryBound(to: Int8.self), count: count)
    }
  }

  private func encode(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutableRawPointer, count: Int
  ) {
    switch encoder {
    case .copy:
      unsafe target.copyMemory(from: source, byteCount: count * 3)
    case .normalize(let pattern):
      unsafe pattern.write(source, to: target.assumingMemoryBound(to: Float.self), count: count)
    case .quantize(let table):
      unsafe table.write(source, to: target.assumingMemoryBound(to: Int8.self), count: count)
    }
  }

  /// What becomes of RGB bytes, prepared once.
  private enum Encoder {
    case copy
    case normalize(NormalizationPattern)
    case quantize(QuantizationTable)
  }
}
