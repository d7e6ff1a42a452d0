import CEmbedderSearch
import EmbeddingStore

/// How the rows of a store are divided into blocks, each a piece of work for one thread.
///
/// A block holds rows of one part, so that the blocks of a part stay as they are when others change:
/// the rows as signed bytes, each padded to ``stride``; then a scale a row; then a bound of the rounding
/// error a row; then, at the block's end, the checksum of all this.
struct BlockLayout: Sendable {
  struct Block: Sendable {
    /// The block's first row in the store.
    let firstRow: Int
    let rowCount: Int
    /// The store's part that holds the rows, counted from 0.
    let part: Int
    /// Where the block begins among those of its part, in bytes.
    let offset: Int
    let byteCount: Int
  }

  /// The number of components of a row.
  let dimension: Int
  /// The bytes from one row to the next.
  let stride: Int
  let blocks: [Block]
  /// Where each block begins when all lie one behind the other, in bytes.
  let starts: [Int]
  let byteCount: Int

  /// A block stays in a core's second cache while queries go over it.
  private static let usualByteCount = 1 << 18

  init(dimension: Int, partRowCounts: [Int]) {
    self.dimension = dimension
    stride = Self.stride(dimension: dimension)
    var blocks: [Block] = []
    var starts: [Int] = []
    var (row, start) = (0, 0)
    for (part, rowCount) in partRowCounts.enumerated() {
      var offset = 0
      var rest = rowCount
      while rest > 0 {
        let count = min(rest, Self.rowsPerBlock(stride: stride))
        let byteCount = Self.byteCount(rowCount: count, stride: stride)
        blocks.append(
          Block(firstRow: row, rowCount: count, part: part, offset: offset, byteCount: byteCount))
        starts.append(start)
        row += count
        rest -= count
        offset += byteCount
        start += byteCount
      }
    }
    self.blocks = blocks
    self.starts = starts
    byteCount = start
  }

  /// The largest block's size.
  var blockByteCount: Int { blocks.map(\.byteCount).max() ?? 0 }

  static func stride(dimension: Int) -> Int { aligned(dimension) }

  /// The bytes of all blocks of a part.
  static func byteCount(ofPart rowCount: Int, stride: Int) -> Int {
    let most = rowsPerBlock(stride: stride)
    let rest = rowCount % most
    return rowCount / most * byteCount(rowCount: most, stride: stride)
      + (rest == 0 ? 0 : byteCount(rowCount: rest, stride: stride))
  }

  private static func rowsPerBlock(stride: Int) -> Int { max(1, usualByteCount / stride) }

  private static func byteCount(rowCount: Int, stride: Int) -> Int {
    aligned(rowCount * (stride + 2 * MemoryLayout<Float>.size) + MemoryLayout<UInt64>.size)
  }

  private static func aligned(_ byteCount: Int) -> Int {
    let alignment = Int(CSEARCH_ALIGNMENT)
    return (byteCount + alignment - 1) / alignment * alignment
  }

  /// The last block that begins at a row or before it.
  func block(of row: Int) -> Int {
    var (low, high) = (0, blocks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].firstRow <= row { low = middle } else { high = middle }
    }
    return low
  }
}
