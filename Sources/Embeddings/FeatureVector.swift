/// The numbers that describe an image: floats, or bytes where quantization was asked for.
public enum FeatureVector: Hashable, Sendable {
  /// One `Float` a component.
  case float([Float])

  /// One signed byte a component: 128 times the float, rounded, −128 to 127.
  case quantized([Int8])

  /// The number of components.
  public var count: Int {
    switch self {
    case .float(let values): values.count
    case .quantized(let values): values.count
    }
  }

  /// The components as floats, or `nil` for a quantized vector.
  public var floats: [Float]? {
    if case .float(let values) = self { values } else { nil }
  }

  /// The components as signed bytes, or `nil` for a float vector.
  public var quantizedValues: [Int8]? {
    if case .quantized(let values) = self { values } else { nil }
  }
}
