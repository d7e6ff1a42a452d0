import CEmbedderHeif
import EmbedderPlatform

/// libheif, opened at run time, as a table of its functions.
///
/// It brings along a dozen libraries, one of which (x265) is under the GPL and which together slow
/// every start, so only who has HEIC or AVIF files loads it. Once opened it stays.
@safe
final class HEIFLibrary: Sendable {
  /// Why the library cannot be used.
  struct Missing: Error, Hashable {
    let reason: String
  }

  /// The Debian package that holds the library.
  static let package = "libheif1"

  #if canImport(Darwin)
  static let fileName = "libheif.1.dylib"
  #else
  static let fileName = "libheif.so.1"
  #endif

  /// The library's functions.
  let functions: HeifFunctions

  /// The library, opened when it is first asked for, by whichever thread that is.
  static let shared = Result { () throws(Missing) in try HEIFLibrary() }

  /// Opens the library at `path`, by default the one that the system's loader finds.
  init(path: String = fileName) throws(Missing) {
    guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let message = unsafe dlerror().map { unsafe String(cString: $0) }
      throw Missing(reason: message ?? "\(path) cannot be opened")
    }
    var functions = HeifFunctions()
    if let name = unsafe cheif_resolve(handle, &functions) {
      unsafe dlclose(handle)
      throw Missing(
        reason: "\(path) lacks the function \(unsafe String(cString: name)); version 1.13 is needed"
      )
    }
    // Registers the codecs; never undone, like the opening.
    _ = unsafe functions.`init`(nil)
    self.functions = functions
  }
}
