import EmbedderFrameBuffers

/// A small picture at the sizes at which it is compared, as numbers.
struct ProofPicture: Sendable {
  /// The width of the upright picture by its height.
  let aspect: Float
  /// 64 x 64.
  let fine: [Float]
  /// 32 x 32.
  let half: [Float]

  static let fineSide = LumaPicture.side
  static let halfSide = LumaPicture.side / 2

  init(_ pixels: [UInt8], aspect: Float) {
    self.init(fine: pixels.map(Float.init), aspect: aspect)
  }

  private init(fine: [Float], aspect: Float) {
    self.aspect = aspect
    self.fine = fine
    half =
      Grid(values: fine, width: Self.fineSide, height: Self.fineSide)
      .averaged(width: Self.halfSide, height: Self.halfSide).values
  }

  /// The picture after its correction.
  func turned(by orientation: Orientation) -> ProofPicture {
    guard orientation != .topLeft else { return self }
    let places = Self.places[Int(orientation.rawValue)]
    return ProofPicture(
      fine: places.map { fine[Int($0)] },
      aspect: orientation.swapsWidthAndHeight ? 1 / aspect : aspect)
  }

  private static let places: [[UInt16]] = (0...8).map { number in
    Orientation(rawValue: UInt8(number)).map { SquareTurn.places($0, side: fineSide) } ?? []
  }
}

/// Numbers in rows.
struct Grid: Sendable {
  var values: [Float]
  let width: Int
  let height: Int

  /// A smaller grid, each of whose cells is the mean of the area that it covers.
  func averaged(width newWidth: Int, height newHeight: Int) -> Grid {
    guard newWidth != width || newHeight != height else { return self }
    let columns = Self.covers(from: width, to: newWidth)
    let rows = Self.covers(from: height, to: newHeight)
    var narrow = [Float](repeating: 0, count: newWidth * height)
    for row in 0..<height {
      for (column, cover) in columns.enumerated() {
        var sum: Float = 0
        for (place, weight) in cover { sum += values[row * width + place] * weight }
        narrow[row * newWidth + column] = sum
      }
    }
    var result = [Float](repeating: 0, count: newWidth * newHeight)
    for (row, cover) in rows.enumerated() {
      for (place, weight) in cover {
        for column in 0..<newWidth {
          result[row * newWidth + column] += narrow[place * newWidth + column] * weight
        }
      }
    }
    return Grid(values: result, width: newWidth, height: newHeight)
  }

  /// For each new cell, the old ones under it and their shares of it.
  private static func covers(from length: Int, to newLength: Int) -> [[(place: Int, weight: Float)]]
  {
    let scale = Float(length) / Float(newLength)
    return (0..<newLength).map { cell in
      let (start, end) = (Float(cell) * scale, Float(cell + 1) * scale)
      let last = min(length - 1, Int(end.rounded(.up)) - 1)
      return (Int(start)...last).map { place in
        let share = min(end, Float(place + 1)) - max(start, Float(place))
        return (place, max(0, share) / scale)
      }
    }
  }

  /// The grid with each value averaged with its neighbours, which hides how it was sampled.
  func smoothed() -> Grid {
    var result = self
    for row in 0..<height {
      for column in 0..<width {
        let (left, right) = (max(0, column - 1), min(width - 1, column + 1))
        result.values[row * width + column] =
          (values[row * width + left] + 2 * values[row * width + column]
            + values[row * width + right]) / 4
      }
    }
    let across = result.values
    for row in 0..<height {
      let (above, below) = (max(0, row - 1), min(height - 1, row + 1))
      for column in 0..<width {
        result.values[row * width + column] =
          (across[above * width + column] + 2 * across[row * width + column]
            + across[below * width + column]) / 4
      }
    }
    return result
  }

  /// A window of a square of numbers, sampled at the middles of the cells of a grid.
  static func sampled(
    _ square: [Float], side: Int, in window: PictureTransform.Window, width: Int, height: Int
  ) -> Grid {
    let columns = places(window.x, window.width, side, width)
    let rows = places(window.y, window.height, side, height)
    let values = unsafe [Float](unsafeUninitializedCapacity: width * height) { target, count in
      unsafe square.withUnsafeBufferPointer { square in
        for (row, (top, low)) in rows.enumerated() {
          let upper = unsafe UnsafeBufferPointer(rebasing: square[(top * side)...])
          let lower = unsafe UnsafeBufferPointer(rebasing: square[((top + 1) * side)...])
          for (column, (left, right)) in columns.enumerated() {
            let above = unsafe upper[left] + (upper[left + 1] - upper[left]) * right
            let below = unsafe lower[left] + (lower[left + 1] - lower[left]) * right
            unsafe target[row * width + column] = above + (below - above) * low
          }
        }
      }
      count = width * height
    }
    return Grid(values: values, width: width, height: height)
  }

  /// Where the middles of cells lie among the pixels of a side: the pixel before, and the way to the next.
  private static func places(
    _ start: Float, _ length: Float, _ side: Int, _ count: Int
  ) -> [(place: Int, share: Float)] {
    (0..<count).map { cell in
      let middle = (start + (Float(cell) + 0.5) / Float(count) * length) * Float(side) - 0.5
      let clamped = min(max(middle, 0), Float(side) - 1)
      let place = min(Int(clamped), side - 2)
      return (place, clamped - Float(place))
    }
  }

  /// The normalized correlation with a grid of the same size, -1 to 1; 0 where one of them is flat.
  func correlation(with other: Grid) -> Float {
    var (sumX, sumY, sumXX, sumYY, sumXY): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
    unsafe values.withUnsafeBufferPointer { x in
      unsafe other.values.withUnsafeBufferPointer { y in
        for index in 0..<x.count {
          let (x, y) = unsafe (x[index], y[index])
          sumX += x
          sumY += y
          sumXX += x * x
          sumYY += y * y
          sumXY += x * y
        }
      }
    }
    let count = Float(values.count)
    let product = (sumXX - sumX * sumX / count) * (sumYY - sumY * sumY / count)
    return product > 0 ? (sumXY - sumX * sumY / count) / product.squareRoot() : 0
  }
}
