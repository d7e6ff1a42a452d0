import Foundation
import Testing

/// What the system says of this process.
enum ProcessMemory {
  /// Whether the address sanitizer is in this process: it keeps memory that was freed.
  static let isSanitized = unsafe dlsym(nil, "__asan_init") != nil

  static let sanitizerKeepsMemory: Comment = "the address sanitizer keeps freed memory"

  /// The bytes of memory that the process has in use.
  static func residentByteCount() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(CInt(_SC_PAGESIZE)))
  }

  /// The number of open file descriptors.
  static func openDescriptorCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }
}
