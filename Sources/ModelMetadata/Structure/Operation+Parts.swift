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
    let count = image.rank...image.rank
    let sizes = -1...ModelVerifier.sizeLimit
    guard let output else { return nil }
    let begin = try parameters(1, count: count, in: Self.extents)
    let size = try parameters(2, count: count, in: sizes)
    guard let begin, let size else {
      // With nothing to tell its size by, the kernel writes as much as the output declares.
      guard output.isDynamic || output.rank == 0 else {
        throw invalid("the output", "of the shape \(output.shape)", "one that is left open")
      }
      return nil
    }
    if output.isDynamic { return nil }
    var shape: [Int] = []
    for axis in image.shape.indices {
      let extent = image.shape[axis]
      let length = size[axis] == -1 ? extent - begin[axis] : size[axis]
      guard begin[axis] <= extent, length >= 0, begin[axis] + length <= extent else {
        throw invalid("the part", "\(begin) with the size \(size)", "one inside \(image.shape)")
      }
      shape.append(length)
    }
    // The kernel believes what the file declares.
    guard output.shape == shape || image.rank == 0 else {
      throw invalid("the output", "of the shape \(output.shape)", "\(shape)")
    }
    return shape
  }

  func stridedSliceShape() throws(MetadataError) -> [Int]? {
    let options = try options(32)
    for field in 0...4 {
      try options.integer(field, as: Int32.self, in: 0...ModelVerifier.sizeLimit, "a mask")
    }
    let count = try input(1, rank: 1).elementCount
    let any = Int(Int32.min)...Int(Int32.max)
    _ = try parameters(1, count: count...count, in: any)
    _ = try parameters(2, count: count...count, in: any)
    for stride in try parameters(3, count: count...count, in: any) ?? [] where stride == 0 {
      throw invalid("a stride", "0", "another number")
    }
    return nil
  }

  func gatheredShape() throws(MetadataError) -> [Int]? {
    let options = try options(23, isRequired: false)
    let image = try input(0)
    let place = try options.integer(0, as: Int32.self, in: Self.places, "the axis")
    let axis = try axis(place, rank: image.rank)
    let batch = try options.integer(1, as: Int32.self, in: Self.places, "the batch axes")
    let positions = try input(1)
    guard batch >= -positions.rank, batch <= positions.rank,
      (batch < 0 ? batch + positions.rank : batch) <= axis
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
      let axis = try axis(place, rank: image.rank)
      guard image.shape[axis] == count || image.isDynamic else {
        throw invalid("the number of outputs", "\(count)", "\(image.shape[axis])")
      }
      return nil
    }
    if kind == .splitV {
      _ = try parameters(1, count: count...count, in: -1...ModelVerifier.sizeLimit)
    }
    let place = kind == .split ? 0 : 2
    guard let axis = try axes(place, count: 1...1, rank: image.rank)?[0] else { return nil }
    guard kind == .splitV || image.shape[axis] % count == 0 || image.isDynamic else {
      throw invalid("the number of outputs", "\(count)", "one that divides \(image.shape[axis])")
    }
    return nil
  }

  // MARK: Several into one

  func concatenatedShape() throws(MetadataError) -> [Int]? {
    let options = try options(10)
    try options.activation(1)
    let first = try input(0)
    let axis = try axis(
      options.integer(0, as: Int32.self, in: Self.places, "the axis"), rank: first.rank)
    var shape = first.shape
    for index in record.inputs.indices.dropFirst() {
      let next = try input(index, rank: first.rank)
      for other in shape.indices where other != axis {
        guard next.shape[other] == shape[other] || next.isDynamic || first.isDynamic else {
          throw invalid("input \(index)", "of the shape \(next.shape)", "one to go with \(shape)")
        }
      }
      shape[axis] += next.shape[axis]
      try checkExtents(shape)
    }
    return shape
  }

  func packedShape() throws(MetadataError) -> [Int]? {
    let options = try options(59)
    let count = record.inputs.count
    try options.integer(0, as: Int32.self, in: count...count, "the number of inputs")
    let first = try input(0)
    let place = try options.integer(1, as: Int32.self, in: Self.places, "the axis")
    let axis = try axis(place, rank: first.rank + 1)
    for index in record.inputs.indices.dropFirst() {
      let next = try input(index)
      guard next.shape == first.shape || next.isDynamic || first.isDynamic else {
        throw invalid("input \(index)", "of the shape \(next.shape)", "\(first.shape)")
      }
    }
    var shape = first.shape
    shape.insert(count, at: axis)
    return shape
  }

  func reducedShape() throws(MetadataError) -> [Int]? {
    let keepsAxes = try options(27, isRequired: false).flag(0)
    let image = try input(0)
    guard let stated = try axes(1, count: 0...ModelVerifier.rankLimit, rank: image.rank) else {
      return nil
    }
    let reduced = Set(stated)
    var shape: [Int] = []
    for (axis, extent) in image.shape.enumerated() {
      if !reduced.contains(axis) { shape.append(extent) } else if keepsAxes { shape.append(1) }
    }
    return shape
  }

  /// Checks the axes of operators whose second input they are.
  func checkAxes(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let count = kind == .reverseV2 ? 1...ModelVerifier.rankLimit : 1...1
    let stated = try axes(1, count: count, rank: image.rank)
    guard kind == .argMax || kind == .argMin else { return image.shape }
    guard let axis = stated?[0] else { return nil }
    var shape = image.shape
    shape.remove(at: axis)
    return shape
  }

  func topShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard let last = image.shape.last else {
      throw invalid("input 0", "a single number", "a list")
    }
    let range = 0...(image.isDynamic ? ModelVerifier.sizeLimit : last)
    guard let count = try parameters(1, count: 1...1, in: range)?[0] else { return nil }
    return image.shape.dropLast() + [count]
  }

  func oneHotShape() throws(MetadataError) -> [Int]? {
    let positions = try input(0)
    let axis = try options(61).integer(0, as: Int32.self, in: -1...positions.rank, "the axis")
    guard let depth = try parameters(1, count: 1...1, in: Self.extents)?[0] else { return nil }
    guard try input(2).elementCount == 1, try input(3).elementCount == 1 else {
      throw invalid("the values", "of several elements", "one element each")
    }
    var shape = positions.shape
    shape.insert(depth, at: axis == -1 ? shape.count : axis)
    return shape
  }

  func reversedSequenceShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let options = try options(87)
    let axes = 0...max(image.rank - 1, 0)
    try options.integer(0, as: Int32.self, in: axes, "the sequence axis")
    let batch = try options.integer(1, as: Int32.self, in: axes, "the batch axis")
    let lengths = try input(1)
    guard image.rank > 0, lengths.elementCount == image.shape[batch] else {
      throw invalid("the lengths", "of the shape \(lengths.shape)", "one for each sequence")
    }
    return image.shape
  }
}
