public import EmbedderFrameBuffers
public import EmbedderImageFiles
public import EmbedderStorage
public import ImageEmbedding

/// One image of a batch, before it is embedded.
public struct BatchItem: Sendable {
  /// Where the image is.
  public enum Content: Sendable {
    /// In the file at ``BatchItem/path``, encoded.
    case file
    /// In the file at ``BatchItem/path``, as the packed pixels of one frame.
    case rawFile(RawFrameDescription)
    /// In memory, encoded or decoded.
    case memory(ImageSource.Content)
    /// Nowhere: the place where it should be cannot be read.
    case unreadable(EmbedderError)
    /// Nowhere, and nobody is to blame: what was found is no file but the text, such as a link. It is
    /// skipped, whatever its name.
    case passedOver(reason: String)

    /// In memory, encoded: the content of an image file.
    public static func encoded(_ bytes: [UInt8]) -> Content {
      .memory(.encoded(EncodedImage(bytes)))
    }

    /// In memory, decoded; a region is given in pixels of the stored frame.
    public static func frame(_ frame: FrameBuffer) -> Content { .memory(.frame(frame)) }
  }

  /// The image's file, or whatever else names it; results carry it along.
  public var path: PathBytes

  /// Where the image is.
  public var content: Content

  /// What is used of the image; by default all of it.
  public var region: RegionOfInterest?

  /// Whether the item was found in a folder or an archive, and not named by anyone.
  ///
  /// What then is no image by its content, and does not claim to be one by its name either, is skipped
  /// and no failure.
  public var isFound: Bool

  /// Describes an image.
  public init(
    path: PathBytes, content: Content = .file, region: RegionOfInterest? = nil,
    isFound: Bool = false
  ) {
    self.path = path
    self.content = content
    self.region = region
    self.isFound = isFound
  }

  /// The image.
  ///
  /// - Returns: Where it is, what is used of it and its path as its name.
  /// - Throws: Why it is nowhere.
  package func source() throws(EmbedderError) -> ImageSource {
    let place: ImageSource.Content
    switch content {
    case .file: place = .file(path)
    case .rawFile(let description): place = .rawFile(path, description)
    case .memory(let content): place = content
    case .unreadable(let error): throw error
    case .passedOver(let reason):
      let path = path.description
      throw .image(path: path, .file(.notAFile(path: path, kind: reason)))
    }
    return ImageSource(place, region: region, name: path.bytes.isEmpty ? nil : path.description)
  }
}
