import DuplicateFinding
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

/// A folder of pictures, and a store of vectors for them.
struct PictureFolder {
  let path: String

  /// Calls `body` with an empty one.
  static func with<Result>(_ body: (PictureFolder) throws -> Result) throws -> Result {
    try withTemporaryFolder { try body(PictureFolder(path: $0)) }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var storePath: String { file("store") }
  var pictureFile: String { file("store/derived/thumbnails.luma") }

  /// Writes a PNG file, with a comment where two files are to have other bytes.
  func write(_ image: PixelImage, _ name: String, comment: String = "") throws {
    var writer = PNGWriter(image)
    if !comment.isEmpty { writer.chunks = [("tEXt", Array("Comment\0\(comment)".utf8))] }
    try EmbedderTestSupport.write(writer.file, to: file(name))
  }

  /// Writes a store with a vector for each picture; pictures of one direction have the cosine 1.
  func embed(_ pictures: [(name: String, vector: [Float])]) throws -> EmbeddingStore {
    let content = StoreWriter.Content(
      fingerprint: Fingerprint(settings: [("model_sha256", .string("of a model"))]),
      type: .float32, heads: [(nil, pictures.first?.vector.count ?? 2)])
    let writer = try StoreWriter(PathBytes(storePath), content: content, mode: .new)
    for (name, vector) in pictures {
      let path = PathBytes(file(name))
      try writer.append(
        StoredRow(path: path, width: 1, height: 1, stamp: FileStamp(of: path)), [.float(vector)])
    }
    try writer.finish()
    return try EmbeddingStore(PathBytes(storePath))
  }

  /// Writes a store in which all pictures have one vector.
  func embed(_ names: [String]) throws -> EmbeddingStore {
    try embed(names.map { ($0, [1, 0]) })
  }
}

extension DuplicateReport {
  /// The names of a pair, with its tier.
  var namedPairs: [String] {
    pairs.map { "\(name($0.a)) \(name($0.b)) \($0.tier)" }
  }

  /// The groups by their names, the one to keep first.
  var namedGroups: [String] {
    groups.map { group in
      let others = group.members.filter { $0 != group.keep }.map(name)
      return "\(group.tier): \(([name(group.keep)] + others).joined(separator: " "))"
    }
  }

  func name(_ number: Int) -> String { pictures[number].path.name.description }

  func pair(_ a: String, _ b: String) throws -> Pair {
    try #require(pairs.first { Set([name($0.a), name($0.b)]) == [a, b] })
  }
}

extension PixelImage {
  /// Values of each channel by another rule.
  func mapped(_ change: (UInt8) -> UInt8) -> PixelImage {
    PixelImage(width: width, height: height, channels: channels, bytes: bytes.map(change))
  }

  /// Each pixel the mean of two by two.
  var halved: PixelImage {
    var result: [UInt8] = []
    for y in 0..<height / 2 {
      for x in 0..<width / 2 {
        for channel in 0..<channels {
          var sum = 0
          for place in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let start = pixel(2 * x + place.0, 2 * y + place.1).startIndex
            sum += Int(bytes[start + channel])
          }
          result.append(UInt8(sum / 4))
        }
      }
    }
    return PixelImage(width: width / 2, height: height / 2, channels: channels, bytes: result)
  }

  /// The picture with a plain bar over a part of it.
  func covered(x: Range<Int>, y: Range<Int>, value: UInt8) -> PixelImage {
    var result = self
    for row in y {
      for column in x {
        let start = (row * width + column) * channels
        for channel in 0..<channels { result.bytes[start + channel] = value }
      }
    }
    return result
  }

  /// Three channels, all alike.
  var gray: PixelImage {
    var result = self
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let luma =
        (77 * Int(bytes[start]) + 150 * Int(bytes[start + 1]) + 29 * Int(bytes[start + 2])) / 256
      for channel in 0..<3 { result.bytes[start + channel] = UInt8(luma) }
    }
    return result
  }
}
