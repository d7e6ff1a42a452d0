package import EmbedderEmbeddings

/// How the components of vectors are stored.
public enum ComponentType: String, Sendable, CaseIterable {
  /// IEEE 754 single precision.
  case float32
  /// IEEE 754 half precision.
  case float16
  /// Signed bytes, which quantized vectors have.
  case int8

  /// The type in NumPy's words, little-endian.
  var descriptor: String {
    switch self {
    case .float32: "<f4"
    case .float16: "<f2"
    case .int8: "|i1"
    }
  }

  /// The bytes of one component.
  public var byteCount: Int {
    switch self {
    case .float32: 4
    case .float16: 2
    case .int8: 1
    }
  }

  /// Whether vectors of that kind are stored so.
  func stores(_ vector: FeatureVector) -> Bool {
    switch vector {
    case .float: self != .int8
    case .quantized: self == .int8
    }
  }

  /// Appends a vector, little-endian.
  package func append(_ vector: FeatureVector, to bytes: inout [UInt8]) {
    switch vector {
    case .quantized(let values):
      append(values, to: &bytes)
    case .float(let values) where self == .float16:
      append(values.map { Float16($0).bitPattern.littleEndian }, to: &bytes)
    case .float(let values):
      append(values.map { $0.bitPattern.littleEndian }, to: &bytes)
    }
  }

  private func append(
    _ numbers: [some FixedWidthInteger & BitwiseCopyable], to bytes: inout [UInt8]
  ) {
    unsafe numbers.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// The vector that some bytes hold, whose number is a multiple of a component's.
  func vector(from bytes: ArraySlice<UInt8>) -> FeatureVector {
    unsafe bytes.withUnsafeBytes { bytes in
      let count = bytes.count / byteCount
      switch self {
      case .float32:
        return .float(
          (0..<count).map { index in
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
            return Float(bitPattern: UInt32(littleEndian: bits))
          })
      case .float16:
        return .float(
          (0..<count).map { index in
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
            return Float(Float16(bitPattern: UInt16(littleEndian: bits)))
          })
      case .int8:
        return .quantized((0..<count).map { Int8(bitPattern: unsafe bytes[$0]) })
      }
    }
  }
}
