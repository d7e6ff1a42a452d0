public import EmbedderFrameBuffers
public import EmbedderImageFiles
public import EmbedderStorage

/// An image, wherever it is, and what is used of it.
public struct ImageSource: Sendable {
  /// Where an image is.
  @nonexhaustive
  public enum Content: Sendable {
    /// In a file, encoded.
    case file(PathBytes)
    /// In a file, as the packed pixels of one frame.
    case rawFile(PathBytes, RawFrameDescription)
    /// In memory, encoded: the content of an image file.
    case encoded(EncodedImage)
    /// In memory, decoded.
    case frame(FrameBuffer)
  }

  /// Where the image is.
  public var content: Content

  /// What is used of the image; by default all of it.
  ///
  /// In pixels of the upright picture for files and encoded images; of the stored frame for those that
  /// are decoded.
  public var region: RegionOfInterest?

  /// What errors call the image; a file's path where there is no other name.
  public var name: String?

  /// Describes an image.
  public init(_ content: Content, region: RegionOfInterest? = nil, name: String? = nil) {
    self.content = content
    self.region = region
    self.name = name
  }

  /// The image's file; `nil` for an image in memory.
  package var path: PathBytes? {
    switch content {
    case .file(let path), .rawFile(let path, _): path
    case .encoded, .frame: nil
    }
  }

  /// The image in a file, whose content says which format it is.
  public static func file(_ path: PathBytes, region: RegionOfInterest? = nil) -> ImageSource {
    ImageSource(.file(path), region: region)
  }
}

/// The content of an image file, in memory.
public struct EncodedImage: Sendable {
  package let bytes: SharedBytes

  /// Keeps the content of an image file.
  public init(_ bytes: [UInt8]) {
    self.bytes = SharedBytes(bytes)
  }

  /// Keeps bytes that are held elsewhere as well.
  package init(_ bytes: SharedBytes) {
    self.bytes = bytes
  }
}
