/// Why a file could not be read.
@nonexhaustive
public enum FileError: Error, Hashable, Sendable {
  /// The system refused `operation` (such as `open`) with an error number.
  case system(path: String, operation: String, errno: Int32, reason: String)

  /// The path leads to something that holds no bytes of its own, such as a folder or a device.
  case notAFile(path: String, kind: String)

  /// The file holds no bytes.
  case empty(path: String)

  /// The path leads to a named pipe that nobody writes to.
  case noWriter(path: String)

  /// The file holds more bytes than are accepted.
  case tooLarge(path: String, byteCount: Int, limit: Int)

  /// There was no memory for the file's bytes.
  case outOfMemory(path: String, OutOfMemory)

  /// The path cannot name a file: it is empty or holds a NUL.
  case invalidPath(path: String)
}

extension FileError: CustomStringConvertible {
  /// A sentence that names the file, what was found and what is needed.
  public var description: String {
    switch self {
    case .system(let path, let operation, _, let reason):
      "cannot \(operation) \(quoted(path)): \(reason)"
    case .notAFile(let path, let kind):
      "\(quoted(path)) is \(kind); a regular file is needed"
    case .empty(let path):
      "\(quoted(path)) is empty"
    case .noWriter(let path):
      "\(quoted(path)) is a pipe that nobody writes to; start the program that fills it first"
    case .tooLarge(let path, let byteCount, let limit):
      "\(quoted(path)) holds \(byteCount) bytes, more than the limit of \(limit)"
    case .outOfMemory(let path, let error):
      "cannot read \(quoted(path)): \(error)"
    case .invalidPath(let path):
      "\(quoted(path)) is not a path: it is empty or holds a NUL character"
    }
  }
}

/// Quotes untrusted text for a message, with control characters escaped so that it stays one line.
package func quoted(_ text: String) -> String {
  var result = "'"
  for scalar in text.unicodeScalars {
    if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) || scalar == "'" {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result + "'"
}
