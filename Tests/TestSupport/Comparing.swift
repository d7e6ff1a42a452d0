/// The first component at which two arrays differ, in words, or `nil` where they are equal.
///
/// For long arrays: `#expect(a == b)` describes a failure by all their elements.
package func difference<Element: Equatable>(
  _ found: [Element], _ expected: [Element]
) -> String? {
  guard found.count == expected.count else {
    return "\(found.count) components, not \(expected.count)"
  }
  guard found != expected else { return nil }
  let places = found.indices.filter { found[$0] != expected[$0] }
  guard let first = places.first else { return "components that do not equal themselves" }
  return "\(places.count) of \(found.count) components differ; number \(first) is \(found[first]),"
    + " not \(expected[first])"
}

/// As ``difference(_:_:)``, for floats that may lie up to `tolerance` apart; NaN equals NaN.
package func difference(
  _ found: [Float], _ expected: [Float], tolerance: Float
) -> String? {
  guard found.count == expected.count else {
    return "\(found.count) components, not \(expected.count)"
  }
  let places = found.indices.filter { index in
    let (a, b) = (found[index], expected[index])
    return !(a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= tolerance)
  }
  guard let first = places.first else { return nil }
  return "\(places.count) of \(found.count) components differ by more than \(tolerance); number"
    + " \(first) is \(found[first]), not \(expected[first])"
}

extension [UInt8] {
  /// Copies the bytes of a span.
  package init(copying span: RawSpan) {
    self = unsafe span.withUnsafeBytes { unsafe Array($0) }
  }
}

/// Where the bytes of a span lie, to tell a copy from the original.
package func address(of span: RawSpan) -> UInt {
  unsafe span.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
}
