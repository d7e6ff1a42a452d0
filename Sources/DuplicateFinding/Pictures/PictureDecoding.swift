import EmbedderFrameBuffers
package import EmbedderImageFiles
package import EmbedderStorage
import EmbeddingStore

/// How the pictures of a store are decoded: as its vectors' were.
package struct PictureDecoding: Hashable, Sendable {
  /// Whether what files say about their orientation counts.
  package var honorsOrientation = true
  /// Whether what is there counts of a file that is cut short.
  package var allowsTruncated = false
  /// Whether files are the packed pixels of frames, which tell nothing by themselves.
  package var isRaw = false

  package init() {}

  /// Reads what a store's settings say.
  package init(settingsText: String) {
    guard let settings = JSONValue(parsing: settingsText.utf8) else { return }
    if case .bool(false)? = settings["exif"] { honorsOrientation = false }
    if case .bool(true)? = settings["allow_truncated"] { allowsTruncated = true }
    if case .string? = settings["raw"] { isRaw = true }
  }

  /// The settings as a number for the derived file, whose small pictures are of one kind.
  package var number: UInt32 { (honorsOrientation ? 1 : 0) | (allowsTruncated ? 2 : 0) }

  /// A picture's small picture, and what else its file tells.
  package struct Glance: Sendable {
    package let luma: LumaPicture
    package let width: Int
    package let height: Int
    package let format: ImageFormat?
  }

  /// Decodes a file as small as is enough for its small picture.
  package func glance(at path: PathBytes) throws(DecodingError) -> Glance {
    var options = self.options
    // Twice the side, so that what a JPEG file's reduction does to edges averages out.
    let side = 2 * LumaPicture.side
    options.target = DecodingTarget(width: side, height: side)
    return glance(at: try ImageFile.decode(contentsOf: path, options: options))
  }

  /// The small picture of an image that is decoded already, the same as of its file.
  ///
  /// A JPEG file is decoded smaller for it, which is not what its full picture averages to, and is enough
  /// to change a verdict. So it is read again, unless it is a member of an archive.
  package func glance(at image: DecodedImage, of path: PathBytes) -> Glance {
    if image.format == .jpeg, let glance = try? glance(at: path) { return glance }
    return glance(at: image)
  }

  /// The small picture of an image that is decoded already.
  private func glance(at image: DecodedImage) -> Glance {
    var image = image
    if !honorsOrientation { image.frame.orientation = .topLeft }
    return Glance(
      luma: LumaPicture(image), width: image.uprightWidth, height: image.uprightHeight,
      format: image.format)
  }

  /// The digest of a picture's upright pixels, colours and transparency, decoded in full.
  func pixelDigest(of path: PathBytes) throws(DecodingError) -> StoredDigest {
    var image = try ImageFile.decode(contentsOf: path, options: options)
    if !honorsOrientation { image.frame.orientation = .topLeft }
    return try Self.pixelDigest(of: image.frame)
  }

  private var options: DecodingOptions {
    var options = DecodingOptions()
    options.honorsOrientation = honorsOrientation
    options.allowsTruncated = allowsTruncated
    return options
  }

  private static func pixelDigest(of frame: FrameBuffer) throws(DecodingError) -> StoredDigest {
    var stream: SHA256Stream
    do { stream = try SHA256Stream() } catch { throw .outOfMemory(error) }
    let view = frame.view
    let channels = frame.format.bytesPerPixel
    let size = frame.orientation.turned(width: frame.width, height: frame.height)
    let (turns, mirrors) = frame.orientation.correction
    let isOpaque = channels < 4 || isOpaque(frame)
    var line = Array("\(size.width) x \(size.height), \(isOpaque ? 3 : 4)\n".utf8)
    unsafe stream.add(line.span.bytes)
    line = [UInt8](repeating: 0, count: size.width * (isOpaque ? 3 : 4))
    for row in 0..<size.height {
      unsafe view.firstPlane.withUnsafeBytes { bytes in
        var target = 0
        for column in 0..<size.width {
          // Backwards: out of the mirror, then out of the turns.
          let x = mirrors ? size.width - 1 - column : column
          let (sourceRow, sourceColumn) =
            switch turns {
            case 0: (row, x)
            case 1: (x, frame.width - 1 - row)
            case 2: (frame.height - 1 - row, frame.width - 1 - x)
            default: (frame.height - 1 - x, row)
            }
          let source = sourceRow * view.rowStride + sourceColumn * channels
          for channel in 0..<3 {
            unsafe line[target] = bytes[source + (channels < 3 ? 0 : channel)]
            target += 1
          }
          if !isOpaque {
            unsafe line[target] = bytes[source + 3]
            target += 1
          }
        }
      }
      unsafe stream.add(line.span.bytes)
    }
    return StoredDigest(stream.finish())
  }

  private static func isOpaque(_ frame: FrameBuffer) -> Bool {
    let view = frame.view
    return unsafe view.firstPlane.withUnsafeBytes { bytes in
      for row in 0..<frame.height {
        for column in 0..<frame.width
        where unsafe bytes[row * view.rowStride + 4 * column + 3] != 255 { return false }
      }
      return true
    }
  }

  /// The digest of a file's bytes.
  static func fileDigest(of path: PathBytes) throws(FileError) -> StoredDigest {
    let file = try readFile(at: path, limit: .max)
    return StoredDigest(SHA256Digest(of: file.bytes))
  }
}
