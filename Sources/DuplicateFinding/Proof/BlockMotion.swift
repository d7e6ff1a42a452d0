/// How far two aligned small pictures look as if what they show had moved, as in a burst.
///
/// Saving and scaling a picture leaves differences without a direction. A camera or a leaf that has moved
/// leaves differences along edges, which a shift of a fraction of a pixel explains. Each block that agrees
/// is therefore held against the other picture's after the brightness, the contrast and the sharpness that
/// they have in common, and the shift is found that explains most of what is left.
struct BlockMotion {
  /// The blocks that could be looked at: with texture, in agreement and not clipped.
  let count: Int
  /// The share of them that a shift explains.
  let movedShare: Float
  /// The median shift in pixels.
  let shift: Float
  /// The median of what is left of a block by its gradients: the shift that would make so much, in pixels.
  let difference: Float

  /// The pixels along each side of a block.
  private static let side = 8
  /// The variance above which a block has texture.
  private static let texture: Float = 6
  /// The correlation from which a block agrees.
  private static let agreement: Float = 0.9
  /// The variance that rounding leaves, which keeps weak blocks from telling of large shifts.
  private static let noise: Float = 0.05
  /// How many times better a shift has to explain a block than noise does, and its least length.
  private static let clearRatio: Float = 8
  private static let leastShift: Float = 0.06

  /// Compares two grids of one size.
  ///
  /// - Parameters:
  ///   - first: The first picture.
  ///   - second: The second, laid over it.
  ///   - brightest: The level from which a block may be clipped.
  init(_ first: Grid, _ second: Grid, brightest: Float) {
    let (x, y) = (first.smoothed(), second.smoothed())
    var blocks: [(shift: Float, ratio: Float, difference: Float)] = []
    for top in stride(from: 0, through: x.height - Self.side, by: Self.side) {
      for left in stride(from: 0, through: x.width - Self.side, by: Self.side) {
        if let block = Self.block(x, y, top: top, left: left, brightest: brightest) {
          blocks.append(block)
        }
      }
    }
    count = blocks.count
    movedShare =
      Float(blocks.count { $0.ratio >= Self.clearRatio && $0.shift >= Self.leastShift })
      / Float(max(1, blocks.count))
    shift = Self.median(blocks.map(\.shift))
    difference = Self.median(blocks.map(\.difference))
  }

  private static func median(_ values: [Float]) -> Float {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  private static func block(
    _ x: Grid, _ y: Grid, top: Int, left: Int, brightest: Float
  ) -> (shift: Float, ratio: Float, difference: Float)? {
    let count = Float(side * side)
    var (a, b): ([Float], [Float]) = ([], [])
    var (across, down, curvature): ([Float], [Float], [Float]) = ([], [], [])
    for row in top..<top + side {
      for column in left..<left + side {
        let (above, below) = (max(0, row - 1), min(y.height - 1, row + 1))
        let (before, behind) = (max(0, column - 1), min(y.width - 1, column + 1))
        a.append(x.values[row * x.width + column])
        b.append(y.values[row * y.width + column])
        across.append((y.values[row * y.width + behind] - y.values[row * y.width + before]) / 2)
        down.append((y.values[below * y.width + column] - y.values[above * y.width + column]) / 2)
        curvature.append(
          x.values[row * x.width + before] + x.values[row * x.width + behind]
            + x.values[above * x.width + column] + x.values[below * x.width + column]
            - 4 * x.values[row * x.width + column])
      }
    }
    guard max(a.max() ?? 255, b.max() ?? 255) < brightest,
      min(a.min() ?? 0, b.min() ?? 0) > 3
    else { return nil }
    var basis: [[Float]] = []
    let ones = [Float](repeating: 1 / Float(side), count: side * side)
    basis.append(ones)
    let (centredA, centredB) = (without(basis, a), without(basis, b))
    let (varianceA, varianceB) = (product(centredA, centredA), product(centredB, centredB))
    let scale = ((varianceA / count + 1) * (varianceB / count + 1)).squareRoot() * count
    guard min(varianceA, varianceB) >= texture * count,
      product(centredA, centredB) >= agreement * scale
    else { return nil }
    for common in [a, curvature] {
      let rest = without(basis, common)
      let length = product(rest, rest).squareRoot()
      if length > 0.01 { basis.append(rest.map { $0 / length }) }
    }
    let strength = product(across, across) + product(down, down)
    let left = without(basis, b)
    (across, down) = (without(basis, across), without(basis, down))
    // The shift that explains most of what is left, by least squares.
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
    return (
      (moveX * moveX + moveY * moveY).squareRoot(),
      (all - unexplained) / 2 / ((unexplained + noise * count) / (count - 5)),
      (all / strength).squareRoot()
    )
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
