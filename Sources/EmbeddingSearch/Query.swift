import CEmbedderSearch
import EmbeddingStore

/// A query as the rows are compared with it: first roughly, by integers, with a bound of how rough; then
/// exactly.
///
/// With the query and a row scaled to length 1 as *v* and *u*, the row's bytes and scale as *q* and *s*,
/// and the query's integers and scale as *w* and *t*:
///
///     |u·v - s t q·w| <= |u - s q| |v| + |s q| |v - t w| <= e + (1 + e) f
///
/// where *e* is the row's error and *f* the query's. The sum of integers is exact.
struct Query: Sendable {
  let vector: FeatureVector
  /// Sixteen bits a component, padded like the rows.
  let components: [Int16]
  /// What a product of integers is to be multiplied with, beside the row's scale: *t*.
  let scale: Double
  /// The bound of a row with error *e* is `e * errorFactor + error`.
  let errorFactor: Double
  let error: Double

  /// Prepares a vector that has a direction.
  init(_ vector: FeatureVector, stride: Int) {
    self.vector = vector
    let values: [Double] =
      switch vector {
      case .float(let values): values.map { Double($0) }
      case .quantized(let values): values.map { Double($0) }
      }
    var components = [Int16](repeating: 0, count: stride)
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard QuantizedRow.ordinaryLengths.contains(length),
      values.count <= QuantizedRow.mostComponents
    else {
      self.components = components
      (scale, errorFactor, error) = (0, 1, .infinity)
      return
    }
    let largestInteger = Double(min(Int(Int16.max), Int(CSEARCH_LARGEST_SUM) / stride))
    let largest = values.reduce(0) { max($0, abs($1)) }
    let scale = largestInteger > 0 ? largest / length / largestInteger : 0
    var differences = 0.0
    for (index, value) in values.enumerated() {
      let rounded = (value / largest * largestInteger).rounded()
      components[index] = Int16(rounded)
      let difference = value / length - rounded * scale
      differences += difference * difference
    }
    let error = differences.squareRoot() * 1.000_001 + 1e-8
    self.components = components
    self.scale = scale
    errorFactor = 1 + error
    self.error = error + Self.slack(count: values.count)
  }

  /// How far the exact cosine, whose products are rounded to `Float`, may be from that of real numbers.
  ///
  /// Each of the three sums is right to `|u| |v|` times 2^-24 for the products, n 2^-53 for the additions
  /// in `Double` and n 2^-50 for products below the normal range, with lengths of at least 2^-50. The
  /// cosine is then right to twice that; three times covers what is of second order.
  private static func slack(count: Int) -> Double {
    3 * (0x1p-24 + Double(count) * 0x1p-49)
  }
}
