import EmbedderPlatform
import ImageEmbedding

/// Whether the path leads to a folder.
func isFolder(_ path: PathBytes) -> Bool {
  var status = stat()
  return unsafe path.withCString { unsafe stat($0, &status) } == 0
    && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether a path leads to anything.
func exists(_ path: PathBytes) -> Bool {
  unsafe path.withCString { unsafe access($0, F_OK) } == 0
}

/// Whether a path leads to what is neither a file nor a folder, such as a pipe or a device.
func isSpecial(_ path: PathBytes) -> Bool {
  var status = stat()
  guard unsafe path.withCString({ unsafe stat($0, &status) }) == 0 else { return false }
  return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
}

/// Whether two paths lead to one file that exists.
func isSameFile(_ first: PathBytes, _ second: PathBytes) -> Bool {
  var (a, b) = (stat(), stat())
  guard unsafe first.withCString({ unsafe stat($0, &a) }) == 0,
    unsafe second.withCString({ unsafe stat($0, &b) }) == 0
  else { return false }
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode & S_IFMT == S_IFREG
}
