import EmbedderPlatform
import EmbedderStorage

extension StoreError {
  /// The failure of a system call, from the number that it left.
  static func system(_ operation: String, _ path: PathBytes) -> StoreError {
    let number = errno
    var reason = unsafe String(cString: strerror(number))
    if number == EFBIG { reason += "; raise the limit to the size of files (ulimit -f)" }
    return .system(
      path: path.description, operation: operation, errno: number, reason: reason)
  }
}

/// Whether a path leads to anything, a link that leads nowhere included.
func exists(_ path: PathBytes) -> Bool { fileStatus(of: path, followsLinks: false) != nil }

func isFolder(_ path: PathBytes) -> Bool {
  fileStatus(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
}

/// The names in a folder, sorted; `nil` where there is no such folder.
func listing(of folder: PathBytes) throws(StoreError) -> [String]? {
  guard let stream = unsafe folder.withCString({ unsafe opendir($0) }) else {
    if errno == ENOENT { return nil }
    throw .system("list the folder", folder)
  }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  errno = 0
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
    errno = 0
  }
  // The end and an error look alike but for this.
  guard errno == 0 else { throw .system("list the folder", folder) }
  return names.sorted()
}

/// Makes a folder if it is missing, so that it survives a power cut.
///
/// - Returns: Whether it was missing.
@discardableResult
func makeFolder(_ path: PathBytes) throws(StoreError) -> Bool {
  if unsafe path.withCString({ unsafe mkdir($0, 0o777) }) == 0 {
    try flushFolder(path.parent)
    return true
  }
  guard errno == EEXIST else { throw .system("make the folder", path) }
  guard isFolder(path) else { throw .notAFolder(path: path.description) }
  return false
}

/// Has the names in a folder reach the disk.
func flushFolder(_ path: PathBytes) throws(StoreError) {
  let descriptor = retryingInterrupts {
    unsafe path.withCString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  }
  guard descriptor >= 0 else { throw .system("open the folder", path) }
  defer { close(descriptor) }
  // Some file systems know no such thing for folders.
  guard retryingInterrupts({ fsync(descriptor) }) == 0 || errno == EINVAL || errno == EBADF else {
    throw .system("flush the folder", path)
  }
}

/// Gives a file another name.
func rename(_ from: PathBytes, to: PathBytes) throws(StoreError) {
  let result = unsafe from.withCString { from in
    unsafe to.withCString { to in unsafe renameOnce(from, to) }
  }
  guard result == 0 else { throw .system("rename", from) }
}

/// Removes a file of our own; one that is not there is removed.
func remove(_ path: PathBytes) throws(StoreError) {
  guard unsafe path.withCString({ unsafe unlink($0) }) == 0 || errno == ENOENT else {
    throw .system("remove", path)
  }
}

/// The system's `rename`, which the function of that name hides.
private func renameOnce(_ from: UnsafePointer<CChar>, _ to: UnsafePointer<CChar>) -> CInt {
  #if canImport(Glibc)
  unsafe Glibc.rename(from, to)
  #elseif canImport(Musl)
  unsafe Musl.rename(from, to)
  #elseif canImport(Android)
  unsafe Android.rename(from, to)
  #else
  unsafe Darwin.rename(from, to)
  #endif
}

extension PathBytes {
  /// The folder that holds what this path names.
  var parent: PathBytes {
    let slash = UInt8(ascii: "/")
    let trimmed = bytes[..<((bytes.lastIndex { $0 != slash } ?? -1) + 1)]
    guard let end = trimmed.lastIndex(of: slash) else {
      return PathBytes(bytes.first == slash ? "/" : ".")
    }
    return PathBytes(end == 0 ? trimmed[...0] : trimmed[..<end])
  }

  func appending(_ name: String) -> PathBytes { appending(PathBytes(name)) }

  /// The path with text behind its last byte.
  func adding(suffix: String) -> PathBytes { PathBytes(bytes + Array(suffix.utf8)) }
}
