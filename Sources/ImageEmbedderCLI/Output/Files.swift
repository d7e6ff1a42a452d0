import ImageEmbedding

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The bytes of a file of our own making, or `nil` where there is no file or it is empty.
func contents(of path: String) throws -> [UInt8]? {
  do throws(FileError) {
    let file = try readFile(at: PathBytes(path), limit: Int(Int32.max))
    return unsafe file.bytes.withUnsafeBytes { unsafe Array($0) }
  } catch .system(_, _, ENOENT, _), .empty {
    return nil
  } catch {
    throw Failure("\(error)")
  }
}

/// The size of a file in bytes, or `nil` where there is none.
func fileSize(_ path: String) -> Int? {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
}

/// Cuts a file's end off; where there is no file, there is nothing to cut.
func truncateFile(_ path: String, to byteCount: Int) throws {
  guard unsafe truncate(path, byteCount) == 0 || errno == ENOENT else {
    throw Failure.system("write", path)
  }
}

/// Whether the path leads to a folder.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether a path leads to anything.
func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// Whether a path leads to what is neither a file nor a folder, such as a pipe or a device.
func isSpecial(_ path: String) -> Bool {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return false }
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
