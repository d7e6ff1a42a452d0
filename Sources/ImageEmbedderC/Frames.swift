import CImageEmbedder
import EmbedderFrameBuffers
import EmbedderStorage
import ImageEmbedding

extension SharedBytes {
  /// More than any memory has, and far from where sums overflow.
  private static let largestByteCount = 1 << 48

  /// Bytes that C lends; they have to stay until this object and what is made of it are gone.
  static func lent(
    _ start: UnsafeRawPointer?, _ byteCount: Int, _ name: String
  ) throws -> SharedBytes {
    guard let start = unsafe start else { throw CallError.null(name) }
    guard (0...largestByteCount).contains(byteCount) else {
      throw CallError.invalid(
        "the size of \(name)", UInt(bitPattern: byteCount),
        needed: "at most \(largestByteCount)")
    }
    return unsafe SharedBytes(
      borrowing: UnsafeRawBufferPointer(start: start, count: byteCount), keeping: nil)
  }
}

extension FrameBuffer {
  /// The image that C describes, in the memory that it lends.
  init(_ pointer: UnsafePointer<ie_frame>?) throws {
    let frame = try unsafe ie_frame(pointer, "frame")
    let format = try PixelFormat(frame.format)
    let number = frame.orientation == 0 ? 1 : frame.orientation
    guard let orientation = UInt8(exactly: number).flatMap(Orientation.init) else {
      throw CallError.invalid("orientation", number, needed: "a number of EXIF, 1 to 8,")
    }
    let count = frame.plane_count
    guard (1...3).contains(count) else {
      throw CallError.invalid("plane_count", UInt(bitPattern: count), needed: "1, 2 or 3")
    }
    let planes = unsafe Array([frame.planes.0, frame.planes.1, frame.planes.2].prefix(count))
    let bytes = try unsafe planes.enumerated().map { index, plane in
      guard unsafe plane.row_stride >= 0, unsafe plane.pixel_stride >= 0 else {
        throw CallError("a stride of plane \(index) is too large; bytes from row to row are needed")
      }
      return try unsafe SharedBytes.lent(plane.data, plane.byte_count, "data of plane \(index)")
    }
    try unsafe Self.validatePixelStrides(of: planes, format)
    let (width, height) = (Int(frame.width), Int(frame.height))
    let rowStride = unsafe planes[0].row_stride == 0 ? nil : planes[0].row_stride
    do throws(FrameBufferError) {
      guard count > 1 else {
        try self.init(
          storage: bytes[0], width: width, height: height, format: format,
          orientation: orientation, rowStride: rowStride)
        return
      }
      guard count < 3 || format.arrangement != .packed else {
        throw .planesDoNotFit(format, planeCount: count)
      }
      // U before V.
      let isVFirst = count == 3 && (format == .nv21 || format == .yv12)
      let chroma = isVFirst ? bytes[1...].reversed() : Array(bytes[1...])
      try self.init(
        luma: bytes[0], chroma: chroma, width: width, height: height, format: format,
        orientation: orientation, lumaRowStride: rowStride,
        chromaRowStride: unsafe planes[1].row_stride == 0 ? nil : planes[1].row_stride,
        chromaPixelStride: max(1, unsafe planes[1].pixel_stride))
    } catch {
      throw EmbedderError.preprocessing(.frame(error))
    }
  }

  /// Throws where pixels are not as far apart as the format has them.
  private static func validatePixelStrides(of planes: [ie_plane], _ format: PixelFormat) throws {
    let isInterleaved = unsafe planes.count == 2
    let strides = unsafe planes.map { unsafe $0.pixel_stride }
    for (index, stride) in strides.enumerated() where stride != 0 {
      let needed = index == 0 ? format.bytesPerPixel : isInterleaved ? 2 : stride
      guard stride == needed else {
        throw CallError.invalid(
          "pixel_stride of plane \(index)", stride, needed: "0 or \(needed)")
      }
    }
    guard unsafe planes.count == 3 else { return }
    guard unsafe planes[1].row_stride == planes[2].row_stride,
      unsafe planes[1].pixel_stride == planes[2].pixel_stride
    else {
      throw CallError("the strides of the chroma planes differ; equal ones are needed")
    }
  }
}

extension PixelFormat {
  fileprivate init(_ format: ie_format) throws {
    switch format {
    case IE_FORMAT_RGBA: self = .rgba
    case IE_FORMAT_RGB: self = .rgb
    case IE_FORMAT_NV12: self = .nv12
    case IE_FORMAT_NV21: self = .nv21
    case IE_FORMAT_YV12: self = .yv12
    case IE_FORMAT_YV21: self = .yv21
    case IE_FORMAT_GRAY: self = .gray
    default: throw CallError.invalid("format", format.rawValue, needed: "a number from 0 to 6")
    }
  }
}

extension RegionOfInterest {
  /// The region that C describes; `nil` is the whole picture.
  init?(_ region: UnsafePointer<ie_region>?) {
    guard let region = unsafe region?.pointee else { return nil }
    self.init(
      x: Int(region.x), y: Int(region.y), width: Int(region.width), height: Int(region.height))
  }
}
