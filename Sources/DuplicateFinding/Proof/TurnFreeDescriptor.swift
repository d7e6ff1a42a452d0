import EmbedderPlatform

/// What of a small picture stays the same however it is turned or mirrored.
///
/// A quarter turn or a mirror changes the coefficients of a square's cosine transform in two ways only:
/// their signs, and rows for columns. So the magnitudes of each two that may change places, as their sum and
/// their difference, stay. Higher frequencies are weaker in all photographs, and are raised to count as
/// much. Two descriptors are compared by their product: 1 for the same picture.
package struct TurnFreeDescriptor: Sendable {
  /// The number of components, the last of which is always 0.
  package static let count = 64
  private static let frequencies = 8
  private static let side = CoarsePicture.side

  /// The components, of length 1 together; all 0 for a picture without any.
  package let components: [Float]

  package init(_ picture: CoarsePicture) {
    let coefficients = Self.transform(picture)
    var result: [Float] = []
    for row in 0..<Self.frequencies {
      for column in row..<Self.frequencies where column > 0 {
        let weight = Float(row * row + column * column).squareRoot()
        let first = coefficients[row * Self.frequencies + column].magnitude * weight
        let second = coefficients[column * Self.frequencies + row].magnitude * weight
        if row == column {
          result.append(first)
        } else {
          // Of the same length together as the two.
          result.append((first + second) * Float(0.5).squareRoot())
          result.append((first - second).magnitude * Float(0.5).squareRoot())
        }
      }
    }
    result.append(0)
    let length = result.reduce(0) { $0 + $1 * $1 }.squareRoot()
    components = length > 0 ? result.map { $0 / length } : result
  }

  /// The lowest coefficients of the picture's cosine transform (type II), row by row.
  private static func transform(_ picture: CoarsePicture) -> [Float] {
    var columns = [Float](repeating: 0, count: side * frequencies)
    for row in 0..<side {
      for frequency in 0..<frequencies {
        var sum: Float = 0
        for column in 0..<side {
          sum += Float(picture.pixels[row * side + column]) * waves[frequency * side + column]
        }
        columns[row * frequencies + frequency] = sum
      }
    }
    var result = [Float](repeating: 0, count: frequencies * frequencies)
    for vertical in 0..<frequencies {
      for frequency in 0..<frequencies {
        var sum: Float = 0
        for row in 0..<side {
          sum += columns[row * frequencies + frequency] * waves[vertical * side + row]
        }
        result[vertical * frequencies + frequency] = sum
      }
    }
    return result
  }

  private static let waves: [Float] = (0..<frequencies).flatMap { frequency in
    (0..<side).map { place in
      Float(cos(Double.pi * Double(frequency) * (Double(place) + 0.5) / Double(side)))
    }
  }
}
