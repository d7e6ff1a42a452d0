public import EmbedderFrameBuffers
public import EmbedderStorage
public import ImageEmbedding

/// One image of a batch, before it is embedded.
public struct BatchItem: Sendable {
  /// What there is to embed.
  public enum Content: Sendable {
    /// An image.
    case image(ImageSource)
    /// Nothing: the place where an image should be cannot be read.
    case unreadable(EmbedderError)
    /// Nothing, and nobody is to blame: what was found is no file but the text, such as a link. It is
    /// skipped, whatever its name.
    case passedOver(reason: String)

    /// An image in memory, encoded: the content of an image file.
    public static func encoded(_ bytes: [UInt8]) -> Content {
      .image(ImageSource(.encoded(EncodedImage(bytes))))
    }

    /// An image in memory, decoded.
    public static func frame(_ frame: FrameBuffer) -> Content { .image(ImageSource(.frame(frame))) }
  }

  /// The image's file, or whatever else names it; results carry it along.
  public var path: PathBytes

  /// What there is to embed.
  public var content: Content

  /// Whether the item was found in a folder or an archive, and not named by anyone.
  ///
  /// What then is no image by its content, and does not claim to be one by its name either, is skipped
  /// and no failure.
  public var isFound: Bool

  /// Describes an item.
  ///
  /// - Parameters:
  ///   - path: The image's file, or whatever else names it.
  ///   - content: What there is to embed, or `nil` for the image in the file at `path`.
  ///   - isFound: Whether the item was found and not named by anyone.
  public init(path: PathBytes, content: Content? = nil, isFound: Bool = false) {
    self.path = path
    self.content = content ?? .image(.file(path))
    self.isFound = isFound
  }

  /// The image.
  ///
  /// - Returns: The image, whose name is the item's path where it has none.
  /// - Throws: Why there is none.
  package func source() throws(EmbedderError) -> ImageSource {
    switch content {
    case .image(var image):
      if image.name == nil, !path.bytes.isEmpty { image.name = path.description }
      return image
    case .unreadable(let error):
      throw error
    case .passedOver(let reason):
      let path = path.description
      throw .image(path: path, .file(.notAFile(path: path, kind: reason)))
    }
  }
}
