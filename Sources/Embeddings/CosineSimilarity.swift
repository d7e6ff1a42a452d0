/// Returns the cosine of the angle between two feature vectors.
///
/// Products of floats are rounded to `Float` and summed in `Double`, in order; those of quantized
/// components are exact. These are the reference's numbers to the last bit, so the sums are not
/// reordered: 1280 floats take about two microseconds.
///
/// - Returns: A value in [−1, 1], up to rounding. NaN components give NaN; norms that overflow give 0
///   or NaN.
/// - Throws: ``SimilarityError`` when the vectors differ in kind or length, are empty, or one of them
///   is all zeros.
///
/// Follows `EmbeddingPostprocessor::CosineSimilarity` (tflite-support, cc/task/processor).
public func cosineSimilarity(
  _ u: FeatureVector, _ v: FeatureVector
) throws(SimilarityError) -> Double {
  let sums: Sums
  switch (u, v) {
  case (.float(let a), .float(let b)):
    guard a.count == b.count else {
      throw .differentSizes(a.count, b.count, quantized: false)
    }
    sums = floatSums(a, b)
  case (.quantized(let a), .quantized(let b)):
    guard a.count == b.count else {
      throw .differentSizes(a.count, b.count, quantized: true)
    }
    sums = quantizedSums(a, b)
  default:
    throw .mixedKinds
  }
  guard u.count > 0 else { throw .empty }
  guard sums.uu > 0 || sums.uu.isNaN, sums.vv > 0 || sums.vv.isNaN else { throw .zeroNorm }
  return sums.uv / (sums.uu * sums.vv).squareRoot()
}

/// Why two feature vectors have no cosine similarity.
public enum SimilarityError: Error, Hashable, Sendable {
  /// The vectors have different numbers of components.
  case differentSizes(Int, Int, quantized: Bool)
  /// The vectors have no components.
  case empty
  /// One of the vectors is all zeros, so that there is no angle.
  case zeroNorm
  /// One vector is quantized and the other is not.
  case mixedKinds
}

extension SimilarityError: CustomStringConvertible {
  /// The reference's sentence.
  public var description: String {
    switch self {
    case .differentSizes(let first, let second, let quantized):
      "Cannot compute cosine similarity on \(quantized ? "quantized" : "float") feature vectors of"
        + " different sizes (\(first) vs \(second))"
    case .empty:
      "Cannot compute cosine similarity on empty feature vectors"
    case .zeroNorm:
      "Cannot compute cosine similarity on feature vector with 0 norm"
    case .mixedKinds:
      "Cannot compute cosine similarity between quantized and float feature vectors"
    }
  }
}

private struct Sums {
  var uv = 0.0
  var uu = 0.0
  var vv = 0.0
}

/// Three chains of additions at once hide one another's latency; within each the order is fixed.
private func floatSums(_ u: [Float], _ v: [Float]) -> Sums {
  var sums = Sums()
  let (u, v) = (u.span, v.span)
  for index in u.indices {
    let (a, b) = (u[index], v[index])
    sums.uv += Double(a * b)
    sums.uu += Double(a * a)
    sums.vv += Double(b * b)
  }
  return sums
}

/// Integer sums are exact in any order, so the compiler may vectorise them; they are moved to `Double`
/// before 32 bits can overflow.
private func quantizedSums(_ u: [Int8], _ v: [Int8]) -> Sums {
  var sums = Sums()
  let (u, v) = (u.span, v.span)
  let blockLength = 65_536
  var start = 0
  while start < u.count {
    let end = min(start + blockLength, u.count)
    var uv: Int32 = 0
    var uu: Int32 = 0
    var vv: Int32 = 0
    for index in start..<end {
      let (a, b) = (Int32(u[index]), Int32(v[index]))
      uv &+= a &* b
      uu &+= a &* a
      vv &+= b &* b
    }
    sums.uv += Double(uv)
    sums.uu += Double(uu)
    sums.vv += Double(vv)
    start = end
  }
  return sums
}
