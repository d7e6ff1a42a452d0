// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderStorage
import ImageEmbedding

/// A decoded image file.
final class ImageHandle: Handle {
  let image: DecodedImage
  /// The pixels that C sees.
  let frame: FrameBuffer
  let formatName: CText
  let warnings: [CText]

  init(_ image: DecodedImage) throws(DecodingError) {
    self.image = image
    frame = try image.frameAsStored()
    formatName = CText(image.format.rawValue)
    warnings = image.warnings.map(CText.init)
  }

  /// The pixels as C sees them; valid as long as this.
  fileprivate var lentPlane: ie_plane {
    let frame = frame
    let bytes = frame.view.firstPlane
    return unsafe ie_plane(
      data: bytes.withUnsafeBytes { $0.baseAddress }, byte_count: bytes.byteCount,
      row_stride: frame.rowStride, pixel_stride: frame.format.bytesPerPixel)
  }
}

extension PathBytes {
  /// The path at a C string.
  init(_ path: UnsafePointer<CChar>?, _ name: String = "path") throws {
    guard let path = unsafe path else { throw CallError.null(name) }
    let count = unsafe path.withMemoryRebound(to: UInt8.self, capacity: 1) { bytes in
      var count = 0
      while unsafe bytes[count] != 0 { count += 1 }
      return count
    }
    unsafe self.init(UnsafeRawBufferPointer(start: path, count: count))
  }

  /// The paths at C strings; `NULL` will do for none.
  static func list(
    _ paths: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ name: String,
    _ countName: String
  ) throws -> [PathBytes] {
    guard count >= 0 else {
      throw CallError.invalid(
        countName, UInt(bitPattern: count), needed: "the number of \(name)")
    }
    guard count > 0 else { return [] }
    guard let paths = unsafe paths else { throw CallError.null(name) }
    return try (0..<count).map { try unsafe PathBytes(paths[$0], "\(name)[\($0)]") }
  }
}

@c @implementation
public func ie_image_decode_file(
  _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<ie_options>?,
  _ image: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(image, "image", error) {
    let path = try unsafe PathBytes(path)
    let decoding = try unsafe DecodingOptions(options)
    do throws(DecodingError) {
      return try ImageHandle(ImageFile.decode(contentsOf: path, options: decoding))
    } catch {
      throw EmbedderError.image(path: path.description, error)
    }
  }
}

@c @implementation
public func ie_image_decode(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int, _ options: UnsafePointer<ie_options>?,
  _ image: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(image, "image", error) {
    let bytes = try unsafe SharedBytes.lent(bytes, byteCount, "bytes")
    let decoding = try unsafe DecodingOptions(options)
    return try ImageHandle(ImageFile.decode(bytes.bytes, options: decoding))
  }
}

@c @implementation
public func ie_image_frame(
  _ image: OpaquePointer?, _ frame: UnsafeMutablePointer<ie_frame>?
) -> ie_status {
  perform(nil) {
    let handle = try unsafe ImageHandle.get(image, "image")
    let pixels = handle.frame
    var described = ie_frame()
    described.width = Int32(clamping: pixels.width)
    described.height = Int32(clamping: pixels.height)
    described.format =
      switch pixels.format {
      case .gray: IE_FORMAT_GRAY
      case .rgba: IE_FORMAT_RGBA
      default: IE_FORMAT_RGB
      }
    described.orientation = Int32(pixels.orientation.rawValue)
    described.plane_count = 1
    unsafe described.planes = (handle.lentPlane, ie_plane(), ie_plane())
    try unsafe described.fill(frame, "frame")
  }
}

@c @implementation
public func ie_image_channel_count(_ image: OpaquePointer?) -> Int32 {
  unsafe Int32(ImageHandle.find(image)?.frame.format.bytesPerPixel ?? 0)
}

@c @implementation
public func ie_image_format_name(_ image: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe ImageHandle.find(image)?.formatName.pointer
}

@c @implementation
public func ie_image_warning(_ image: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
  unsafe ImageHandle.find(image)?.warnings.pointer(at: index)
}

@c @implementation
public func ie_image_destroy(_ image: OpaquePointer?) {
  _ = unsafe ImageHandle.take(image)
}
