import EmbedderPlatform
public import EmbedderStorage

/// A file's size and time of change, by which a changed image is told from the one that was embedded.
public struct FileStamp: Hashable, Sendable {
  /// The size in bytes.
  public let byteCount: Int
  /// When the content was changed last, in nanoseconds since 1970.
  public let modified: Int

  /// Makes a stamp of its parts.
  public init(byteCount: Int, modified: Int) {
    self.byteCount = byteCount
    self.modified = modified
  }

  /// The stamp of a file, or of the archive that the path leads into; `nil` where there is neither.
  public init?(of path: PathBytes) {
    guard let status = fileStatus(of: path) ?? Self.archiveStatus(path) else { return nil }
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    self.init(
      byteCount: Int(status.st_size),
      modified: Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue
        &+ Int(time.tv_nsec))
  }

  private static func archiveStatus(_ path: PathBytes) -> stat? {
    path.fileAbove.flatMap { fileStatus(of: $0) }
  }

  var members: [(String, JSONValue)] {
    [("size", .integer(byteCount)), ("modified_ns", .integer(modified))]
  }

  init?(in object: JSONValue) {
    guard let byteCount = object["size"]?.integer, let modified = object["modified_ns"]?.integer
    else { return nil }
    self.init(byteCount: byteCount, modified: modified)
  }
}

extension PathBytes {
  /// The regular file among the folders that a path names, as for what is inside an archive.
  var fileAbove: PathBytes? {
    var path = parent
    while path.bytes.count > 1 {
      if let status = fileStatus(of: path) {
        return status.st_mode & S_IFMT == S_IFREG ? path : nil
      }
      path = path.parent
    }
    return nil
  }

  /// Whether the path leads into a regular file, as that of what is inside an archive does.
  package var isInsideOfFile: Bool { fileStatus(of: self) == nil && fileAbove != nil }

  /// The working directory.
  package static var currentFolder: PathBytes {
    guard let path = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(path) }
    return unsafe PathBytes(
      UnsafeBufferPointer(start: path, count: strlen(path)).map(UInt8.init(bitPattern:)))
  }

  /// The path by which an image is known: absolute, without `.`, `..` and doubled slashes.
  ///
  /// What `..` behind a link leads to is asked of the system; everything else is a matter of the text, so
  /// that an image keeps its name when a folder above it becomes a link.
  package func absolute(in folder: PathBytes) -> PathBytes {
    let slash = UInt8(ascii: "/")
    let full = bytes.first == slash ? bytes : folder.bytes + [slash] + bytes
    var result: [UInt8] = []
    result.reserveCapacity(full.count)
    for part in full.split(separator: slash) where part != [UInt8(ascii: ".")] {
      if part != [UInt8(ascii: "."), UInt8(ascii: ".")] {
        result.append(slash)
        result += part
        continue
      }
      let link = fileStatus(of: PathBytes(result), followsLinks: false)
      if let link, link.st_mode & S_IFMT == S_IFLNK, let target = Self.resolved(PathBytes(result)) {
        result = target.bytes
      }
      result = Array(result[..<(result.lastIndex(of: slash) ?? 0)])
    }
    return result.isEmpty ? "/" : PathBytes(result)
  }

  private static func resolved(_ path: PathBytes) -> PathBytes? {
    guard let full = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return nil }
    defer { unsafe free(full) }
    return unsafe PathBytes(
      UnsafeBufferPointer(start: full, count: strlen(full)).map(UInt8.init(bitPattern:)))
  }

  /// Whether an absolute path is that of a folder or of something below it.
  package func isWithin(_ folder: PathBytes) -> Bool {
    self == folder || folder == "/"
      || bytes.starts(with: folder.bytes) && bytes.dropFirst(folder.bytes.count).first == 0x2f
  }
}

/// What is there of an image's file.
package enum FilePresence {
  /// The file, or the archive that the path leads into.
  case there
  /// A folder has that name, so that it is no image.
  case folder
  /// Nothing has that name.
  case gone
  /// The system does not say.
  case unknown

  package init(of path: PathBytes) {
    if let status = fileStatus(of: path, followsLinks: false) {
      self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .there
      return
    }
    switch errno {
    case ENOENT: self = .gone
    case ENOTDIR: self = path.fileAbove == nil ? .gone : .there
    default: self = .unknown
    }
  }
}
