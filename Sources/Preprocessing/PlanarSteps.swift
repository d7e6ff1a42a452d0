import CEmbedderLibYUV
import EmbedderFrameBuffers

/// The steps for YUV frames: scale, bring upright while still in YUV, convert to RGB.
///
/// That order is the reference's, and with odd sizes its results differ from those of turning RGB.
struct PlanarSteps {
  let width: Int
  let height: Int
  let orientation: Orientation

  private var storedWidth: Int { orientation.turned(width: width, height: height).width }
  private var storedHeight: Int { orientation.turned(width: width, height: height).height }

  /// Upright RGB of a region of a YUV frame.
  func rgb(
    from region: RegionOfInterest, of frame: borrowing FrameView, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    var planes = try YUVPlanes(region, of: frame)
    if planes.width != storedWidth || planes.height != storedHeight {
      planes = try scale(planes, &workspace)
    }
    if orientation.rotationMode != kRotate0 {
      planes = try turn(planes, &workspace)
    }
    if orientation.correction.mirrorsLeftToRight {
      planes = try mirror(planes, &workspace)
    }
    return try convert(planes, frame.format, &workspace)
  }

  private func scale(
    _ source: YUVPlanes, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> YUVPlanes {
    let target = try YUVPlanes(
      like: source, width: storedWidth, height: storedHeight, in: &workspace)
    let (luma, first, second) = unsafe (source.luma, source.first, source.second)
    if source.isInterleaved {
      try check(
        "NV12Scale",
        unsafe NV12Scale(
          luma, CInt(source.lumaStride), first, CInt(source.chromaStride), CInt(source.width),
          CInt(source.height), target.mutableLuma, CInt(target.lumaStride), target.mutableFirst,
          CInt(target.chromaStride), CInt(target.width), CInt(target.height), kFilterBilinear))
    } else {
      try check(
        "I420Scale",
        unsafe I420Scale(
          luma, CInt(source.lumaStride), first, CInt(source.chromaStride), second,
          CInt(source.chromaStride), CInt(source.width), CInt(source.height), target.mutableLuma,
          CInt(target.lumaStride), target.mutableFirst, CInt(target.chromaStride),
          target.mutableSecond, CInt(target.chromaStride), CInt(target.width),
          CInt(target.height), kFilterBilinear))
    }
    return target
  }

  private func turn(
    _ source: YUVPlanes, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> YUVPlanes {
    let target = try YUVPlanes(like: source, width: width, height: height, in: &workspace)
    guard source.isInterleaved else {
      try check(
        "I420Rotate",
        unsafe I420Rotate(
          source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
          source.second, CInt(source.chromaStride), target.mutableLuma, CInt(target.lumaStride),
          target.mutableFirst, CInt(target.chromaStride), target.mutableSecond,
          CInt(target.chromaStride), CInt(source.width), CInt(source.height),
          orientation.rotationMode))
      return target
    }
    // libyuv separates the two channels as it turns them; they are put together again.
    let (chromaWidth, chromaHeight) = (target.chromaWidth, target.chromaHeight)
    let first = try unsafe workspace.converted.take(2 * chromaWidth * chromaHeight)
    let second = unsafe first + chromaWidth * chromaHeight
    try check(
      "NV12ToI420Rotate",
      unsafe NV12ToI420Rotate(
        source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
        target.mutableLuma, CInt(target.lumaStride), first, CInt(chromaWidth), second,
        CInt(chromaWidth), CInt(source.width), CInt(source.height), orientation.rotationMode))
    unsafe MergeUVPlane(
      first, CInt(chromaWidth), second, CInt(chromaWidth), target.mutableFirst,
      CInt(target.chromaStride), CInt(chromaWidth), CInt(chromaHeight))
    return target
  }

  private func mirror(
    _ source: YUVPlanes, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> YUVPlanes {
    let target = try YUVPlanes(like: source, width: width, height: height, in: &workspace)
    if source.isInterleaved {
      try check(
        "NV12Mirror",
        unsafe NV12Mirror(
          source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
          target.mutableLuma, CInt(target.lumaStride), target.mutableFirst,
          CInt(target.chromaStride), CInt(width), CInt(height)))
    } else {
      try check(
        "I420Mirror",
        unsafe I420Mirror(
          source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
          source.second, CInt(source.chromaStride), target.mutableLuma, CInt(target.lumaStride),
          target.mutableFirst, CInt(target.chromaStride), target.mutableSecond,
          CInt(target.chromaStride), CInt(width), CInt(height)))
    }
    return target
  }

  /// What libyuv calls RAW is red, green, blue in memory.
  private func convert(
    _ source: YUVPlanes, _ format: PixelFormat, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    let target = try Pixels(in: &workspace, width: width, height: height, bytesPerPixel: 3)
    switch format {
    case .nv12:
      try check(
        "NV12ToRAW",
        unsafe NV12ToRAW(
          source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
          target.mutableStart, CInt(target.stride), CInt(width), CInt(height)))
    case .nv21:
      try check(
        "NV21ToRAW",
        unsafe NV21ToRAW(
          source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
          target.mutableStart, CInt(target.stride), CInt(width), CInt(height)))
    default:
      try check(
        "I420ToRAW",
        unsafe I420ToRAW(
          source.luma, CInt(source.lumaStride), source.first, CInt(source.chromaStride),
          source.second, CInt(source.chromaStride), target.mutableStart, CInt(target.stride),
          CInt(width), CInt(height)))
    }
    return target
  }
}

/// The planes of a YUV image in memory that somebody else keeps alive.
@safe
private struct YUVPlanes {
  let luma: UnsafePointer<UInt8>
  let lumaStride: Int
  /// Interleaved chroma, or U.
  let first: UnsafePointer<UInt8>
  /// V; the same as ``first`` where chroma is interleaved.
  let second: UnsafePointer<UInt8>
  let chromaStride: Int
  let width: Int
  let height: Int
  let isInterleaved: Bool

  var chromaWidth: Int { (width + 1) / 2 }
  var chromaHeight: Int { (height + 1) / 2 }

  // The same memory for writing; only of images that a step has made.
  var mutableLuma: UnsafeMutablePointer<UInt8> { unsafe UnsafeMutablePointer(mutating: luma) }
  var mutableFirst: UnsafeMutablePointer<UInt8> { unsafe UnsafeMutablePointer(mutating: first) }
  var mutableSecond: UnsafeMutablePointer<UInt8> { unsafe UnsafeMutablePointer(mutating: second) }

  /// A region of a frame, as it lies in memory; an odd corner takes the chroma left of and above it.
  init(
    _ region: RegionOfInterest, of frame: borrowing FrameView
  ) throws(PreprocessingError) {
    isInterleaved = frame.format.arrangement == .biplanar
    unsafe luma = try address(of: frame.firstPlane, region.y * frame.rowStride + region.x)
    lumaStride = frame.rowStride
    chromaStride = frame.chromaRowStride
    let offset = region.y / 2 * chromaStride + region.x / 2 * (isInterleaved ? 2 : 1)
    unsafe first = try address(of: frame.secondPlane, offset)
    unsafe second = isInterleaved ? first : try address(of: frame.thirdPlane, offset)
    width = region.width
    height = region.height
  }

  /// A packed image of the same arrangement to write to.
  init(
    like other: YUVPlanes, width: Int, height: Int, in workspace: inout Workspace
  ) throws(PreprocessingError) {
    isInterleaved = other.isInterleaved
    self.width = width
    self.height = height
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    let start = try unsafe workspace.next(width * height + 2 * chromaWidth * chromaHeight)
    unsafe luma = UnsafePointer(start)
    lumaStride = width
    unsafe first = UnsafePointer(start + width * height)
    unsafe second = isInterleaved ? first : first + chromaWidth * chromaHeight
    chromaStride = isInterleaved ? 2 * chromaWidth : chromaWidth
  }
}
