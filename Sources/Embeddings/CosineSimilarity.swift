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
  switch (u, v) {
  case (.float(let a), .float(let b)): try cosineSimilarity(a.span, b.span)
  case (.quantized(let a), .quantized(let b)): try cosineSimilarity(a.span, b.span)
  default: throw .mixedKinds
  }
}

/// The same for floats that somebody else holds.
package func cosineSimilarity(
  _ u: Span<Float>, _ v: Span<Float>
) throws(SimilarityError) -> Double {
  guard u.count == v.count else {
    throw .differentSizes(u.count, v.count, quantized: false)
  }
  return try floatSums(u, v).cosine(count: u.count)
}

/// The same for quantized components that somebody else holds.
package func cosineSimilarity(
  _ u: Span<Int8>, _ v: Span<Int8>
) throws(SimilarityError) -> Double {
  guard u.count == v.count else {
    throw .differentSizes(u.count, v.count, quantized: true)
  }
  return try quantizedSums(u, v).cosine(count: u.count)
}

/// Why two feature vectors have no cosine similarity.
@nonexhaustive
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

  func cosine(count: Int) throws(SimilarityError) -> Double {
    guard count > 0 else { throw .empty }
    guard uu > 0 || uu.isNaN, vv > 0 || vv.isNaN else { throw .zeroNorm }
    return uv / (uu * vv).squareRoot()
  }
}

/// Three chains of additions at once hide one another's latency; within each the order is fixed.
private func floatSums(_ u: Span<Float>, _ v: Span<Float>) -> Sums {
  var sums = Sums()
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
private func quantizedSums(_ u: Span<Int8>, _ v: Span<Int8>) -> Sums {
  var sums = Sums()
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
