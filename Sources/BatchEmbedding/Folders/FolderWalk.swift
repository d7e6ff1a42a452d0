import EmbedderImageFiles
import EmbedderPlatform
package import EmbedderStorage
import ImageEmbedding

/// The files in a folder and the folders in it, in the order of their names' bytes.
///
/// A folder is listed when its turn comes. Links are followed, but no folder is entered twice, so that
/// links in a circle come to an end.
package struct FolderWalk: IteratorProtocol {
  private let filter: InputFilter
  /// Whether archives are taken too, whatever the filter says of their names.
  private let takesArchives: Bool
  /// The folders that are being listed, the innermost last.
  private var levels: [Level] = []
  private var visited: Set<FolderIdentity> = []
  private var pending: [BatchItem] = []

  private struct Level {
    let path: PathBytes
    /// The path below the folder that was given.
    let relativePath: PathBytes
    /// The names that are left, the next one last.
    var names: [PathBytes]
  }

  private struct FolderIdentity: Hashable {
    let device: dev_t
    let number: ino_t
  }

  /// Begins to walk a folder.
  ///
  /// - Parameters:
  ///   - root: The folder.
  ///   - filter: What is taken.
  ///   - takesArchives: Whether archives are taken too, whatever the filter says of their names.
  package init(_ root: PathBytes, filter: InputFilter, takesArchives: Bool) {
    self.filter = filter
    self.takesArchives = takesArchives
    enter(root, relativePath: PathBytes(""))
  }

  /// The next file, or the item that says that something could not be listed; `nil` after the last.
  package mutating func next() -> BatchItem? {
    while pending.isEmpty {
      guard !levels.isEmpty else { return nil }
      guard let name = levels[levels.count - 1].names.popLast(), let level = levels.last else {
        levels.removeLast()
        continue
      }
      visit(
        level.path.appending(name),
        relativePath: level.relativePath.bytes.isEmpty ? name : level.relativePath.appending(name))
    }
    return pending.removeFirst()
  }

  private mutating func visit(_ path: PathBytes, relativePath: PathBytes) {
    guard !filter.excludesAll(of: relativePath) else { return }
    let mode = fileStatus(of: path).map { $0.st_mode & S_IFMT }
    if mode == S_IFDIR {
      enter(path, relativePath: relativePath)
    } else if filter.takes(relativePath) || takesArchives && path.claimsArchive {
      // A link that leads nowhere is a file that is missing.
      let content: BatchItem.Content? =
        mode == nil || mode == S_IFREG
        ? nil
        : .unreadable(
          .image(
            path: path.description,
            .file(.notAFile(path: path.description, kind: "a pipe, socket or device"))))
      pending.append(BatchItem(path: path, content: content, isFound: true))
    }
  }

  private mutating func enter(_ path: PathBytes, relativePath: PathBytes) {
    guard let status = fileStatus(of: path),
      visited.insert(FolderIdentity(device: status.st_dev, number: status.st_ino)).inserted
    else { return }
    guard let folder = unsafe path.withCString({ unsafe opendir($0) }) else {
      return reportUnlisted(path, errno)
    }
    defer { unsafe closedir(folder) }
    var names: [PathBytes] = []
    // The end and an error look alike but for this.
    errno = 0
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe PathBytes(bytes.prefix { $0 != 0 })
      }
      if !filter.ignores(name: name) { names.append(name) }
      errno = 0
    }
    if errno != 0 { reportUnlisted(path, errno) }
    names.sort(by: >)
    levels.append(Level(path: path, relativePath: relativePath, names: names))
  }

  /// Adds the item that says that a folder could not be listed, or not to its end.
  private mutating func reportUnlisted(_ path: PathBytes, _ number: CInt) {
    let error = FileError.system(
      path: path.description, operation: "list the folder", errno: number,
      reason: unsafe String(cString: strerror(number)))
    pending.append(
      BatchItem(
        path: path, content: .unreadable(.image(path: path.description, .file(error))),
        isFound: true))
  }
}

extension PathBytes {
  private static let archiveEndings = [
    ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".txz", ".tar.bz2", ".tbz2",
    ".tar.lz4",
  ]

  /// Whether the name ends as those of tar archives do.
  package var claimsArchive: Bool {
    let name = description.lowercased()
    return Self.archiveEndings.contains { name.hasSuffix($0) }
  }
}
