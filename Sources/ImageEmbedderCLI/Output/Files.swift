import EmbedderPlatform
import ImageEmbedding

/// Whether the path leads to a folder.
func isFolder(_ path: PathBytes) -> Bool {
  fileStatus(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
}

/// Whether a path leads to anything.
func exists(_ path: PathBytes) -> Bool {
  unsafe path.withCString { unsafe access($0, F_OK) } == 0
}

/// Whether a path leads to what is neither a file nor a folder, such as a pipe or a device.
func isSpecial(_ path: PathBytes) -> Bool {
  guard let status = fileStatus(of: path) else { return false }
  return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
}

/// Whether two paths lead to one file that exists.
func isSameFile(_ first: PathBytes, _ second: PathBytes) -> Bool {
  guard let a = fileStatus(of: first), let b = fileStatus(of: second) else { return false }
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode & S_IFMT == S_IFREG
}
