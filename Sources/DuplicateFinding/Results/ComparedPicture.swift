public import EmbedderImageFiles
public import EmbedderStorage
public import EmbeddingStore

/// One picture among those that are compared.
public struct ComparedPicture: Sendable {
  /// The path as it was given, or as the store's row has it.
  public let path: PathBytes
  /// The path without `.`, `..` and doubled slashes, from the root.
  public let absolutePath: PathBytes
  /// The store's row, where there is a store.
  public let row: Int?
  /// The file's size and time of change; `nil` where it is gone.
  public internal(set) var stamp: FileStamp?
  /// The width of the upright picture in pixels; 0 where nobody needed to know.
  public internal(set) var width = 0
  /// Its height.
  public internal(set) var height = 0
  /// What the file is by its content.
  public internal(set) var format: ImageFormat?
  /// Whether the picture shows no colour.
  public internal(set) var isGray = false
  /// Whether the picture shows nothing: blank, or of one colour.
  public internal(set) var isFlat = false
  /// The SHA-256 of the file, where it was needed.
  public internal(set) var digest: SHA256Digest?
  /// Why the picture is not compared: it is gone, has changed or cannot be decoded; `nil` where it is.
  public internal(set) var problem: String?

  /// Whether the same file is among the pictures before, by another name or in another row.
  var isRepeated = false

  init(path: PathBytes, absolutePath: PathBytes, row: Int?) {
    self.path = path
    self.absolutePath = absolutePath
    self.row = row
  }

  /// Whether the file keeps every pixel as it was stored; `nil` where nobody knows the format.
  public var isLossless: Bool? {
    switch format {
    case nil: nil
    case .jpeg, .heic, .avif, .webp: false
    default: true
    }
  }
}
