import CEmbedderLibYUV
import EmbedderFrameBuffers

/// Rows of interleaved channels in memory that somebody else keeps alive: a step's source or result.
@safe
struct Pixels {
  let start: UnsafePointer<UInt8>
  let stride: Int
  let width: Int
  let height: Int

  /// The same memory for writing; only of images that a step has made.
  var mutableStart: UnsafeMutablePointer<UInt8> { unsafe UnsafeMutablePointer(mutating: start) }

  /// A packed image to write to.
  init(
    in workspace: inout Workspace, width: Int, height: Int, bytesPerPixel: Int
  ) throws(PreprocessingError) {
    unsafe start = UnsafePointer(try workspace.next(width * height * bytesPerPixel))
    stride = width * bytesPerPixel
    self.width = width
    self.height = height
  }

  /// An image that is there already.
  init(start: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int) {
    unsafe self.start = start
    self.stride = stride
    self.width = width
    self.height = height
  }

  /// A region of the first plane of a frame, as it lies in memory.
  ///
  /// - Throws: ``PreprocessingError/frame(_:)`` for a frame without bytes.
  init(
    _ region: RegionOfInterest, of frame: borrowing FrameView
  ) throws(PreprocessingError) {
    let offset = region.y * frame.rowStride + region.x * frame.format.bytesPerPixel
    unsafe start = try address(of: frame.firstPlane, offset)
    stride = frame.rowStride
    width = region.width
    height = region.height
  }
}

/// The address of a byte of a plane, whose bounds the frame has checked.
func address(
  of plane: RawSpan, _ offset: Int
) throws(PreprocessingError) -> UnsafePointer<UInt8> {
  let start = unsafe plane.withUnsafeBytes { bytes in
    unsafe bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
  }
  guard let start = unsafe start else {
    throw .frame(.tooFewBytes(found: 0, needed: offset + 1))
  }
  return unsafe start
}

extension Orientation {
  /// libyuv's mode for the turn of the correction; libyuv turns clockwise.
  var rotationMode: RotationMode {
    switch correction.counterclockwiseQuarterTurns {
    case 1: kRotate270
    case 2: kRotate180
    case 3: kRotate90
    default: kRotate0
    }
  }
}
