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
    var line = line
    let byteCount = line.utf8.count
    let written = line.withUTF8 { bytes in
      unsafe write(descriptor, bytes.baseAddress, bytes.count)
    }
    guard written == byteCount else { throw Failure.system("write", path) }
  }
}
