import ImageEmbedding

/// How the components of vectors are stored.
enum ComponentType: String, CaseIterable {
  case float32
  case float16
  /// What ``ImageEmbedder/Options/quantize`` makes; no choice of its own.
  case int8

  /// The type in NumPy's words.
  var descriptor: String {
    switch self {
    case .float32: "<f4"
    case .float16: "<f2"
    case .int8: "|i1"
    }
  }

  var byteCount: Int {
    switch self {
    case .float32: 4
    case .float16: 2
    case .int8: 1
    }
  }

  /// Appends a vector, little-endian.
  func append(_ vector: FeatureVector, to bytes: inout [UInt8]) {
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
}

/// A NumPy array `[images, components]` on its way to a file.
final class NPYFile {
  private let output: OutputStream
  private let dimension: Int
  private let type: ComponentType
  private var rowCount = 0

  init(replacing path: String, dimension: Int, type: ComponentType) throws {
    output = try OutputStream(replacing: path, needsSeeking: true)
    self.dimension = dimension
    self.type = type
    try output.write(header)
  }

  func append(_ vector: FeatureVector) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(dimension * type.byteCount)
    type.append(vector, to: &bytes)
    try output.write(bytes)
    rowCount += 1
  }

  /// Writes everything out, with the number of rows; the file does not have its name yet.
  func complete() throws {
    try output.overwriteStart(header)
  }

  /// Gives the file its name.
  func finish() throws {
    try output.finish()
  }

  /// The bytes before the first row.
  static let headerByteCount = 128

  /// The format's header, version 1.0; always as long, whatever the number of rows.
  private var header: [UInt8] {
    var text =
      "{'descr': '\(type.descriptor)', 'fortran_order': False,"
      + " 'shape': (\(rowCount), \(dimension)), }"
    let byteCount = Self.headerByteCount - 10
    text += String(repeating: " ", count: byteCount - 1 - text.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(byteCount), 0] + Array(text.utf8)
  }
}
