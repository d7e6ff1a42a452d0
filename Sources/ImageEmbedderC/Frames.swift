import BatchEmbedding
import CImageEmbedder
import FrameBuffers
import ImageEmbedding
import Storage

/// Bytes that C lends, or a copy of them.
struct LentBytes: Sendable {
  /// More than any memory has, and far from where sums overflow.
  private static let largestByteCount = 1 << 48

  private let address: UInt
  let byteCount: Int
  /// What keeps the bytes where they are, unless C does.
  private let owner: SharedBytes?

  /// Bytes of the caller's.
  init(_ start: UnsafeRawPointer?, _ byteCount: Int, _ name: String) throws {
    guard let start = unsafe start else { throw CallError.null(name) }
    guard (0...Self.largestByteCount).contains(byteCount) else {
      throw CallError.invalid(
        "the size of \(name)", UInt(bitPattern: byteCount),
        needed: "at most \(Self.largestByteCount)")
    }
    address = UInt(bitPattern: start)
    self.byteCount = byteCount
    owner = nil
  }

  private init(_ storage: SharedBytes, from offset: Int, _ byteCount: Int) {
    address =
      unsafe storage.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
      + UInt(offset)
    self.byteCount = byteCount
    owner = storage
  }

  /// Copies of several pieces, which keep their distance where they overlap: views of one plane.
  static func copies(of pieces: [LentBytes]) throws(OutOfMemory) -> [LentBytes] {
    guard let start = pieces.map(\.address).min(),
      let end = pieces.map({ $0.address + UInt($0.byteCount) }).max()
    else { return [] }
    let total = pieces.reduce(0) { $0 + $1.byteCount }
    guard end - start <= UInt(total) else {
      return try pieces.map { piece throws(OutOfMemory) in try copies(of: [piece])[0] }
    }
    var copy = try AlignedBuffer(byteCount: Int(end - start))
    for piece in pieces {
      unsafe copy.withUnsafeMutableBytes { target in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[Int(piece.address - start)...])
          .copyMemory(from: piece.buffer)
      }
    }
    let storage = SharedBytes(copy)
    return pieces.map { LentBytes(storage, from: Int($0.address - start), $0.byteCount) }
  }

  /// The bytes; valid as long as this, or the call in which C lends them.
  @unsafe
  var buffer: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
  }
}

/// An image in memory as C describes it.
struct LentFrame: Sendable {
  private struct Plane: Sendable {
    var bytes: LentBytes
    let rowStride: Int?
    let pixelStride: Int
  }

  private let width: Int
  private let height: Int
  private let format: PixelFormat
  private let orientation: Orientation
  private var planes: [Plane]

  /// Reads a description, and checks that all of it fits together.
  init(_ pointer: UnsafePointer<ie_frame>?) throws {
    let frame = try unsafe ie_frame(pointer, "frame")
    width = Int(frame.width)
    height = Int(frame.height)
    format = try PixelFormat(frame.format)
    let number = frame.orientation == 0 ? 1 : frame.orientation
    guard let orientation = UInt8(exactly: number).flatMap(Orientation.init) else {
      throw CallError.invalid("orientation", number, needed: "a number of EXIF, 1 to 8,")
    }
    self.orientation = orientation
    let all = unsafe [frame.planes.0, frame.planes.1, frame.planes.2]
    let count = frame.plane_count
    guard (1...3).contains(count) else {
      throw CallError.invalid("plane_count", UInt(bitPattern: count), needed: "1, 2 or 3")
    }
    planes = try unsafe all.prefix(count).enumerated().map { index, plane in
      guard unsafe plane.row_stride >= 0, unsafe plane.pixel_stride >= 0 else {
        throw CallError("a stride of plane \(index) is too large; bytes from row to row are needed")
      }
      return unsafe Plane(
        bytes: try LentBytes(plane.data, plane.byte_count, "data of plane \(index)"),
        rowStride: plane.row_stride == 0 ? nil : plane.row_stride,
        pixelStride: plane.pixel_stride)
    }
    try validatePixelStrides()
    try withView { _ in }
  }

  /// Throws where pixels are not as far apart as the format has them.
  private func validatePixelStrides() throws {
    let isInterleaved = planes.count == 2
    for (index, plane) in planes.enumerated() where plane.pixelStride != 0 {
      let needed = index == 0 ? format.bytesPerPixel : isInterleaved ? 2 : plane.pixelStride
      guard plane.pixelStride == needed else {
        throw CallError.invalid(
          "pixel_stride of plane \(index)", plane.pixelStride, needed: "0 or \(needed)")
      }
    }
    guard planes.count == 3 else { return }
    guard planes[1].rowStride == planes[2].rowStride,
      planes[1].pixelStride == planes[2].pixelStride
    else {
      throw CallError("the strides of the chroma planes differ; equal ones are needed")
    }
  }

  /// The same frame with memory of its own.
  func copied() throws(OutOfMemory) -> LentFrame {
    var result = self
    // Chroma planes may be views of one, a byte apart, and luma lies elsewhere.
    let copies =
      try LentBytes.copies(of: [planes[0].bytes])
      + LentBytes.copies(of: planes.dropFirst().map(\.bytes))
    for (index, copy) in copies.enumerated() { result.planes[index].bytes = copy }
    return result
  }

  /// Embeds a region of the stored frame.
  func embed(
    with embedder: ImageEmbedder, in region: RegionOfInterest?
  ) throws(EmbedderError) -> EmbeddedImage {
    let embeddings = try withView { view throws(EmbedderError) in
      try embedder.embed(view, in: region).embeddings
    }
    let swaps = orientation.swapsWidthAndHeight
    return EmbeddedImage(
      width: swaps ? height : width, height: swaps ? width : height, embeddings: embeddings)
  }

  private func withView<Result>(
    _ body: (borrowing FrameView) throws(EmbedderError) -> Result
  ) throws(EmbedderError) -> Result {
    defer { withExtendedLifetime(self) {} }
    let first = unsafe planes[0].bytes.buffer.bytes
    let view: FrameView
    do throws(FrameBufferError) {
      switch planes.count {
      case 1:
        view = try FrameView(
          bytes: first, width: width, height: height, format: format, orientation: orientation,
          rowStride: planes[0].rowStride)
      case 2:
        view = try FrameView(
          luma: first, chroma: unsafe planes[1].bytes.buffer.bytes, width: width, height: height,
          format: format, orientation: orientation, lumaRowStride: planes[0].rowStride,
          chromaRowStride: planes[1].rowStride)
      default:
        guard format.arrangement != .packed else {
          throw .planesDoNotFit(format, planeCount: planes.count)
        }
        let (u, v) = format == .nv21 || format == .yv12 ? (2, 1) : (1, 2)
        view = try FrameView(
          y: first, u: unsafe planes[u].bytes.buffer.bytes,
          v: unsafe planes[v].bytes.buffer.bytes, width: width, height: height,
          orientation: orientation, lumaRowStride: planes[0].rowStride,
          chromaRowStride: planes[1].rowStride, chromaPixelStride: max(1, planes[1].pixelStride))
      }
    } catch {
      throw .preprocessing(.frame(error))
    }
    return try body(view)
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
