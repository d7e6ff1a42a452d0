package import CEmbedderLiteRt
import EmbedderPlatform
package import EmbedderStorage

/// The runtime library, opened at run time, as a table of its functions.
///
/// Once opened it stays: the library starts threads and registers exit handlers, so it is never
/// closed. Tests put functions of their own into the table.
@safe
package final class LiteRtLibrary: Sendable {
  /// The version whose interface CLiteRt declares.
  package static let supportedVersion = "2.3.0"

  /// The environment variable that names the library's file.
  package static let environmentVariable = "IMAGE_EMBEDDER_LITERT"

  /// Where the library was found, or a remark on where the functions come from.
  package let path: String

  /// The runtime's functions.
  package let functions: LiteRtFunctions

  /// Wraps functions that are not those of a library file.
  package init(functions: LiteRtFunctions, path: String = "(functions of the caller)") {
    self.path = path
    self.functions = functions
  }

  /// Opens the library at `path`, or where ``candidates(environment:)`` says.
  ///
  /// A path that is given, here or by the environment variable, is the only one tried: a user who
  /// names a file does not want another. A name without a slash is a file's of the working directory
  /// where there is such a one, and else one that the system's loader knows.
  ///
  /// - Throws: ``LiteRtError/libraryNotFound(attempts:)`` or
  ///   ``LiteRtError/incompatibleLibrary(path:missingFunction:)``.
  package convenience init(path: PathBytes?) throws(LiteRtError) {
    var attempts: [String] = []
    let chosen = path ?? environmentPath(Self.environmentVariable)
    for candidate in chosen.map({ [placed($0)] }) ?? Self.candidates().map({ PathBytes($0) }) {
      let opened = unsafe candidate.withCString { unsafe dlopen($0, RTLD_NOW | RTLD_LOCAL) }
      guard let handle = unsafe opened else {
        attempts.append(loaderMessage(for: candidate))
        continue
      }
      var functions = LiteRtFunctions()
      if let missing = unsafe clitert_resolve(handle, &functions) {
        throw .incompatibleLibrary(
          path: candidate.description, missingFunction: unsafe String(cString: missing))
      }
      self.init(functions: functions, path: candidate.description)
      return
    }
    throw .libraryNotFound(attempts: attempts)
  }

  /// The places to look at, most specific first: beside our own library or executable, `../lib` from
  /// there, the cache folder that `scripts/setup` fills, the system's loader path.
  package static func candidates() -> [String] {
    #if canImport(Darwin)
    let name = "libLiteRt.dylib"
    #else
    let name = "libLiteRt.so"
    #endif
    var result: [String] = []
    if let folder = ownFolder() {
      result += ["\(folder)/\(name)", "\(folder)/../lib/\(name)"]
    }
    let home = environmentValue("HOME").map { "\($0)/.cache" }
    if let cache = environmentValue("XDG_CACHE_HOME") ?? home {
      result.append("\(cache)/image-embedder/litert-\(supportedVersion)/\(name)")
    }
    return result + [name]
  }
}

/// A name as the loader needs it, which looks at files only where there is a slash.
private func placed(_ name: PathBytes) -> PathBytes {
  let isFile = unsafe name.withCString { unsafe access($0, F_OK) } == 0
  return isFile && !name.bytes.contains(UInt8(ascii: "/"))
    ? PathBytes(".").appending(name) : name
}

/// The folder of the executable or shared library that this code is part of.
package func ownFolder() -> String? {
  guard let file = unsafe clitert_own_file() else { return nil }
  var path = unsafe String(cString: file)
  #if os(Linux) || os(Android)
  // For the main program the loader only knows how it was called, which may be by its bare name.
  if !path.contains("/") { path = "/proc/self/exe" }
  #endif
  guard let resolved = unsafe realpath(path, nil) else { return nil }
  defer { unsafe free(resolved) }
  let full = unsafe String(cString: resolved)
  return full.lastIndex(of: "/").map { String(full[..<$0]) }
}

/// The value of an environment variable that is set and not empty.
private func environmentValue(_ name: String) -> String? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe String(cString: value)
}

/// The path that an environment variable holds, if it is set and not empty.
private func environmentPath(_ name: String) -> PathBytes? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe PathBytes(
    UnsafeBufferPointer(start: value, count: strlen(value)).map(UInt8.init(bitPattern:)))
}

/// What the dynamic loader said of its last failure, naming `path` exactly once.
private func loaderMessage(for path: PathBytes) -> String {
  guard let message = unsafe dlerror() else { return quoted(path.description) }
  let text = unsafe String(cString: message)
  // The loader's own naming of it, in which bytes that are no text are repaired.
  let start = "\(String(decoding: path.bytes, as: UTF8.self)): "
  return "\(path): \(text.hasPrefix(start) ? String(text.dropFirst(start.count)) : text)"
}
