/// How far two aligned small pictures agree, block by block.
///
/// Each block is held against the other picture's by its own normalized correlation, so that what covers one
/// part says nothing about the rest; and its mean against the brightness and contrast that all blocks have
/// in common. Blocks without texture can only contradict.
struct BlockAgreement: Hashable, Sendable {
  /// The normalized correlation of all pixels.
  let correlation: Float
  /// The normalized correlation of the blocks that agree, all together.
  let agreeingCorrelation: Float
  /// The blocks that show something.
  let texturedCount: Int
  /// How many of them agree.
  let agreeingCount: Int
  /// How many blocks there are.
  let blockCount: Int
  /// How many blocks contradict, textured or not.
  let contradictingCount: Int

  /// The textured blocks that agree, as a share.
  var share: Float { texturedCount > 0 ? Float(agreeingCount) / Float(texturedCount) : 0 }

  private struct Block {
    var count: Float = 0
    var sumX: Float = 0
    var sumY: Float = 0
    var sumXX: Float = 0
    var sumYY: Float = 0
    var sumXY: Float = 0

    mutating func add(_ other: Block) {
      count += other.count
      sumX += other.sumX
      sumY += other.sumY
      sumXX += other.sumXX
      sumYY += other.sumYY
      sumXY += other.sumXY
    }

    var varianceX: Float { max(0, sumXX - sumX * sumX / count) / count }
    var varianceY: Float { max(0, sumYY - sumY * sumY / count) / count }
    var covariance: Float { (sumXY - sumX * sumY / count) / count }

    /// The normalized correlation, held down where there is little but noise.
    func correlation(noise: Float) -> Float {
      let product = (varianceX + noise) * (varianceY + noise)
      return product > 0 ? covariance / product.squareRoot() : 0
    }
  }

  /// The variance that compression and rounding bring into a block.
  private static let noise: Float = 1
  /// The variance above which a block shows something.
  private static let texture: Float = 12
  /// The correlation from which a block agrees.
  private static let agreement: Float = 0.9
  /// The levels that a block's mean may be off; clipped highlights and gamma take some.
  private static let offset: Float = 20

  init(_ x: Grid, _ y: Grid) {
    let blocks = Self.blocks(x, y)
    let all = Self.total(blocks)
    correlation = all.correlation(noise: 0)
    // Brightness and contrast in common, first of all blocks, then of those that agree.
    var line = Self.line(through: all)
    var agreeing: [Bool] = []
    for _ in 0..<2 {
      agreeing = blocks.map { Self.agrees($0, line) }
      let total = Self.total(zip(blocks, agreeing).filter(\.1).map(\.0))
      if total.count > 0 { line = Self.line(through: total) }
    }
    let textured = blocks.map { Self.isTextured($0, line) }
    texturedCount = textured.count { $0 }
    agreeingCount = zip(textured, agreeing).count { $0 && $1 }
    contradictingCount = agreeing.count { !$0 }
    blockCount = blocks.count
    let total = Self.total(zip(blocks, agreeing).filter(\.1).map(\.0))
    agreeingCorrelation = total.count > 0 ? total.correlation(noise: 0) : 0
  }

  private static func blocks(_ x: Grid, _ y: Grid) -> [Block] {
    func count(_ length: Int) -> Int { max(3, min(8, length / 6)) }
    let (across, down) = (count(x.width), count(x.height))
    var blocks = [Block](repeating: Block(), count: across * down)
    for row in 0..<x.height {
      for column in 0..<x.width {
        let block = row * down / x.height * across + column * across / x.width
        let (a, b) = (x.values[row * x.width + column], y.values[row * x.width + column])
        blocks[block].count += 1
        blocks[block].sumX += a
        blocks[block].sumY += b
        blocks[block].sumXX += a * a
        blocks[block].sumYY += b * b
        blocks[block].sumXY += a * b
      }
    }
    return blocks
  }

  private static func total(_ blocks: [Block]) -> Block {
    blocks.reduce(into: Block()) { $0.add($1) }
  }

  private static func line(through block: Block) -> (gain: Float, offset: Float) {
    let gain = block.varianceX > 0 ? block.covariance / block.varianceX : 1
    return (gain, (block.sumY - gain * block.sumX) / max(block.count, 1))
  }

  private static func isTextured(_ block: Block, _ line: (gain: Float, offset: Float)) -> Bool {
    max(block.varianceX * min(1, line.gain * line.gain), block.varianceY) >= texture
  }

  private static func agrees(_ block: Block, _ line: (gain: Float, offset: Float)) -> Bool {
    let expected = line.gain * block.sumX / block.count + line.offset
    guard (block.sumY / block.count - expected).magnitude <= offset else { return false }
    return !isTextured(block, line) || block.correlation(noise: noise) >= agreement
  }
}
