/// The settings of an operator, or their defaults where it has none.
struct OperatorOptions: ~Escapable {
  private let table: FlatBufferTable?
  private let record: OperatorRecord

  /// The settings of the operator `table`, which must be of the kind `number` (`BuiltinOptions`).
  @_lifetime(copy table)
  init(
    _ number: UInt8, of table: FlatBufferTable, _ record: OperatorRecord, isRequired: Bool = true
  ) throws(MetadataError) {
    let found = try table.scalar(3, as: UInt8.self) ?? 0
    guard found == number || (found == 0 && !isRequired) else {
      throw .invalid(
        part: "the kind of options of \(record.name)", found: "\(found)", needed: "\(number)")
    }
    self.record = record
    self.table = try table.table(4, "options")
    guard self.table != nil || !isRequired else {
      throw .missing(part: "options for \(record.name)")
    }
  }

  /// The number in `field`, which must be in `range`.
  @discardableResult
  func integer<Scalar: FlatBufferScalar & FixedWidthInteger>(
    _ field: Int, as type: Scalar.Type, default value: Int = 0, in range: ClosedRange<Int>,
    _ part: String
  ) throws(MetadataError) -> Int {
    let found = try table?.scalar(field, as: type).map { Int($0) } ?? value
    guard range.contains(found) else {
      throw .invalid(
        part: "\(part) of \(record.name)", found: "\(found)",
        needed: range.count == 1
          ? "\(range.lowerBound)" : "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  /// Extents in pixels, such as strides, which are at least 1.
  func extents(
    _ fields: [Int], default value: Int = 0, _ part: String
  ) throws(MetadataError) -> [Int] {
    var result: [Int] = []
    for field in fields {
      result.append(
        try integer(field, as: Int32.self, default: value, in: 1...Self.extentLimit, part))
    }
    return result
  }

  /// Whether the way of padding in `field` is SAME; the other one is VALID.
  func padsToSameSize(_ field: Int) throws(MetadataError) -> Bool {
    try integer(field, as: Int8.self, in: 0...1, "the padding") == 0
  }

  /// The flag in `field`.
  func flag(_ field: Int) throws(MetadataError) -> Bool {
    try integer(field, as: UInt8.self, in: 0...255, "a flag") != 0
  }

  /// The activation in `field`, of the six that there are.
  func activation(_ field: Int) throws(MetadataError) {
    try integer(field, as: Int8.self, in: 0...5, "the activation")
  }

  /// The numbers in `field`, or `nil` where there is no such list.
  func list(_ field: Int) throws(MetadataError) -> [Int]? {
    try table?.scalars(field, of: Int32.self, limit: ModelVerifier.rankLimit)?.map { Int($0) }
  }

  /// The largest stride, window or block: kernels multiply it by others in 32 bits.
  private static let extentLimit = 1 << 15
}
