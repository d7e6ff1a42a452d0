import EmbeddingStore

/// What goes with a row's signed bytes.
///
/// With the row scaled to length 1 as *u* and its bytes as *q*, `|u - scale * q| <= error`.
struct QuantizedRow {
  let scale: Float
  /// Infinity for a row that is too long or too short for bounds, which is compared by its floats alone;
  /// NaN for one that has no direction: no comparison with it holds, so that it is never an answer.
  let error: Float

  /// Lengths within which the rounding of floats is as ``Query/slack`` has it: no product that matters
  /// is beyond the normal range of floats.
  static let ordinaryLengths = 0x1p-50...0x1p60

  /// The dimensions for which the rounding errors of sums are as bounded below.
  static let mostComponents = 1 << 24

  /// Rounds a vector's components to signed bytes.
  ///
  /// - Parameters:
  ///   - vector: The row.
  ///   - components: Where the bytes go, one a component; zeros at first.
  init(_ vector: FeatureVector, components: UnsafeMutableBufferPointer<Int8>) {
    guard vector.hasDirection else {
      (scale, error) = (0, .nan)
      return
    }
    switch vector {
    case .quantized(let values):
      var squares = 0
      for index in values.indices {
        unsafe components[index] = values[index]
        squares += Int(values[index]) * Int(values[index])
      }
      let length = Double(squares).squareRoot()
      scale = Float(1 / length)
      error = Self.bound(abs(1 / length - Double(scale)) * length, count: values.count)
    case .float(let values):
      var squares = 0.0
      var largest: Float = 0
      for value in values {
        squares += Double(value) * Double(value)
        largest = max(largest, abs(value))
      }
      let length = squares.squareRoot()
      guard Self.ordinaryLengths.contains(length) else {
        (scale, error) = (0, .infinity)
        return
      }
      let factor = 127 / largest
      scale = Float(Double(largest) / 127 / length)
      let (perLength, step) = (1 / length, Double(scale))
      var differences = 0.0
      for index in values.indices {
        let rounded = (values[index] * factor).rounded()
        unsafe components[index] = Int8(max(-127, min(127, rounded)))
        let difference = Double(values[index]) * perLength - Double(rounded) * step
        differences += difference * difference
      }
      error = Self.bound(differences.squareRoot(), count: values.count)
    }
  }

  /// A bound of an error that was computed in `Double`, whose sums of up to 2^24 terms are right to 4e-9.
  private static func bound(_ error: Double, count: Int) -> Float {
    count <= mostComponents ? Float(error * 1.000_001 + 1e-8).nextUp : .infinity
  }
}
