public import BatchEmbedding
public import EmbedderFrameBuffers
public import EmbedderImageFiles
import EmbedderPlatform
public import EmbedderStorage
import ImageEmbedding

/// The images that files, folders, archives and lists of paths come to.
///
/// Folders are walked in the order of their names' bytes; hidden files and those that systems keep for
/// themselves are passed over. Files whose names end in `.tar`, `.tar.gz` and the like are archives
/// whose images are taken, by name `archive.tar/image.jpg`.
public struct InputList: Sequence, Sendable {
  /// What was named: paths of files, folders and archives.
  public var paths: [PathBytes]

  /// Where a list of further paths is read, which come after ``paths``.
  public var listDescriptor: Int32?

  /// Whether the paths of that list are ended by NULs, not newlines.
  public var isNullSeparated = false

  /// What is taken of folders and archives.
  public var filter = InputFilter()

  /// What is used of each image; by default all of it.
  public var region: RegionOfInterest?

  /// How files are to be read that are raw pixels, or `nil` for image files.
  public var rawFrame: RawFrameDescription?

  /// The most bytes of one file in an archive.
  public var byteLimit = DecodingLimits().fileByteCount

  /// Lists the images that some paths come to.
  public init(_ paths: [PathBytes]) {
    self.paths = paths
  }

  /// Lists the images, as far as they are asked for.
  public func makeIterator() -> Iterator {
    Iterator(self)
  }

  /// Gives one image after another.
  public final class Iterator: IteratorProtocol {
    private let list: InputList
    private var paths: ArraySlice<PathBytes>
    private var pathList: PathList?
    private var folder: FolderWalk?
    private var archive: TarArchive?
    /// The archive that is opened when its turn comes.
    private var nextArchive: PathBytes?

    /// The archives that were read to their ends, and in which nothing was wrong, so far.
    package private(set) var readArchives: [PathBytes] = []

    fileprivate init(_ list: InputList) {
      self.list = list
      paths = list.paths[...]
      pathList = list.listDescriptor.map {
        PathList(descriptor: $0, isNullSeparated: list.isNullSeparated)
      }
    }

    /// The next image, or `nil` after the last.
    public func next() -> BatchItem? { next(mayWait: true) }

    /// The next image, or `nil` after the last, and where it is to be had only by reading an archive or
    /// what somebody writes and nobody is to wait for that.
    package func next(mayWait: Bool) -> BatchItem? {
      guard var item = nextItem(mayWait) else { return nil }
      guard case .image(var image) = item.content else { return item }
      image.region = list.region
      if let rawFrame = list.rawFrame, case .file(let path) = image.content {
        image.content = .rawFile(path, rawFrame)
      }
      item.content = .image(image)
      return item
    }

    private func nextItem(_ mayWait: Bool) -> BatchItem? {
      while true {
        if archive != nil || nextArchive != nil {
          guard mayWait else { return nil }
          if let item = nextMember() { return item }
        } else if let item = folder?.next() {
          guard case .image = item.content, open(item.path, ifFound: item) else { return item }
        } else if let path = paths.popFirst() ?? (mayWait ? pathList?.next() : nil) {
          folder = nil
          guard open(path, ifFound: nil) else { return BatchItem(path: path) }
        } else {
          return mayWait ? endOfList() : nil
        }
      }
    }

    /// The next image in the archive whose turn it is, or `nil` after its last.
    private func nextMember() -> BatchItem? {
      if let path = nextArchive {
        archive = TarArchive(path, filter: list.filter, byteLimit: list.byteLimit)
        nextArchive = nil
      }
      if let item = archive?.next() { return item }
      if let path = archive?.pathIfSound { readArchives.append(path) }
      archive = nil
      return nil
    }

    /// The item that says why the list of paths could not be read to its end, once.
    private func endOfList() -> BatchItem? {
      guard let error = pathList?.error else { return nil }
      pathList = nil
      let path = PathBytes("-")
      return BatchItem(
        path: path, content: .unreadable(.image(path: path.description, .file(error))))
    }

    /// Begins to list a folder, or notes an archive; returns whether the path leads to one.
    private func open(_ path: PathBytes, ifFound item: BatchItem?) -> Bool {
      if item == nil, let status = fileStatus(of: path), status.st_mode & S_IFMT == S_IFDIR {
        folder = FolderWalk(path, filter: list.filter, takesArchives: list.rawFrame == nil)
        return true
      }
      guard path.claimsArchive, list.rawFrame == nil else { return false }
      nextArchive = path
      return true
    }
  }
}
