/// A tensor of a subgraph, as far as its neighbours must agree with it.
struct TensorRecord {
  let elementType: ElementType
  /// The extents, −1 for one that an image's size or a run decides, or `nil` where not even their
  /// number is known; once an operator has been checked, those that it really gives its output.
  ///
  /// What stands in the file for an open extent is a placeholder and says nothing.
  var shape: [Int]?
  /// Where the elements of a constant are.
  let data: Range<Int>?
  let isVariable: Bool
  /// How many scales there are, and the axis that they run along where there are several.
  let scaleCount: Int
  let quantizedAxis: Int

  /// What stands for an extent that is not known.
  static let open = -1

  /// The number of axes, or `nil` where it is not known.
  var rank: Int? { shape?.count }
  /// Whether all extents are known.
  var isKnown: Bool { shape.map { !$0.contains(Self.open) } ?? false }
  /// The number of elements, or `nil` where it is not known; the extents are bounded so that this
  /// cannot overflow.
  var elementCount: Int? {
    shape.flatMap { $0.contains(Self.open) ? nil : $0.reduce(1, *) }
  }
  /// The shape in words.
  var shapeText: String { shape.map { "\($0)" } ?? "unknown" }
}

/// Whether two extents may be the same.
func canAgree(_ first: Int, _ second: Int) -> Bool {
  first == second || first == TensorRecord.open || second == TensorRecord.open
}

/// Whether two shapes may be the same.
func canAgree(_ first: [Int]?, _ second: [Int]?) -> Bool {
  guard let first, let second else { return true }
  return first.count == second.count && zip(first, second).allSatisfy { canAgree($0, $1) }
}

extension ElementType {
  /// The bits of one element, or `nil` for elements without a size of their own.
  var bitCount: Int? {
    switch self {
    case .int2: 2
    case .int4, .uint4: 4
    case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .int64, .uint64, .float64, .complex64: 64
    case .complex128: 128
    case .string, .resource, .variant: nil
    }
  }

  /// The values that a zero point can have, where the type is one that quantized tensors have.
  fileprivate var zeroPoints: ClosedRange<Int64>? {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32_768...32_767
    default: nil
    }
  }
}

extension ModelVerifier {
  /// The most axes of a tensor: the runtime's interface has room for no more.
  static let rankLimit = 8

  /// The most elements or bytes of a tensor: kernels count in 32 bits.
  static let sizeLimit = Int(Int32.max)

  /// Reads tensor `index` of a subgraph.
  mutating func tensor(_ index: Int, of subgraph: FlatBufferTable) throws(MetadataError)
    -> TensorRecord
  {
    let name = "tensor \(index)"
    let table = try subgraph.table(0, at: index, name)
    let typeNumber = Int(try table.scalar(1, as: Int8.self) ?? 0)
    guard let type = ElementType(rawValue: Int8(typeNumber)) else {
      throw .indexOutOfRange(
        part: "\(name), element type,", index: typeNumber, count: ElementType.allCases.count)
    }
    let shape = try list(0, of: table, as: Int32.self).map(Int.init)
    let signature = try list(7, of: table, as: Int32.self).map(Int.init)
    try checkShape(shape, name)
    if let extent = shape.first(where: { $0 < 0 }) {
      throw .invalid(
        part: "the shape of \(name)", found: "\(shape)", needed: "one without \(extent)")
    }
    let data = try data(of: table, type, shape, name)
    let isVariable = try table.scalar(5, as: UInt8.self) ?? 0 != 0
    let (scaleCount, axis) = try quantization(
      of: table, type, shape, name, isConstant: data != nil)
    var known: [Int]? = shape
    if data == nil {
      // A list of no extents is a single number or a tensor of any rank.
      if shape.isEmpty, try table.scalar(8, as: UInt8.self) ?? 0 == 0 { known = nil }
      if signature.count == shape.count {
        known = zip(shape, signature).map { $1 == TensorRecord.open ? $1 : $0 }
      }
    }
    return TensorRecord(
      elementType: type, shape: known, data: data, isVariable: isVariable, scaleCount: scaleCount,
      quantizedAxis: axis)
  }

  /// Throws unless the runtime can have a tensor of this shape.
  func checkShape(_ shape: [Int], _ name: @autoclosure () -> String) throws(MetadataError) {
    guard shape.count <= Self.rankLimit else {
      throw .tooManyEntries(
        part: "the shape of \(name())", count: shape.count, limit: Self.rankLimit)
    }
    // An extent of 0 must not hide that the others are beyond all bounds.
    var count = 1
    for extent in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= TensorRecord.open, !overflows, product <= Self.sizeLimit else {
        throw .invalid(
          part: "the shape of \(name())", found: "\(shape)",
          needed: "one of extents from 0 and at most \(Self.sizeLimit) elements")
      }
      count = product
    }
  }

  /// Where the elements of a constant are, all of them; `nil` for a tensor that is computed.
  private mutating func data(
    of table: FlatBufferTable, _ type: ElementType, _ shape: [Int], _ name: String
  ) throws(MetadataError) -> Range<Int>? {
    let number = Int(try table.scalar(2, as: UInt32.self) ?? 0)
    guard number < buffers.count || number == 0 else {
      throw .indexOutOfRange(part: "the buffer of \(name)", index: number, count: buffers.count)
    }
    let count = shape.reduce(1, *)
    let bitCount = count * (type.bitCount ?? 0)
    let byteCount = (bitCount + 7) / 8
    guard byteCount <= Self.sizeLimit else {
      throw .invalid(
        part: "the size of \(name)", found: "\(byteCount) bytes",
        needed: "at most \(Self.sizeLimit)")
    }
    guard number > 0, let data = buffers[number] else { return nil }
    guard try table.scalar(5, as: UInt8.self) ?? 0 == 0 else {
      throw .invalid(part: name, found: "a variable with a constant's data", needed: "either")
    }
    guard type.bitCount != nil else {
      try checkStrings(data, count, type, name)
      return data
    }
    var expected = byteCount
    if let sparsity = try table.table(6, "sparsity of \(name)") {
      expected = (try storedCount(of: sparsity, shape: shape, name) * (type.bitCount ?? 0) + 7) / 8
    }
    guard data.count == expected else {
      throw .invalid(
        part: "the data of \(name)", found: "\(data.count) bytes long",
        needed: "\(expected), as for \(shape) of type \(type),")
    }
    return data
  }

  /// Throws unless constant strings are laid out as the runtime reads them: their number, where each
  /// begins, where the last one ends, the characters.
  private func checkStrings(
    _ data: Range<Int>, _ count: Int, _ type: ElementType, _ name: String
  ) throws(MetadataError) {
    let part = "the data of \(name)"
    guard type == .string else {
      throw .invalid(part: part, found: "there", needed: "nothing for the type \(type)")
    }
    var isSound = data.count >= 4
    if isSound {
      let found = Int(try buffer.load(Int32.self, at: data.lowerBound, part))
      isSound = found == count && (data.count - 8) / 4 >= count
    }
    if isSound {
      var end = 4 * (count + 2)
      for index in 0...count {
        let place = data.lowerBound + 4 * (index + 1)
        let next = Int(try buffer.load(Int32.self, at: place, part))
        isSound = isSound && (index == 0 ? next == end : next >= end) && next <= data.count
        end = next
      }
    }
    guard isSound else {
      throw .invalid(part: part, found: "no list of \(count) strings", needed: "one")
    }
  }

  /// The number of a tensor's scales and the axis that they run along.
  private mutating func quantization(
    of table: FlatBufferTable, _ type: ElementType, _ shape: [Int], _ name: String,
    isConstant: Bool
  ) throws(MetadataError) -> (scaleCount: Int, axis: Int) {
    guard let parameters = try table.table(4, "quantization of \(name)") else { return (0, 0) }
    let scales = try list(2, of: parameters, as: Float.self)
    let zeroPoints = try list(3, of: parameters, as: Int64.self)
    let axis = Int(try parameters.scalar(6, as: Int32.self) ?? 0)
    guard zeroPoints.count == scales.count else {
      throw .invalid(
        part: "the quantization of \(name)",
        found: "of \(scales.count) scales and \(zeroPoints.count) zero points",
        needed: "one zero point for each scale")
    }
    guard !scales.isEmpty else { return (0, 0) }
    guard axis >= 0, axis < max(shape.count, 1) else {
      throw .indexOutOfRange(
        part: "the quantized dimension of \(name)", index: axis, count: shape.count)
    }
    guard scales.count == 1 || (axis < shape.count && scales.count == shape[axis]) else {
      throw .invalid(
        part: "the quantization of \(name)", found: "of \(scales.count) scales",
        needed: "one scale, or one for each entry of axis \(axis) of \(shape),")
    }
    // Kernels divide by the scale of what they compute. A constant's, or a channel's without weights,
    // may be next to nothing.
    let isDivisor = !isConstant && scales.count == 1
    for scale in scales
    where !(scale.isFinite && scale >= 0) || (isDivisor && !scale.isNormal)
      || (scale == 0 && scales.count == 1)
    {
      throw .invalid(
        part: "a scale of \(name)", found: "\(scale)", needed: "a positive number")
    }
    if let range = type.zeroPoints {
      for zeroPoint in zeroPoints where !range.contains(zeroPoint) {
        throw .invalid(
          part: "a zero point of \(name)", found: "\(zeroPoint)",
          needed: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    return (scales.count, axis)
  }
}
