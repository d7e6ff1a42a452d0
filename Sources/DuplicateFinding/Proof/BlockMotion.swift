/// How far two aligned small pictures look as if what they show had moved, as in a burst.
///
/// Saving and scaling a picture leaves differences without a direction. A camera or a leaf that has moved
/// leaves differences along edges, which a shift of a fraction of a pixel explains. Each block that agrees
/// is therefore held against the other picture's after the brightness, the contrast, the tone curve and the
/// sharpness that they have in common, and the shift is found that explains most of what is left. Neither
/// picture is the first: both are brought to the contrast in the middle, and edges are those of their mean.
struct BlockMotion {
  /// The blocks that could be looked at: with texture, in agreement and not clipped.
  let count: Int
  /// The share of them that a shift explains.
  let movedShare: Float
  /// The median of how many times better a shift explains a block than noise does.
  let clearness: Float
  /// The median of what is left of a block by its gradients: the shift that would make so much, in pixels.
  let difference: Float

  /// The pixels along each side of a block.
  private static let side = 8
  /// The pixels that a block needs besides those that are clipped.
  private static let leastPixelCount = 24
  /// The levels between which no pixel is clipped, with those that scaling has mixed with clipped ones.
  private static let darkest: Float = 3
  private static let brightest: Float = 235
  /// The variance above which a block has texture.
  private static let texture: Float = 6
  /// The correlation from which a block agrees.
  private static let agreement: Float = 0.9
  /// The variance that rounding leaves, which keeps weak blocks from telling of large shifts.
  private static let noise: Float = 0.05
  /// The ``clearness`` from which a shift explains a block, and its least length in pixels.
  private static let leastClearness: Float = 8
  private static let leastShift: Float = 0.06

  /// What a block shows.
  private struct Block {
    /// The length of the shift in pixels.
    var shift: Float
    var clearness: Float
    var difference: Float
  }

  /// Compares two grids of one size, in whatever order.
  init(_ first: Grid, _ second: Grid) {
    let (first, second) = (first.smoothed(), second.smoothed())
    var blocks: [Block] = []
    for top in stride(from: 0, through: first.height - Self.side, by: Self.side) {
      for left in stride(from: 0, through: first.width - Self.side, by: Self.side) {
        if let block = Self.block(first, second, top: top, left: left) { blocks.append(block) }
      }
    }
    count = blocks.count
    movedShare =
      Float(
        blocks.count { $0.clearness >= Self.leastClearness && $0.shift >= Self.leastShift })
      / Float(max(1, blocks.count))
    clearness = Self.median(blocks.map(\.clearness))
    difference = Self.median(blocks.map(\.difference))
  }

  private static func median(_ values: [Float]) -> Float {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  private static func block(_ x: Grid, _ y: Grid, top: Int, left: Int) -> Block? {
    var (places, a, b): ([Int], [Float], [Float]) = ([], [], [])
    for row in top..<top + side {
      for place in row * x.width + left..<row * x.width + left + side {
        let (first, second) = (x.values[place], y.values[place])
        guard min(first, second) > darkest, max(first, second) < brightest else { continue }
        places.append(place)
        a.append(first)
        b.append(second)
      }
    }
    guard places.count >= leastPixelCount else { return nil }
    let count = Float(places.count)
    var basis = [[Float](repeating: 1 / count.squareRoot(), count: places.count)]
    (a, b) = (without(basis, a), without(basis, b))
    let (varianceA, varianceB) = (product(a, a) / count, product(b, b) / count)
    guard min(varianceA, varianceB) >= texture,
      product(a, b) >= agreement * count * ((varianceA + 1) * (varianceB + 1)).squareRoot()
    else { return nil }
    // Both at the contrast in the middle: their difference then has nothing of their mean in it.
    let (up, down) = (
      (varianceB / varianceA).squareRoot().squareRoot(),
      (varianceA / varianceB).squareRoot().squareRoot()
    )
    let mean = a.indices.map { (up * a[$0] + down * b[$0]) / 2 }
    let difference = a.indices.map { down * b[$0] - up * a[$0] }
    var slopes = Slopes(count: places.count)
    for place in places { slopes.add(place, x, up, y, down) }
    for common in [mean, slopes.curvature, mean.map { $0 * $0 }] {
      let rest = without(basis, common)
      let length = product(rest, rest).squareRoot()
      if length > 0.01 { basis.append(rest.map { $0 / length }) }
    }
    return explained(without(basis, difference), by: slopes, basis)
  }

  /// The shift that explains most of what is left, by least squares.
  private static func explained(
    _ left: [Float], by slopes: Slopes, _ basis: [[Float]]
  ) -> Block? {
    let count = Float(left.count)
    let strength =
      product(slopes.across, slopes.across) + product(slopes.down, slopes.down)
    let (across, down) = (without(basis, slopes.across), without(basis, slopes.down))
    let (xx, yy) = (
      product(across, across) + noise * count, product(down, down) + noise * count
    )
    let (xy, xl, yl) = (product(across, down), product(across, left), product(down, left))
    let determinant = xx * yy - xy * xy
    guard determinant > 0, strength > 0 else { return nil }
    let (moveX, moveY) = ((yy * xl - xy * yl) / determinant, (xx * yl - xy * xl) / determinant)
    var unexplained: Float = 0
    for place in left.indices {
      let rest = left[place] - moveX * across[place] - moveY * down[place]
      unexplained += rest * rest
    }
    let all = product(left, left)
    let freedom = count - Float(basis.count + 2)
    return Block(
      shift: (moveX * moveX + moveY * moveY).squareRoot(),
      clearness: (all - unexplained) / 2 / ((unexplained + noise * count) / freedom),
      difference: (all / strength).squareRoot())
  }

  /// The gradients and the curvature of the mean of two pictures at some pixels.
  private struct Slopes {
    var across: [Float] = []
    var down: [Float] = []
    var curvature: [Float] = []

    init(count: Int) {
      across.reserveCapacity(count)
      down.reserveCapacity(count)
      curvature.reserveCapacity(count)
    }

    mutating func add(_ place: Int, _ x: Grid, _ xShare: Float, _ y: Grid, _ yShare: Float) {
      let (row, column) = (place / x.width, place % x.width)
      let (above, below) = (max(0, row - 1), min(x.height - 1, row + 1))
      let (before, behind) = (max(0, column - 1), min(x.width - 1, column + 1))
      func mean(_ row: Int, _ column: Int) -> Float {
        let place = row * x.width + column
        return (xShare * x.values[place] + yShare * y.values[place]) / 2
      }
      let (left, right) = (mean(row, before), mean(row, behind))
      let (upper, lower) = (mean(above, column), mean(below, column))
      across.append((right - left) / 2)
      down.append((lower - upper) / 2)
      curvature.append(left + right + upper + lower - 4 * mean(row, column))
    }
  }

  private static func product(_ x: [Float], _ y: [Float]) -> Float {
    var sum: Float = 0
    for place in x.indices { sum += x[place] * y[place] }
    return sum
  }

  /// What is left of values of which nothing is to lie along some vectors of length 1.
  private static func without(_ basis: [[Float]], _ values: [Float]) -> [Float] {
    var result = values
    for vector in basis {
      let share = product(result, vector)
      for place in result.indices { result[place] -= share * vector[place] }
    }
    return result
  }
}
