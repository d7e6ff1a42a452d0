package import CEmbedderOpenVINO
import EmbedderPlatform
package import EmbedderStorage

/// OpenVINO, opened at run time, as a table of the functions of its C interface.
///
/// Once opened it stays: the library starts threads, so it is never closed. Tests put functions of their
/// own into the table.
@safe
package final class OpenVINOLibrary: Sendable {
  /// The version whose interface COpenVINO declares and whose numbers were compared.
  package static let supportedVersion = "2026.3.1"

  /// The environment variable that names the library's file.
  package static let environmentVariable = "IMAGE_EMBEDDER_OPENVINO"

  /// The library's name; the number is that of its interface.
  package static let fileName = "libopenvino_c.so.2631"

  /// What has to lie beside it: what runs on the processor, and what reads TFLite files.
  package static let companions = [
    "libopenvino.so.2631", "libopenvino_intel_cpu_plugin.so",
    "libopenvino_tensorflow_lite_frontend.so.2631",
  ]

  /// What may lie beside it: what models are read by that it compiled and exported before.
  package static let importer = "libopenvino_ir_frontend.so.2631"

  /// What may lie beside it or be the system's: the threads that it runs on.
  private static let threads = "libtbb.so.12"

  /// Where the library was found, or a remark on where the functions come from.
  package let path: String

  /// The version with that of the build.
  let version: String

  /// OpenVINO's functions; constant once the library is made.
  package let functions: OpenVINOFunctions

  /// Wraps functions that are not those of a library file.
  ///
  /// - Throws: ``OpenVINOError/unusableLibrary(path:reason:)`` for another version.
  package init(
    functions: OpenVINOFunctions, path: String = "(functions of the caller)"
  ) throws(OpenVINOError) {
    self.path = path
    self.functions = functions
    version = Self.version(functions)
    guard version.hasPrefix(Self.supportedVersion) else {
      throw .unusableLibrary(path: path, reason: "it is OpenVINO \(version)")
    }
  }

  /// Opens the library at `path`, or where ``candidates()`` says.
  ///
  /// A path that is given, here or by the environment variable, is the only one tried: a user who
  /// names a file does not want another.
  ///
  /// - Throws: ``OpenVINOError/libraryNotFound(attempts:)``,
  ///   ``OpenVINOError/unusableLibrary(path:reason:)`` or ``OpenVINOError/unsupportedProcessor``.
  package convenience init(path: PathBytes?) throws(OpenVINOError) {
    guard copenvino_processor_is_supported() else { throw .unsupportedProcessor }
    let library: DynamicLibrary
    do {
      library = try DynamicLibrary(
        path: path, environmentVariable: Self.environmentVariable, companions: Self.companions,
        others: [Self.importer, Self.threads], candidates: Self.candidates())
    } catch {
      throw .libraryNotFound(attempts: error.attempts)
    }
    var functions = OpenVINOFunctions()
    if let missing = unsafe copenvino_resolve(library.handle, &functions) {
      throw .unusableLibrary(
        path: library.path, reason: "it has no function \(unsafe String(cString: missing))")
    }
    try self.init(functions: functions, path: library.path)
  }

  /// Where the library lies that would be opened; it is opened only where the system's loader alone may know
  /// it, which otherwise takes some hundredths of a second.
  ///
  /// - Throws: As for opening it.
  package static func location(path: PathBytes?) throws(OpenVINOError) -> String {
    guard copenvino_processor_is_supported() else { throw .unsupportedProcessor }
    let file = DynamicLibrary.file(
      path: path, environmentVariable: environmentVariable, companions: companions,
      candidates: candidates())
    if let file { return file.description }
    return try OpenVINOLibrary(path: path).path
  }

  /// The places to look at, most specific first: beside our own library or executable, `../lib` from
  /// there, the cache folder that `scripts/setup openvino` fills, the Python package `openvino` beside
  /// our own or in the active environment, the system's loader path.
  package static func candidates() -> [String] {
    var folders: [String] = []
    if let own = ownFolder() {
      folders += [own, "\(own)/../lib"]
    }
    if let cache = cacheFolder() { folders.append("\(cache)/openvino-\(supportedVersion)") }
    folders += pythonPackageFolders("openvino").map { "\($0)/libs" }
    return folders.map { "\($0)/\(fileName)" } + [fileName]
  }

  private static func version(_ functions: OpenVINOFunctions) -> String {
    var version = unsafe ov_version_t()
    guard unsafe functions.get_openvino_version(&version) == 0,
      let number = unsafe version.buildNumber
    else { return "of an unknown version" }
    defer { unsafe functions.version_free(&version) }
    // Followed by the build: "2026.3.1-22476-….".
    return unsafe String(cString: number)
  }

  /// Calls `body`, which frees something of OpenVINO's, unless the process is ending.
  ///
  /// At its end a process takes OpenVINO apart while other threads may still let go of models, which then
  /// crashes. What is not freed goes with the process.
  func release(_ body: () -> Void) {
    Self.isEnding.withLock { isEnding in
      if !isEnding { body() }
    }
  }

  private static let isEnding = Locked(false)

  /// Has frees stop before anything that was made until now is taken apart at the end of the process.
  ///
  /// Handlers run in the reverse of the order in which they were registered, and OpenVINO registers some
  /// whenever it uses a part of itself for the first time.
  func noteUse() {
    atexit { OpenVINOLibrary.isEnding.withLock { $0 = true } }
  }

  /// Whether it reads what it exported.
  var canImport: Bool { !isMissing(Self.importer, beside: PathBytes(path)) }

  /// Throws unless a call gave the status 0.
  func check(_ function: String, _ status: Int32) throws(OpenVINOError) {
    guard status == 0 else {
      throw .callFailed(function: function, status: status, details: lastMessage())
    }
  }

  /// A string that OpenVINO has made, which is freed; empty for none.
  @unsafe
  func take(_ text: UnsafeMutablePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    defer { unsafe functions.free(text) }
    return unsafe String(cString: text)
  }

  /// OpenVINO's own text on the last failed call of any thread, without the places in its source.
  func lastMessage() -> String {
    guard let text = functions.get_last_err_msg() else { return "" }
    defer { unsafe functions.free(text) }
    return unsafe String(cString: text).split(whereSeparator: \.isNewline)
      .filter { !$0.hasPrefix("Exception from src/") }.joined(separator: "\n")
  }
}
