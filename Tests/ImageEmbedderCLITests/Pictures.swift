import EmbedderTestSupport
import Foundation

/// Small pictures whose every pixel is known.
enum Pictures {
  /// 8 x 6 pixels: what the small models take without a change of size.
  static func small(seed: UInt64 = 1) -> PixelImage {
    var generator = SeededGenerator(seed: seed)
    return PixelImage(randomOfWidth: 8, height: 6, channels: 3, using: &generator)
  }

  /// Writes PNG files of 8 x 6 pixels, each with another content.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - folder: Where they go.
  /// - Returns: Their paths, in order.
  /// - Throws: What the system says where they cannot be written.
  static func writeFiles(_ count: Int, in folder: String) throws -> [String] {
    try (0..<count).map { number in
      let path = "\(folder)/picture \(number).png"
      try write(PNGWriter(small(seed: UInt64(number + 1))).file, to: path)
      return path
    }
  }

  /// Calls `body` with a new folder and the path of a picture of 8 x 6 pixels in it.
  static func withPicture(_ body: (_ folder: String, _ picture: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try body(folder, writeFiles(1, in: folder)[0])
    }
  }
}

/// The names of what is in a folder, sorted.
func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// The content of a text file.
func text(of path: String) throws -> String {
  String(decoding: try contents(of: path), as: UTF8.self)
}

/// A line of `embed`'s JSON output.
struct JSONRow: Decodable {
  struct Head: Decodable {
    let headIndex: Int
    let headName: String?
    let featureVector: [Float?]

    /// The components, NaN where the output says null.
    var components: [Float] { featureVector.map { $0 ?? .nan } }
  }

  let path: String
  let status: String
  let width: Int?
  let height: Int?
  let embeddings: [Head]?
  let warnings: [String]?
  let errorCode: String?
  let errorMessage: String?

  /// The components of the first head.
  var components: [Float] { embeddings?.first?.components ?? [] }
}
