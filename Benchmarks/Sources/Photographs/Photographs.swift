import Foundation

/// The photographs that `scripts/setup` fetches.
public enum Photographs {
  /// The path of a photograph, such as `coffee.png`.
  public static func path(_ name: String) -> String {
    "\(cacheFolder)/photographs-0.26.0/\(name)"
  }

  /// The content of a photograph's file.
  public static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }

  /// The folder that `scripts/setup` fills.
  public static var cacheFolder: String {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return (cache ?? "\(environment["HOME"] ?? "")/.cache") + "/image-embedder"
  }
}
