import CBaseline
public import ImageEmbedding

/// Packed RGB pixels.
public struct Picture: Sendable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// Three bytes a pixel, row by row.
  public let bytes: [UInt8]

  /// The middle of a cup of coffee, 500 x 375.
  public static func small() throws -> Picture {
    try Picture(png: "coffee.png").middle(width: 500, height: 375)
  }

  /// Twelve megapixels, 4000 x 3000, tiled with the small picture.
  public static func large() throws -> Picture {
    try small().tiled(columns: 8, rows: 8)
  }

  /// The same pixels as the embedder takes them.
  public func frame() throws -> FrameBuffer {
    try FrameBuffer(bytes: bytes, width: width, height: height, format: .rgb)
  }

  /// Decodes a photograph without the library, whose frames do not give their pixels away.
  private init(png name: String) throws {
    var (width, height): (Int32, Int32) = (0, 0)
    var status: Int32 = 0
    let capacity = 4 << 20
    bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      status = unsafe baseline_decode_png(
        Photographs.path(name), buffer.baseAddress, capacity, &width, &height)
      count = Int(width * height * 3)
    }
    guard status == 0 else { throw UndecodablePhotograph(path: Photographs.path(name)) }
    self.width = Int(width)
    self.height = Int(height)
  }

  private init(bytes: [UInt8], width: Int, height: Int) {
    self.bytes = bytes
    self.width = width
    self.height = height
  }

  private func middle(width: Int, height: Int) -> Picture {
    let left = (self.width - width) / 2
    let top = (self.height - height) / 2
    var middle: [UInt8] = []
    for row in top..<top + height {
      let start = (row * self.width + left) * 3
      middle += bytes[start..<start + width * 3]
    }
    return Picture(bytes: middle, width: width, height: height)
  }

  private func tiled(columns: Int, rows: Int) -> Picture {
    var tiles: [UInt8] = []
    tiles.reserveCapacity(bytes.count * columns * rows)
    for row in 0..<height * rows {
      let start = row % height * width * 3
      for _ in 0..<columns { tiles += bytes[start..<start + width * 3] }
    }
    return Picture(bytes: tiles, width: width * columns, height: height * rows)
  }
}

/// A photograph is missing or damaged.
struct UndecodablePhotograph: Error, CustomStringConvertible {
  let path: String
  var description: String { "\(path) cannot be decoded; scripts/setup fetches the photographs" }
}
