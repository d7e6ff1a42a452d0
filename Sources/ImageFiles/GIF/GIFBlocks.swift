import EmbedderStorage

/// The blocks of a GIF file behind its first frame's header.
enum GIFBlocks {
  private static let `extension`: UInt8 = 0x21
  private static let image: UInt8 = 0x2c
  private static let trailer: UInt8 = 0x3b

  /// Looks whether all blocks from a frame's data on are there and of known kinds, the trailer at their end.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - start: Where the frame's data begins: the size of its first codes, then a chain of blocks.
  /// - Returns: Whether they are.
  static func areComplete(in bytes: RawSpan, fromDataAt start: Int) -> Bool {
    guard var offset = endOfChain(in: bytes, from: start + 1) else { return false }
    while offset < bytes.byteCount {
      let chain: Int
      switch bytes.byte(at: offset) {
      case trailer: return true
      case `extension`: chain = offset + 2
      case image:
        guard let flags = bytes.integer(at: offset + 9, byteCount: 1, .littleEndian) else {
          return false
        }
        let paletteByteCount = flags & 0x80 != 0 ? 3 << (flags & 7 + 1) : 0
        chain = offset + 10 + paletteByteCount + 1
      default: return false
      }
      guard let end = endOfChain(in: bytes, from: chain) else { return false }
      offset = end
    }
    return false
  }

  /// Where a chain of data blocks ends, each with its length in front and the last one empty.
  private static func endOfChain(in bytes: RawSpan, from start: Int) -> Int? {
    var offset = start
    while offset < bytes.byteCount {
      let length = Int(bytes.byte(at: offset))
      offset += 1 + length
      if length == 0 { return offset }
    }
    return nil
  }
}
