import EmbedderPlatform
package import EmbedderStorage

/// Where the library lies through which LiteRT runs models on a graphics card.
///
/// LiteRT opens it itself, by its name in a folder.
package struct WebGPULibrary: Hashable, Sendable {
  /// The folder.
  package let folder: PathBytes

  /// The name that LiteRT opens.
  package static let fileName = "libLiteRtWebGpuAccelerator.so"

  /// The environment variable that names the library's file.
  package static let environmentVariable = "IMAGE_EMBEDDER_WEBGPU"

  /// Finds the library at `path`, or where the environment variable says, or beside LiteRT, in the cache
  /// folder that `scripts/setup gpu` fills, or in the Python package `ai-edge-litert` beside our own or in
  /// the active environment.
  ///
  /// - Parameters:
  ///   - path: The file, or `nil` to look for it; a path that is given is the only one tried.
  ///   - library: The runtime that opens it.
  /// - Throws: ``LiteRtError/webGPUNotFound(places:)``.
  package init(path: PathBytes?, for library: LiteRtLibrary) throws(LiteRtError) {
    var places: [PathBytes] = []
    if let chosen = path ?? environmentPath(Self.environmentVariable) {
      places = [chosen]
    } else {
      var folders: [String] = []
      if let end = library.path.lastIndex(of: "/") { folders.append(String(library.path[..<end])) }
      if let own = ownFolder() { folders += [own, "\(own)/../lib"] }
      if let cache = cacheFolder() {
        folders.append("\(cache)/litert-\(LiteRtLibrary.supportedVersion)")
      }
      folders += pythonPackageFolders("ai_edge_litert")
      places = folders.map { PathBytes("\($0)/\(Self.fileName)") }
    }
    let ending = Array("/\(Self.fileName)".utf8)
    let named = places.filter { $0.bytes.suffix(ending.count) == ending[...] }
    let found = named.first { place in
      unsafe place.withCString { unsafe access($0, R_OK) } == 0
    }
    guard let found else { throw .webGPUNotFound(places: places.map(\.description)) }
    folder = PathBytes(found.bytes.dropLast(ending.count))
  }
}
