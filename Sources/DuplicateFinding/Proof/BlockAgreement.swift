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
  /// How many blocks contradict, textured or not.
  let contradictingCount: Int
  /// How much stronger the contrast of the second picture is.
  let gain: Float
  /// How many levels lighter the second picture is where the two agree.
  let lightening: Float
  /// How much of what contradicts can be one colour laid over one of the pictures, as a share; `nil` where
  /// nothing that can be seen contradicts, 0 where too little agrees for that to matter.
  let overlaidShare: Float?

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

  /// The share of agreeing blocks from which it matters why the others do not.
  private static let interestingShare: Float = 0.6

  init(_ x: Grid, _ y: Grid) {
    let division = Division(width: x.width, height: x.height)
    let blocks = Self.blocks(x, y, division)
    correlation = Self.total(blocks).correlation(noise: 0)
    // Brightness and contrast in common, first of all blocks, then of those that agree.
    var line = Self.line(through: Self.total(blocks))
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
    let total = Self.total(zip(blocks, agreeing).filter(\.1).map(\.0))
    agreeingCorrelation = total.count > 0 ? total.correlation(noise: 0) : 0
    gain = line.gain
    lightening = total.count > 0 ? (total.sumY - total.sumX) / total.count : 0
    if contradictingCount == 0 {
      overlaidShare = nil
    } else if Float(agreeingCount) >= Self.interestingShare * Float(texturedCount), line.gain > 0 {
      let places = (0..<x.values.count).filter { !agreeing[division.block(of: $0)] }
      let (a, b) = (places.map { x.values[$0] }, places.map { y.values[$0] })
      let shares = [
        Self.overlaidShare(of: b, on: a.map { line.gain * $0 + line.offset }),
        Self.overlaidShare(of: a, on: b.map { ($0 - line.offset) / line.gain }),
      ]
      overlaidShare = shares.compactMap(\.self).max()
    } else {
      overlaidShare = 0
    }
  }

  /// How much of the difference between pixels and what they would be can be one colour laid over them.
  ///
  /// What is laid over, also where it covers a pixel in part, brings all pixels nearer to its colour. What has
  /// moved in a burst is missing in one place and there in another, which no one colour does.
  private static func overlaidShare(of pixels: [Float], on expected: [Float]) -> Float? {
    var best: Float = 0
    for color in stride(from: Float(0), through: 255, by: 15) {
      var (explained, all): (Float, Float) = (0, 0)
      for (pixel, expected) in zip(pixels, expected) {
        let difference = pixel - expected
        guard difference.magnitude >= 6 else { continue }
        all += difference.magnitude
        let most = color - expected
        if difference * most > 0, difference.magnitude <= 1.15 * most.magnitude + 4 {
          explained += difference.magnitude
        }
      }
      // Differences too small to see are those of sharpness.
      guard all > 0 else { return nil }
      best = max(best, explained / all)
    }
    return best
  }

  /// How a grid is divided into blocks: eight along each axis, fewer where that leaves too few pixels.
  private struct Division {
    let width: Int
    let height: Int
    let across: Int
    let down: Int

    init(width: Int, height: Int) {
      self.width = width
      self.height = height
      across = max(3, min(8, width / 6))
      down = max(3, min(8, height / 6))
    }

    func block(of place: Int) -> Int {
      place / width * down / height * across + place % width * across / width
    }
  }

  private static func blocks(_ x: Grid, _ y: Grid, _ division: Division) -> [Block] {
    var blocks = [Block](repeating: Block(), count: division.across * division.down)
    for place in x.values.indices {
      let block = division.block(of: place)
      let (a, b) = (x.values[place], y.values[place])
      blocks[block].count += 1
      blocks[block].sumX += a
      blocks[block].sumY += b
      blocks[block].sumXX += a * a
      blocks[block].sumYY += b * b
      blocks[block].sumXY += a * b
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
