/// How pixels lie in memory.
///
/// In the YUV formats chroma has half the resolution of luma in both directions, rounded up, and the
/// range of values is the limited one of BT.601, as cameras give it.
@nonexhaustive
public enum PixelFormat: Sendable, CaseIterable {
  /// Three bytes a pixel: red, green, blue.
  case rgb
  /// Four bytes a pixel: red, green, blue, alpha.
  case rgba
  /// One byte a pixel, 0 black to 255 white; every colour channel takes it.
  case gray
  /// A plane of luma, then a plane of U and V in turn.
  case nv12
  /// A plane of luma, then a plane of V and U in turn.
  case nv21
  /// Planes of luma, V and U.
  case yv12
  /// Planes of luma, U and V; also known as I420.
  case yv21
}

extension PixelFormat {
  /// How the planes of a format are arranged.
  package enum Arrangement: Sendable {
    /// One plane with all channels of a pixel together.
    case packed
    /// Luma, and one plane with both chroma channels in turn.
    case biplanar
    /// Luma and two planes of chroma.
    case triplanar
  }

  package var arrangement: Arrangement {
    switch self {
    case .rgb, .rgba, .gray: .packed
    case .nv12, .nv21: .biplanar
    case .yv12, .yv21: .triplanar
    }
  }

  /// The bytes from one pixel to the next in the first plane.
  package var bytesPerPixel: Int {
    switch self {
    case .rgb: 3
    case .rgba: 4
    case .gray, .nv12, .nv21, .yv12, .yv21: 1
    }
  }
}

/// Where one plane lies in the bytes of a whole frame.
struct PlaneLayout {
  let offset: Int
  let rowStride: Int
  let rowByteCount: Int
  let rowCount: Int

  /// The bytes from the plane's first to its last; the last row has no padding.
  var byteCount: Int { rowStride * (rowCount - 1) + rowByteCount }
  var end: Int { offset + byteCount }
}

extension PixelFormat {
  /// The bytes of a frame whose rows are packed.
  ///
  /// - Throws: ``FrameBufferError/invalidDimensions(width:height:)``.
  package func byteCount(width: Int, height: Int) throws(FrameBufferError) -> Int {
    let sides = 1...FrameBufferError.longestSide
    guard sides.contains(width), sides.contains(height) else {
      throw .invalidDimensions(width: width, height: height)
    }
    let planes = planes(width: width, height: height, rowStride: width * bytesPerPixel)
    return planes.map(\.end).max() ?? 0
  }

  /// The planes of a frame in one piece of memory: luma and, behind its last padded row, chroma.
  ///
  /// Follows `GetYuvDataFromFrameBuffer` (tflite-support, cc/task/vision/utils) for one plane: rows of
  /// interleaved chroma are as far apart as rows of luma, or a byte further where that is the odd
  /// width; rows of planar chroma are half as far apart, rounded up.
  func planes(width: Int, height: Int, rowStride: Int) -> [PlaneLayout] {
    let first = PlaneLayout(
      offset: 0, rowStride: rowStride, rowByteCount: width * bytesPerPixel, rowCount: height)
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    let chromaStart = rowStride * height
    switch arrangement {
    case .packed:
      return [first]
    case .biplanar:
      let stride = rowStride == width && !width.isMultiple(of: 2) ? rowStride + 1 : rowStride
      return [
        first,
        PlaneLayout(
          offset: chromaStart, rowStride: max(stride, 2 * chromaWidth),
          rowByteCount: 2 * chromaWidth, rowCount: chromaHeight),
      ]
    case .triplanar:
      let stride = (rowStride + 1) / 2
      return (0..<2).reduce(into: [first]) { planes, index in
        planes.append(
          PlaneLayout(
            offset: chromaStart + index * stride * chromaHeight, rowStride: stride,
            rowByteCount: chromaWidth, rowCount: chromaHeight))
      }
    }
  }
}
