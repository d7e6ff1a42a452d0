#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that grows line by line under its own name; each line reaches the system at once.
final class LogFile {
  private let path: String
  private let descriptor: CInt

  init(appendingTo path: String) throws {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure.system("write", path) }
  }

  deinit {
    close(descriptor)
  }

  func append(_ line: String) throws {
    var rest = Array(line.utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe write(descriptor, bytes.baseAddress, bytes.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw Failure.system("write", path) }
      rest.removeFirst(written)
    }
  }
}
