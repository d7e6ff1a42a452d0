import EmbedderFrameBuffers

/// Where one picture may lie in another, as far as 16 x 16 pixels tell.
struct CoarseMatch: Sendable {
  /// The transform to look at more closely.
  var transform: PictureTransform
  /// The normalized correlation at this size.
  var correlation: Float

  private static let side = CoarsePicture.side
  private static let turns: [[UInt16]] = (0...8).map { number in
    Orientation(rawValue: UInt8(number)).map { SquareTurn.places($0, side: side) } ?? []
  }
  /// The least part of a side that a crop keeps and that is still looked for, in coarse pixels.
  private static let smallestCrop = 7

  /// The match of the whole pictures for each orientation of the second.
  static func ofWholes(_ a: CoarsePicture, _ b: CoarsePicture) -> [CoarseMatch] {
    let first = Moments(a.pixels)
    let second = Moments(b.pixels)
    return Orientation.allCases.map { orientation in
      let places = turns[Int(orientation.rawValue)]
      var product = 0
      for place in 0..<CoarsePicture.count {
        product &+= Int(a.pixels[place]) &* Int(b.pixels[Int(places[place])])
      }
      return CoarseMatch(
        transform: PictureTransform(orientation: orientation),
        correlation: first.correlation(with: second, product: product))
    }
  }

  /// The pixels of a picture after its correction.
  static func turned(_ picture: CoarsePicture, by orientation: Orientation) -> [UInt8] {
    turns[Int(orientation.rawValue)].map { picture.pixels[Int($0)] }
  }

  /// The best place of all of a part in a whole for each size of it, in fractions of the whole.
  ///
  /// - Parameters:
  ///   - part: The picture that may be the crop, 16 x 16.
  ///   - whole: The picture that it may be a part of, 16 x 16.
  ///   - shape: How much wider the part is for its height than the whole.
  /// - Returns: A place for each size, and how well the part correlates there.
  static func windows(
    of part: [UInt8], in whole: [UInt8], shape: Float
  ) -> [(window: PictureTransform.Window, correlation: Float)] {
    let grid = Grid(values: part.map(Float.init), width: side, height: side)
    let sums = WindowSums(whole)
    var found: [(window: PictureTransform.Window, correlation: Float)] = []
    for larger in smallestCrop...side {
      // A wide part is lower than wide in the pixels of a whole that is not.
      let width = shape >= 1 ? larger : Int((Float(larger) * shape).rounded())
      let height = shape >= 1 ? Int((Float(larger) / shape).rounded()) : larger
      guard width >= smallestCrop - 2, height >= smallestCrop - 2,
        width < side || height < side
      else { continue }
      let template = grid.averaged(width: width, height: height).values.map {
        Int32($0.rounded())
      }
      guard let best = sums.best(template, width: width, height: height) else { continue }
      let scale = 1 / Float(side)
      found.append(
        (
          PictureTransform.Window(
            x: Float(best.x) * scale, y: Float(best.y) * scale, width: Float(width) * scale,
            height: Float(height) * scale), best.correlation
        ))
    }
    return found
  }
}

/// The sums that a correlation needs of one of its pictures.
private struct Moments {
  let sum: Int
  let squares: Int

  init(_ pixels: [UInt8]) {
    var (sum, squares) = (0, 0)
    for pixel in pixels {
      sum &+= Int(pixel)
      squares &+= Int(pixel) &* Int(pixel)
    }
    self.sum = sum
    self.squares = squares
  }

  var spread: Float { Float(CoarsePicture.count * squares - sum * sum) }

  func correlation(with other: Moments, product: Int) -> Float {
    let norm = spread * other.spread
    guard norm > 0 else { return 0 }
    return Float(CoarsePicture.count * product - sum * other.sum) / norm.squareRoot()
  }
}

/// A 16 x 16 picture with the sums of its windows at hand.
private struct WindowSums {
  private static let side = CoarsePicture.side
  private let pixels: [Int32]
  /// The sums of the pixels above and to the left of each corner, and those of their squares.
  private var sums = [Int32](repeating: 0, count: (side + 1) * (side + 1))
  private var squares = [Int32](repeating: 0, count: (side + 1) * (side + 1))

  init(_ pixels: [UInt8]) {
    self.pixels = pixels.map(Int32.init)
    let stride = Self.side + 1
    for row in 0..<Self.side {
      var (sum, square): (Int32, Int32) = (0, 0)
      for column in 0..<Self.side {
        let pixel = self.pixels[row * Self.side + column]
        sum += pixel
        square += pixel * pixel
        let corner = (row + 1) * stride + column + 1
        sums[corner] = sums[corner - stride] + sum
        squares[corner] = squares[corner - stride] + square
      }
    }
  }

  private static func total(_ table: [Int32], _ x: Int, _ y: Int, _ width: Int, _ height: Int)
    -> Int
  {
    let stride = side + 1
    let (top, bottom) = (y * stride + x, (y + height) * stride + x)
    return Int(table[bottom + width] - table[bottom] - table[top + width] + table[top])
  }

  /// The place where a template correlates best; `nil` for one without contrast.
  func best(
    _ template: [Int32], width: Int, height: Int
  ) -> (x: Int, y: Int, correlation: Float)? {
    let count = template.count
    let sum = template.reduce(0) { $0 + Int($1) }
    let spread = Float(count * template.reduce(0) { $0 + Int($1) * Int($1) } - sum * sum)
    guard spread > 0 else { return nil }
    var best: (x: Int, y: Int, correlation: Float)?
    for y in 0...Self.side - height {
      for x in 0...Self.side - width {
        let windowSum = Self.total(sums, x, y, width, height)
        let windowSquares = Self.total(squares, x, y, width, height)
        let windowSpread = Float(count * windowSquares - windowSum * windowSum)
        guard windowSpread > 0 else { continue }
        var product: Int32 = 0
        unsafe pixels.withUnsafeBufferPointer { pixels in
          unsafe template.withUnsafeBufferPointer { template in
            for row in 0..<height {
              let start = (y + row) * Self.side + x
              for column in 0..<width {
                unsafe product &+= pixels[start + column] &* template[row * width + column]
              }
            }
          }
        }
        let covariance = Float(count * Int(product) - windowSum * sum)
        let correlation = covariance / (spread * windowSpread).squareRoot()
        if correlation > best?.correlation ?? -1 { best = (x, y, correlation) }
      }
    }
    return best
  }
}
