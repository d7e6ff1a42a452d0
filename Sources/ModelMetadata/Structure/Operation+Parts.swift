// Operators that take parts of their inputs, join them or reduce them.

extension Operation {
  /// What an axis can be, counted from the front or from the back.
  private static var places: ClosedRange<Int> {
    -ModelVerifier.rankLimit...ModelVerifier.rankLimit
  }

  // MARK: Parts

  func slicedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let (first, second) = (try input(1).elementType, try input(2).elementType)
    guard first == second else { throw invalid("input 2", "of type \(second)", "\(first)") }
    let sizes = -1...ModelVerifier.sizeLimit
    guard let output, let extents = image.shape else { return nil }
    let count = extents.count...extents.count
    let begin = try parameters(1, count: count, in: Self.extents)
    let size = try parameters(2, count: count, in: sizes)
    var shape: [Int] = []
    for (axis, extent) in extents.enumerated() {
      guard let length = size?[axis] else {
        shape.append(TensorRecord.open)
        continue
      }
      guard let start = begin?[axis], extent != TensorRecord.open else {
        shape.append(length)  // −1, the rest, is what stands for an open extent
        continue
      }
      let rest = extent - start
      guard rest >= 0, length <= rest else {
        throw invalid(
          "the part", "\(begin ?? []) with the size \(size ?? [])", "one inside \(extents)")
      }
      shape.append(length == -1 ? rest : length)
    }
    // The kernel believes what the file declares, and writes as much as it computes.
    guard output.shape == nil || output.shape == [] || !output.isKnown || output.shape == shape
    else {
      throw invalid("the output", "of the shape \(output.shapeText)", "\(shape), -1 for left open,")
    }
    return shape
  }

  func stridedSliceShape() throws(MetadataError) -> [Int]? {
    let options = try options(32)
    for field in 0...4 {
      try options.integer(field, as: Int32.self, in: 0...ModelVerifier.sizeLimit, "a mask")
    }
    let stated = try extents(1, rank: 1)[0]
    let count = stated == TensorRecord.open ? 0...ModelVerifier.rankLimit : stated...stated
    let any = Int(Int32.min)...Int(Int32.max)
    _ = try parameters(1, count: count, in: any)
    _ = try parameters(2, count: count, in: any)
    for stride in try parameters(3, count: count, in: any) ?? [] where stride == 0 {
      throw invalid("a stride", "0", "another number")
    }
    return nil
  }

  func gatheredShape() throws(MetadataError) -> [Int]? {
    let options = try options(23, isRequired: false)
    let image = try input(0)
    let place = try options.integer(0, as: Int32.self, in: Self.places, "the axis")
    let batch = try options.integer(1, as: Int32.self, in: Self.places, "the batch axes")
    guard let rank = image.rank, let positions = try input(1).rank else { return nil }
    let axis = try axis(place, rank: rank)
    guard batch >= -positions, batch <= positions, (batch < 0 ? batch + positions : batch) <= axis
    else {
      throw .indexOutOfRange(part: "the batch axes of \(record.name)", index: batch, count: axis)
    }
    return nil
  }

  /// The shape of each part that an input is cut into.
  func partShape(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let count = record.outputs.count
    let image = try input(kind == .split ? 1 : 0)
    let number: UInt8 = kind == .split ? 35 : kind == .splitV ? 79 : 64
    let options = try options(number)
    try options.integer(0, as: Int32.self, in: count...count, "the number of outputs")
    if kind == .unpack {
      let place = try options.integer(1, as: Int32.self, in: Self.places, "the axis")
      guard let shape = image.shape else { return nil }
      let axis = try axis(place, rank: shape.count)
      guard canAgree(shape[axis], count) else {
        throw invalid("the number of outputs", "\(count)", "\(shape[axis])")
      }
      return nil
    }
    if kind == .splitV {
      _ = try parameters(1, count: count...count, in: -1...ModelVerifier.sizeLimit)
    }
    let place = kind == .split ? 0 : 2
    guard let shape = image.shape,
      let axis = try axes(place, count: 1...1, rank: shape.count)?[0]
    else { return nil }
    guard kind == .splitV || shape[axis] == TensorRecord.open || shape[axis] % count == 0 else {
      throw invalid("the number of outputs", "\(count)", "one that divides \(shape[axis])")
    }
    return nil
  }

  // MARK: Several into one

  func concatenatedShape() throws(MetadataError) -> [Int]? {
    let options = try options(10)
    try options.activation(1)
    let place = try options.integer(0, as: Int32.self, in: Self.places, "the axis")
    guard var shape = try input(0).shape else { return nil }
    let axis = try axis(place, rank: shape.count)
    for index in record.inputs.indices.dropFirst() {
      let next = try extents(index, rank: shape.count)
      for other in shape.indices where other != axis {
        guard canAgree(next[other], shape[other]) else {
          throw invalid("input \(index)", "of the shape \(next)", "one to go with \(shape)")
        }
        if shape[other] == TensorRecord.open { shape[other] = next[other] }
      }
      let isOpen = shape[axis] == TensorRecord.open || next[axis] == TensorRecord.open
      shape[axis] = isOpen ? TensorRecord.open : shape[axis] + next[axis]
      try checkExtents(shape)
    }
    return shape
  }

  func packedShape() throws(MetadataError) -> [Int]? {
    let options = try options(59)
    let count = record.inputs.count
    try options.integer(0, as: Int32.self, in: count...count, "the number of inputs")
    let place = try options.integer(1, as: Int32.self, in: Self.places, "the axis")
    guard var shape = try input(0).shape else { return nil }
    let axis = try axis(place, rank: shape.count + 1)
    for index in record.inputs.indices.dropFirst() {
      let next = try input(index)
      guard canAgree(next.shape, shape) else {
        throw invalid("input \(index)", "of the shape \(next.shapeText)", "\(shape)")
      }
    }
    shape.insert(count, at: axis)
    return shape
  }

  func reducedShape() throws(MetadataError) -> [Int]? {
    let keepsAxes = try options(27, isRequired: false).flag(0)
    guard let extents = try input(0).shape,
      let stated = try axes(1, count: 0...ModelVerifier.rankLimit, rank: extents.count)
    else { return nil }
    let reduced = Set(stated)
    var shape: [Int] = []
    for (axis, extent) in extents.enumerated() {
      if !reduced.contains(axis) { shape.append(extent) } else if keepsAxes { shape.append(1) }
    }
    return shape
  }

  /// Checks the axes of operators whose second input they are.
  func checkAxes(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let count = kind == .reverseV2 ? 1...ModelVerifier.rankLimit : 1...1
    guard var shape = image.shape else { return nil }
    let stated = try axes(1, count: count, rank: shape.count)
    guard kind == .argMax || kind == .argMin else { return shape }
    guard let axis = stated?[0] else { return nil }
    shape.remove(at: axis)
    return shape
  }

  func topShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard let shape = image.shape else { return nil }
    guard let last = shape.last else {
      throw invalid("input 0", "a single number", "a list")
    }
    let range = 0...(last == TensorRecord.open ? ModelVerifier.sizeLimit : last)
    guard let count = try parameters(1, count: 1...1, in: range)?[0] else { return nil }
    return shape.dropLast() + [count]
  }

  func oneHotShape() throws(MetadataError) -> [Int]? {
    let positions = try input(0)
    guard var shape = positions.shape else { return nil }
    let axis = try options(61).integer(0, as: Int32.self, in: -1...shape.count, "the axis")
    guard let depth = try parameters(1, count: 1...1, in: Self.extents)?[0] else { return nil }
    guard try input(2).elementCount ?? 1 == 1, try input(3).elementCount ?? 1 == 1 else {
      throw invalid("the values", "of several elements", "one element each")
    }
    shape.insert(depth, at: axis == -1 ? shape.count : axis)
    return shape
  }

  func reversedSequenceShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let options = try options(87)
    guard let shape = image.shape else { return nil }
    let axes = 0...max(shape.count - 1, 0)
    try options.integer(0, as: Int32.self, in: axes, "the sequence axis")
    let batch = try options.integer(1, as: Int32.self, in: axes, "the batch axis")
    let lengths = try input(1)
    guard !shape.isEmpty, canAgree(lengths.elementCount ?? TensorRecord.open, shape[batch]) else {
      throw invalid("the lengths", "of the shape \(lengths.shapeText)", "one for each sequence")
    }
    return shape
  }
}
