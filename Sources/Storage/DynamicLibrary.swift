import CEmbedderProcess
import EmbedderPlatform

/// A library that is opened at run time and stays open as long as the process: what we open starts threads
/// and registers exit handlers.
@safe
package struct DynamicLibrary: @unchecked Sendable {
  /// The library was found at none of the places, each with what the loader said.
  package struct NotFound: Error {
    package let attempts: [String]
  }

  /// Where the library was found.
  package let path: String

  /// What the loader knows it by.
  @unsafe package let handle: UnsafeMutableRawPointer

  /// Opens the library at `path`, the one that an environment variable names, or the first that there is
  /// of `candidates`.
  ///
  /// A path that is given, here or by the variable, is the only one tried: a user who names a file does
  /// not want another. A name without a slash is a file's of the working directory where there is such
  /// a one, and else one that the system's loader knows.
  ///
  /// - Parameters:
  ///   - path: The file that the user names, if any.
  ///   - environmentVariable: The variable that names it otherwise.
  ///   - companions: The files without which it is of no use, beside it. One that lacks any is not opened:
  ///     it would stay, and later take the place of a whole one.
  ///   - others: Files that may lie beside it. Where one of all these ends early nothing is opened, since the
  ///     process would die of it.
  ///   - candidates: Where to look for it, best first.
  /// - Throws: ``NotFound``.
  package init(
    path: PathBytes?, environmentVariable: String, companions: [String] = [],
    others: [String] = [], candidates: @autoclosure () -> [String]
  ) throws(NotFound) {
    var attempts: [String] = []
    let chosen = path ?? environmentPath(environmentVariable)
    for candidate in chosen.map({ [placed($0)] }) ?? candidates().map({ PathBytes($0) }) {
      if let missing = companions.first(where: { isMissing($0, beside: candidate) }) {
        attempts.append("\(candidate): \(missing) is not beside it")
        continue
      }
      if let damaged = fileCutShort(candidate, companions + others) {
        attempts.append(
          "\(damaged): it ends early, as a download that was cut short; install it anew")
        continue
      }
      let opened = unsafe candidate.withCString { unsafe dlopen($0, RTLD_NOW | RTLD_LOCAL) }
      if let opened = unsafe opened {
        self.path = candidate.description
        unsafe handle = opened
        return
      }
      attempts.append(loaderMessage(for: candidate))
    }
    throw NotFound(attempts: attempts)
  }

  /// The file that would be opened, as far as that can be told without opening any: `nil` where none of
  /// the places has one, or only the system's loader knows.
  ///
  /// The parameters are those of making a library.
  package static func file(
    path: PathBytes?, environmentVariable: String, companions: [String],
    candidates: @autoclosure () -> [String]
  ) -> PathBytes? {
    let chosen = path ?? environmentPath(environmentVariable)
    let places = chosen.map { [placed($0)] } ?? candidates().map { PathBytes($0) }
    return places.first { place in
      let isThere = unsafe place.withCString { unsafe access($0, R_OK) } == 0
      return isThere && place.bytes.contains(UInt8(ascii: "/"))
        && !companions.contains { isMissing($0, beside: place) }
    }
  }
}

/// The folder of the executable or shared library that this code is part of.
package func ownFolder() -> String? {
  guard let file = unsafe cprocess_own_file() else { return nil }
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

/// The folder that `scripts/setup` fills, below the user's cache folder.
package func cacheFolder() -> String? {
  let home = environmentValue("HOME").map { "\($0)/.cache" }
  return (environmentValue("XDG_CACHE_HOME") ?? home).map { "\($0)/image-embedder" }
}

/// Where a Python package may lie: beside our own package, or in the active environment.
package func pythonPackageFolders(_ package: String) -> [String] {
  var folders: [String] = []
  if let own = ownFolder() { folders += ["\(own)/../\(package)", "\(own)/../../\(package)"] }
  for variable in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
    guard let prefix = environmentValue(variable) else { continue }
    let versions = names(in: PathBytes("\(prefix)/lib")).compactMap(\.text)
      .filter { $0.hasPrefix("python3") }.sorted()
    folders += versions.map { "\(prefix)/lib/\($0)/site-packages/\(package)" }
  }
  return folders
}

/// The names of what is in a folder, in no order; none where it cannot be read.
package func names(in folder: PathBytes) -> [PathBytes] {
  guard let stream = unsafe folder.withCString({ unsafe opendir($0) }) else { return [] }
  defer { unsafe closedir(stream) }
  var names: [PathBytes] = []
  while let entry = unsafe readdir(stream) {
    names.append(
      unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe PathBytes(bytes.prefix { $0 != 0 })
      })
  }
  return names
}

/// The value of an environment variable that is set and not empty.
package func environmentValue(_ name: String) -> String? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe String(cString: value)
}

/// Whether a file is there and another one is not beside it; a link leads to where the others are.
package func isMissing(_ companion: String, beside file: PathBytes) -> Bool {
  guard file.bytes.contains(UInt8(ascii: "/")), let folder = realFolder(of: file) else {
    return false
  }
  return unsafe access("\(folder)/\(companion)", R_OK) != 0
}

/// The folder that a file is in, or the one that a link leads to; `nil` where there is none.
private func realFolder(of file: PathBytes) -> String? {
  guard let target = unsafe file.withCString({ unsafe realpath($0, nil) }) else { return nil }
  defer { unsafe free(target) }
  let parts = unsafe String(cString: target).split(separator: "/").dropLast()
  return "/\(parts.joined(separator: "/"))"
}

/// A library's file, or one of those beside it, that ends before its time.
private func fileCutShort(_ library: PathBytes, _ others: [String]) -> PathBytes? {
  // Others are the system's, whose loader knows where they are.
  guard library.bytes.contains(UInt8(ascii: "/")) else { return nil }
  if isFileCutShort(library) { return library }
  guard let folder = realFolder(of: library) else { return nil }
  return others.lazy.map { PathBytes("\(folder)/\($0)") }.first(where: isFileCutShort)
}

/// A name as the loader needs it, which looks at files only where there is a slash.
private func placed(_ name: PathBytes) -> PathBytes {
  let isFile = unsafe name.withCString { unsafe access($0, F_OK) } == 0
  return isFile && !name.bytes.contains(UInt8(ascii: "/"))
    ? PathBytes(".").appending(name) : name
}

/// The path that an environment variable holds, if it is set and not empty.
package func environmentPath(_ name: String) -> PathBytes? {
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
