public import EmbedderStorage

/// What a store says of one row beside its vectors.
public struct StoredRow: Hashable, Sendable {
  /// The image's path as it was given.
  public var path: PathBytes
  /// The width of the upright picture, in pixels.
  public var width: Int
  /// Its height.
  public var height: Int
  /// The file's size and time of change when it was read; `nil` where nobody knows, as of rows of 0.1.0.
  public var stamp: FileStamp?
  /// What was odd about the image, one sentence each.
  public var warnings: [String]

  /// Describes a row.
  public init(
    path: PathBytes, width: Int, height: Int, stamp: FileStamp? = nil, warnings: [String] = []
  ) {
    self.path = path
    self.width = width
    self.height = height
    self.stamp = stamp
    self.warnings = warnings
  }

  /// The row's line, without its newline.
  var line: String {
    var members =
      pathMembers(path) + [("width", .integer(width)), ("height", .integer(height))]
    if let stamp { members += stamp.members }
    if !warnings.isEmpty {
      members.append(("warnings", .array(warnings.map(JSONValue.string))))
    }
    return JSONValue.object(members).description
  }

  /// Reads a line; `nil` for one that names no image.
  package init?(line: some Sequence<UInt8>) {
    guard let object = JSONValue(parsing: line), let path = EmbedderStorage.path(in: object),
      let width = object["width"]?.integer, let height = object["height"]?.integer
    else { return nil }
    self.init(
      path: path, width: width, height: height, stamp: FileStamp(in: object),
      warnings: object["warnings"]?.elements?.compactMap(\.text) ?? [])
  }
}
