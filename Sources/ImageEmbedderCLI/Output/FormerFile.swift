import EmbedderPlatform
import ImageEmbedding

/// A file of an earlier run that another one is about to replace together with others.
struct FormerFile {
  let path: PathBytes

  private var aside: PathBytes { PathBytes(path.bytes + Array(".former".utf8)) }

  /// Takes the file's name away, if there is one.
  ///
  /// - Returns: Whether there was one. What an earlier run that was cut short has left aside is not it.
  func putAside() throws -> Bool {
    if move(path, aside) == 0 { return true }
    guard errno == ENOENT else { throw Failure.system("rename", path.description) }
    return false
  }

  /// Undoes that.
  func bringBack() {
    _ = move(aside, path)
  }

  func remove() {
    unsafe aside.withCString { _ = unsafe unlink($0) }
  }

  private func move(_ from: PathBytes, _ to: PathBytes) -> CInt {
    unsafe from.withCString { from in unsafe to.withCString { to in unsafe rename(from, to) } }
  }
}
