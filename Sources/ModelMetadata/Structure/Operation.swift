/// An operator with what it reads, as its checks see it.
struct Operation: ~Escapable {
  let record: OperatorRecord
  private let table: FlatBufferTable
  private let inputs: [TensorRecord?]
  /// The first output, as the file declares it.
  let output: TensorRecord?

  @_lifetime(copy table)
  init(record: OperatorRecord, table: FlatBufferTable, tensors: [TensorRecord]) {
    self.record = record
    self.table = table
    inputs = record.inputs.map { $0 < 0 ? nil : tensors[$0] }
    output = record.outputs.first.map { tensors[$0] }
  }

  /// The most numbers of a list that says how an operator works, such as axes.
  private static let parameterLimit = 64

  /// Input `index`, which must be there.
  func input(_ index: Int) throws(MetadataError) -> TensorRecord {
    guard inputs.indices.contains(index), let tensor = inputs[index] else {
      throw .missing(part: "input \(index) for \(record.name)")
    }
    return tensor
  }

  /// The extents of input `index`, which must have that many; all open where its rank is not known.
  func extents(_ index: Int, rank: Int) throws(MetadataError) -> [Int] {
    let tensor = try input(index)
    guard let shape = tensor.shape else {
      return Array(repeating: TensorRecord.open, count: rank)
    }
    guard shape.count == rank else {
      throw invalid("input \(index)", "of the shape \(shape)", "one of \(rank) axes")
    }
    return shape
  }

  /// The operator's settings.
  @_lifetime(copy self)
  func options(
    _ number: UInt8, isRequired: Bool = true
  ) throws(MetadataError) -> OperatorOptions {
    try OperatorOptions(number, of: table, record, isRequired: isRequired)
  }

  /// The integers of input `index`, or `nil` where an operator computes them.
  ///
  /// - Parameters:
  ///   - index: The number of the input.
  ///   - count: How many there must be, in any case.
  ///   - range: What each must be.
  /// - Returns: The integers, in order; `nil` also where their number is not known.
  /// - Throws: ``MetadataError`` for another type, number or value.
  func parameters(
    _ index: Int, count: ClosedRange<Int>, in range: ClosedRange<Int>
  ) throws(MetadataError) -> [Int]? {
    let tensor = try input(index)
    guard tensor.elementType == .int32 || tensor.elementType == .int64 else {
      throw invalid("input \(index)", "of type \(tensor.elementType)", "int32 or int64")
    }
    guard let found = tensor.elementCount else { return nil }
    guard count.contains(found), found <= Self.parameterLimit else {
      throw invalid(
        "the number of elements of input \(index)", "\(found)",
        "\(count.lowerBound) to \(min(count.upperBound, Self.parameterLimit))")
    }
    guard let data = tensor.data else { return found == 0 ? [] : nil }
    var values: [Int] = []
    for number in 0..<found {
      let value =
        tensor.elementType == .int32
        ? Int(try table.buffer.load(Int32.self, at: data.lowerBound + 4 * number, record.name))
        : Int(try table.buffer.load(Int64.self, at: data.lowerBound + 8 * number, record.name))
      guard range.contains(value) else {
        throw invalid(
          "an element of input \(index)", "\(value)",
          "a number from \(range.lowerBound) to \(range.upperBound)")
      }
      values.append(value)
    }
    return values
  }

  /// An axis of a tensor of that rank, counted from 0; negative ones count from the end.
  func axis(_ value: Int, rank: Int) throws(MetadataError) -> Int {
    guard value >= -rank, value < rank else {
      throw .indexOutOfRange(part: "the axis of \(record.name)", index: value, count: rank)
    }
    return value < 0 ? value + rank : value
  }

  /// The axes that input `index` names, or `nil` where an operator computes them.
  func axes(_ index: Int, count: ClosedRange<Int>, rank: Int) throws(MetadataError) -> [Int]? {
    let range = -ModelVerifier.rankLimit...ModelVerifier.rankLimit
    guard let values = try parameters(index, count: count, in: range) else { return nil }
    var result: [Int] = []
    for value in values { result.append(try axis(value, rank: rank)) }
    return result
  }

  /// An error about a part of the operator.
  func invalid(_ part: String, _ found: String, _ needed: String) -> MetadataError {
    .invalid(part: "\(part) of \(record.name)", found: found, needed: needed)
  }
}
