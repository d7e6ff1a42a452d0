/// Scales `values` in place to Euclidean length 1; a vector of zeros stays as it is.
///
/// The squares are summed in `Float`, in order, and the result is multiplied by the reciprocal of the
/// root: the reference's arithmetic to the last bit, with its lengths of 1.0000001. Follows
/// `EmbeddingPostprocessor::NormalizeFeatureVector` (tflite-support, cc/task/processor).
package func normalizeL2(_ values: inout [Float]) {
  var sum: Float = 0
  for value in values {
    sum += value * value
  }
  guard sum != 0 else { return }
  let factor = 1 / sum.squareRoot()
  for index in values.indices {
    values[index] *= factor
  }
}

/// Maps components to signed bytes: `value * 128` rounded half away from zero, clamped to −128…127.
///
/// NaN, undefined in the reference, becomes 0. Follows `EmbeddingPostprocessor::QuantizeFeatureVector`
/// (tflite-support, cc/task/processor).
package func quantizeScalars(_ values: [Float]) -> [Int8] {
  values.map { value in
    let scaled = (value * 128).rounded(.toNearestOrAwayFromZero)
    return scaled.isNaN ? 0 : Int8(min(max(scaled, -128), 127))
  }
}
