import CLibYUV
package import FrameBuffers
import Storage

/// Turns an image into a model's input: crop, resize, bring upright, encode.
///
/// The pixels are bit-identical to the reference's (`FrameBufferUtils::Preprocess`, tflite-support,
/// cc/task/vision/utils): the same libyuv calls on the same source rectangle, less the conversions
/// that cannot change a value. Not Sendable: it keeps its intermediate images for the next call.
package struct Preprocessor: ~Copyable {
  private let encoding: PixelEncoding
  private let table: QuantizationTable?
  // Three at once are never needed twice over: a converted source, and two that steps alternate
  // between.
  private var converted = Scratch()
  private var front = Scratch()
  private var back = Scratch()

  /// Makes a preprocessor for one kind of input.
  package init(encoding: PixelEncoding) {
    self.encoding = encoding
    if case .int8(let normalization, let scale, let zeroPoint) = encoding {
      table = QuantizationTable(normalization, scale: scale, zeroPoint: zeroPoint)
    } else {
      table = nil
    }
  }

  /// Writes a region of a frame, stretched to `width` x `height` and upright, as the model wants it.
  ///
  /// - Parameters:
  ///   - frame: The image.
  ///   - region: What is used of it, in pixels of the stored frame.
  ///   - width: The input's width, in pixels of the upright picture.
  ///   - height: The input's height.
  ///   - bytes: The input tensor `[1, height, width, 3]`, whose size must fit.
  /// - Throws: ``PreprocessingError``, for a region outside the frame among others.
  package mutating func write(
    _ frame: borrowing FrameView, region: RegionOfInterest, width: Int, height: Int,
    to bytes: inout MutableRawSpan
  ) throws(PreprocessingError) {
    do {
      try region.validate(inWidth: frame.width, height: frame.height)
    } catch {
      throw .frame(error)
    }
    precondition(bytes.byteCount == width * height * 3 * encoding.bytesPerChannel)
    let pixels = try uprightRGB(frame, region, width, height)
    unsafe bytes.withUnsafeMutableBytes { target in
      guard let target = target.baseAddress else { return }
      for row in 0..<height {
        let source = unsafe pixels.start + row * pixels.stride
        let offset = row * width * 3 * encoding.bytesPerChannel
        unsafe encode(source, to: target + offset, count: width)
      }
    }
  }

  private func encode(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutableRawPointer, count: Int
  ) {
    switch encoding {
    case .uint8:
      unsafe target.copyMemory(from: source, byteCount: count * 3)
    case .float32(let normalization):
      unsafe normalization.write(
        source, to: target.assumingMemoryBound(to: Float.self), count: count)
    case .int8:
      unsafe table?.write(source, to: target.assumingMemoryBound(to: Int8.self), count: count)
    }
  }

  /// Packed or strided RGB rows of the upright picture at the wanted size.
  private mutating func uprightRGB(
    _ frame: borrowing FrameView, _ region: RegionOfInterest, _ width: Int, _ height: Int
  ) throws(PreprocessingError) -> Pixels {
    let orientation = frame.orientation
    var image = try source(of: frame, region)
    let (scaledWidth, scaledHeight) =
      orientation.swapsWidthAndHeight ? (height, width) : (width, height)
    if frame.format == .rgb {
      if image.width == scaledWidth, image.height == scaledHeight,
        orientation == .topLeft
      {
        return image
      }
      image = try widen(image, targetHeight: scaledHeight)
    }
    image = try scale(image, scaledWidth, scaledHeight)
    let (turns, mirrors) = orientation.correction
    if turns != 0 {
      image = try turn(image, turns)
    }
    if mirrors {
      image = try mirror(image)
    }
    return try narrow(image)
  }

  // MARK: Steps

  /// The region of the frame as it lies in memory.
  private func source(
    of frame: borrowing FrameView, _ region: RegionOfInterest
  ) throws(PreprocessingError) -> Pixels {
    let offset = region.y * frame.rowStride + region.x * frame.format.bytesPerPixel
    let start = unsafe frame.bytes.withUnsafeBytes { bytes in
      unsafe bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    }
    guard let start = unsafe start else {
      throw .frame(.tooFewBytes(found: 0, needed: frame.rowStride * frame.height))
    }
    return unsafe Pixels(
      start: start, stride: frame.rowStride, width: region.width, height: region.height)
  }

  /// Three bytes a pixel to four, of those rows that scaling to `targetHeight` reads.
  private mutating func widen(
    _ image: Pixels, targetHeight: Int
  ) throws(PreprocessingError) -> Pixels {
    let stride = image.width * 4
    let target = try unsafe converted.take(stride * image.height)
    for rows in SampledRows(sourceHeight: image.height, targetHeight: targetHeight) {
      try call("RGB24ToARGB") {
        unsafe RGB24ToARGB(
          image.start + rows.lowerBound * image.stride, CInt(image.stride),
          target + rows.lowerBound * stride, CInt(stride), CInt(image.width), CInt(rows.count))
      }
    }
    return unsafe Pixels(start: target, stride: stride, width: image.width, height: image.height)
  }

  private mutating func scale(
    _ image: Pixels, _ width: Int, _ height: Int
  ) throws(PreprocessingError) -> Pixels {
    if image.width == width, image.height == height { return image }
    let target = try next(width, height, bytesPerPixel: 4)
    try call("ARGBScale") {
      unsafe ARGBScale(
        image.start, CInt(image.stride), CInt(image.width), CInt(image.height), target.mutableStart,
        CInt(target.stride), CInt(width), CInt(height), kFilterBilinear)
    }
    return target
  }

  private mutating func turn(_ image: Pixels, _ turns: Int) throws(PreprocessingError) -> Pixels {
    let swaps = !turns.isMultiple(of: 2)
    let target = try next(
      swaps ? image.height : image.width, swaps ? image.width : image.height, bytesPerPixel: 4)
    // libyuv turns clockwise.
    let mode = [1: kRotate270, 2: kRotate180, 3: kRotate90][turns] ?? kRotate0
    try call("ARGBRotate") {
      unsafe ARGBRotate(
        image.start, CInt(image.stride), target.mutableStart, CInt(target.stride),
        CInt(image.width), CInt(image.height), mode)
    }
    return target
  }

  private mutating func mirror(_ image: Pixels) throws(PreprocessingError) -> Pixels {
    let target = try next(image.width, image.height, bytesPerPixel: 4)
    try call("ARGBMirror") {
      unsafe ARGBMirror(
        image.start, CInt(image.stride), target.mutableStart, CInt(target.stride),
        CInt(image.width), CInt(image.height))
    }
    return target
  }

  /// Four bytes a pixel to three: the last is dropped.
  private mutating func narrow(_ image: Pixels) throws(PreprocessingError) -> Pixels {
    let target = try next(image.width, image.height, bytesPerPixel: 3)
    try call("ARGBToRGB24") {
      unsafe ARGBToRGB24(
        image.start, CInt(image.stride), target.mutableStart, CInt(target.stride),
        CInt(image.width), CInt(image.height))
    }
    return target
  }

  /// A packed image to write to, other than the one that the last step wrote.
  private mutating func next(
    _ width: Int, _ height: Int, bytesPerPixel: Int
  ) throws(PreprocessingError) -> Pixels {
    swap(&front, &back)
    let start = try unsafe front.take(width * height * bytesPerPixel)
    return unsafe Pixels(start: start, stride: width * bytesPerPixel, width: width, height: height)
  }

  private func call(_ function: String, _ body: () -> CInt) throws(PreprocessingError) {
    let status = body()
    guard status == 0 else {
      throw .stepFailed(function: function, status: Int(status))
    }
  }
}

/// Rows of pixels in memory that somebody else keeps alive.
@safe
private struct Pixels {
  let start: UnsafePointer<UInt8>
  let stride: Int
  let width: Int
  let height: Int

  /// The same memory for writing; only of images made by `next`.
  var mutableStart: UnsafeMutablePointer<UInt8> { unsafe UnsafeMutablePointer(mutating: start) }
}

/// Memory that grows to the largest size ever asked for and stays.
@safe
private struct Scratch: ~Copyable {
  private var buffer: AlignedBuffer?
  private var start: UnsafeMutablePointer<UInt8>?
  private var capacity = 0

  mutating func take(_ byteCount: Int) throws(PreprocessingError) -> UnsafeMutablePointer<UInt8> {
    if capacity >= byteCount, let start = unsafe start { return unsafe start }
    // The old memory goes before the new is asked for.
    capacity = 0
    buffer = nil
    do {
      let larger = try AlignedBuffer(byteCount: byteCount)
      let newStart = unsafe larger.baseAddress.assumingMemoryBound(to: UInt8.self)
      buffer = consume larger
      unsafe start = newStart
      capacity = byteCount
      return unsafe newStart
    } catch {
      throw .outOfMemory(error)
    }
  }
}
