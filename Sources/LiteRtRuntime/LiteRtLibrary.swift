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
    let library: DynamicLibrary
    do {
      library = try DynamicLibrary(
        path: path, environmentVariable: Self.environmentVariable, candidates: Self.candidates())
    } catch {
      throw .libraryNotFound(attempts: error.attempts)
    }
    var functions = LiteRtFunctions()
    if let missing = unsafe clitert_resolve(library.handle, &functions) {
      throw .incompatibleLibrary(
        path: library.path, missingFunction: unsafe String(cString: missing))
    }
    self.init(functions: functions, path: library.path)
  }

  /// The places to look at, most specific first: beside our own library or executable, `../lib` from
  /// there, the cache folder that `scripts/setup` fills, the system's loader path.
  package static func candidates() -> [String] {
    #if canImport(Darwin)
    let name = "libLiteRt.dylib"
    #else
    let name = "libLiteRt.so"
    #endif
    var folders: [String] = []
    if let folder = ownFolder() { folders += [folder, "\(folder)/../lib"] }
    if let cache = cacheFolder() { folders.append("\(cache)/litert-\(supportedVersion)") }
    return folders.map { "\($0)/\(name)" } + [name]
  }
}
