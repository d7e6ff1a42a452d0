// Operators that work element by element or give an input another shape.

extension Operation {
  /// What an extent can be.
  static var extents: ClosedRange<Int> { 0...ModelVerifier.sizeLimit }
  /// What a rank can be.
  static var ranks: ClosedRange<Int> { 0...ModelVerifier.rankLimit }

  // MARK: Element by element

  /// The shape of a sum, difference, product or quotient with an activation.
  func arithmeticShape(_ number: UInt8) throws(MetadataError) -> [Int]? {
    try options(number, isRequired: false).activation(0)
    return try broadcastShape()
  }

  /// The shape of two inputs of which each axis agrees or is 1 in one of them.
  func broadcastShape() throws(MetadataError) -> [Int]? {
    let (first, second) = (try input(0), try input(1))
    guard let left = first.shape, let right = second.shape else { return nil }
    if left == right { return left }
    // Kernels spread out at most six axes.
    let rank = max(left.count, right.count)
    var shape = Array(repeating: 1, count: rank)
    for place in 1..<max(rank + 1, 2) where rank > 0 {
      let one = place <= left.count ? left[left.count - place] : 1
      let other = place <= right.count ? right[right.count - place] : 1
      guard canAgree(one, other) || one == 1 || other == 1, rank <= 6 else {
        throw invalid(
          "the inputs", "of the shapes \(left) and \(right)", "two that go together")
      }
      // Where one is open and the other is not 1, it is that other or 1.
      shape[rank - place] = one == 1 || (one == TensorRecord.open && other != 1) ? other : one
    }
    return shape
  }

  // MARK: Another shape

  /// The shape of a sparse tensor that is written out; the kernel believes what the file declares.
  func densifiedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard let output, output.shape == image.shape else {
      throw invalid(
        "the output", "of the shape \(output?.shapeText ?? "of nothing")", image.shapeText)
    }
    return image.shape
  }

  /// Throws unless the output's elements are of the input's type: kernels that only copy do not look.
  func checkSameType() throws(MetadataError) {
    let image = try input(0)
    guard let output, output.elementType == image.elementType else {
      throw invalid(
        "the output", "of type \(output.map { "\($0.elementType)" } ?? "nothing")",
        "\(image.elementType)")
    }
  }

  func reshapedShape() throws(MetadataError) -> [Int]? {
    let options = try options(17, isRequired: false)
    guard record.hasInput(1), try input(1).elementType == .int32, try input(1).rank ?? 1 == 1 else {
      guard let stated = try options.list(0) else { return nil }
      // Old converters say [0] for a single number.
      return stated == [0] ? [] : try resolved(stated)
    }
    let range = -1...ModelVerifier.sizeLimit
    guard let stated = try parameters(1, count: Self.ranks, in: range) else {
      // Computed: what the file leaves open follows from the number of elements where it is one extent.
      guard let shape = output?.shape, shape.count(where: { $0 == TensorRecord.open }) == 1 else {
        return output?.shape
      }
      return try resolved(shape)
    }
    return try resolved(stated)
  }

  /// A shape in which −1, at most once, stands for what is left.
  private func resolved(_ shape: [Int]) throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard shape.count <= ModelVerifier.rankLimit, shape.allSatisfy({ $0 >= -1 }),
      shape.count(where: { $0 == -1 }) <= 1
    else { throw invalid("the new shape", "\(shape)", "extents, of which one may be -1") }
    let stated = shape.map { max($0, 1) }
    try checkExtents(stated)
    guard let open = shape.firstIndex(of: -1) else { return shape }
    var result = shape
    let rest = stated.reduce(1, *)
    result[open] = image.elementCount.map { $0 / rest } ?? TensorRecord.open
    return result
  }

  func squeezedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let stated = try options(30, isRequired: false).list(0) ?? []
    guard let shape = image.shape else { return nil }
    var dropped: Set<Int> = []
    for value in stated {
      let place = try axis(value, rank: shape.count)
      guard canAgree(shape[place], 1) else {
        throw invalid("axis \(place)", "of \(shape[place]) entries", "1 entry to drop it")
      }
      dropped.insert(place)
    }
    if stated.isEmpty {
      guard image.isKnown else { return nil }
      dropped = Set(shape.indices.filter { shape[$0] == 1 })
    }
    return shape.indices.filter { !dropped.contains($0) }.map { shape[$0] }
  }

  func expandedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard var shape = image.shape,
      let place = try axes(1, count: 1...1, rank: shape.count + 1)?.first
    else { return nil }
    shape.insert(1, at: place)
    return shape
  }

  func transposedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard let shape = image.shape,
      let order = try axes(1, count: shape.count...shape.count, rank: shape.count)
    else { return nil }
    guard Set(order).count == order.count else {
      throw invalid("the order of axes", "\(order)", "each axis once")
    }
    return order.map { shape[$0] }
  }

  func paddedShape(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let sizes = try extents(1, rank: 2)
    guard var shape = try input(0).shape else { return nil }
    guard canAgree(sizes, [shape.count, 2]) else {
      throw invalid("the padding", "of the shape \(sizes)", "[\(shape.count), 2]")
    }
    var isSymmetric = false
    if kind == .mirrorPad {
      isSymmetric = try options(77).integer(0, as: Int8.self, in: 0...1, "the mode") == 1
    }
    guard [.int32, .int64].contains(try input(1).elementType) else { return nil }
    let count = 2 * shape.count...2 * shape.count
    guard let padding = try parameters(1, count: count, in: Self.extents) else { return nil }
    for axis in shape.indices where shape[axis] != TensorRecord.open {
      let room = isSymmetric ? shape[axis] : shape[axis] - 1
      guard kind != .mirrorPad || max(padding[2 * axis], padding[2 * axis + 1]) <= max(room, 0)
      else {
        throw invalid("the padding", "\(padding)", "less than \(shape)")
      }
      shape[axis] += padding[2 * axis] + padding[2 * axis + 1]
    }
    return shape
  }

  func tiledShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard let extents = image.shape,
      let multiples = try parameters(1, count: extents.count...extents.count, in: Self.extents)
    else { return nil }
    var shape: [Int] = []
    for (extent, multiple) in zip(extents, multiples) {
      let (product, overflows) = extent.multipliedReportingOverflow(by: multiple)
      guard !overflows else { throw invalid("the multiples", "\(multiples)", "smaller ones") }
      shape.append(extent == TensorRecord.open ? extent : product)
    }
    return shape
  }

  /// The shape that input `index` states, for FILL and BROADCAST_TO.
  func statedShape(_ index: Int) throws(MetadataError) -> [Int]? {
    try parameters(index, count: Self.ranks, in: Self.extents)
  }

  func resizedShape() throws(MetadataError) -> [Int]? {
    let image = try extents(0, rank: 4)
    let size = try parameters(1, count: 2...2, in: 1...1 << 15)
    guard image[1] != 0, image[2] != 0 else {
      throw invalid("input 0", "of the shape \(image)", "one with pixels")
    }
    return [
      image[0], size?[0] ?? TensorRecord.open, size?[1] ?? TensorRecord.open, image[3],
    ]
  }

  /// The shape after blocks of pixels have become channels, or the other way round.
  func blockShape(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let options = try options(kind == .spaceToDepth ? 19 : 94)
    let block = try options.extents([0], "the block size")[0]
    var shape = try extents(0, rank: 4)
    let open = TensorRecord.open
    if kind == .spaceToDepth {
      for axis in 1...2 where shape[axis] != open {
        guard shape[axis] % block == 0 else {
          throw invalid("the block size", "\(block)", "one that divides \(shape)")
        }
        shape[axis] /= block
      }
      if shape[3] != open { shape[3] *= block * block }
      return shape
    }
    for axis in 1...2 where shape[axis] != open { shape[axis] *= block }
    if shape[3] != open {
      guard shape[3] % (block * block) == 0 else {
        throw invalid("the block size", "\(block)", "one whose square divides \(shape[3])")
      }
      shape[3] /= block * block
    }
    return shape
  }

  /// Checks the blocks of SPACE_TO_BATCH_ND and its reverse.
  func checkBlocks() throws(MetadataError) -> [Int]? {
    guard let shape = try input(0).shape else { return nil }
    let spatial = shape.count - 2
    guard (1...2).contains(spatial) else {
      throw invalid("input 0", "of the shape \(shape)", "one of three or four axes")
    }
    _ = try parameters(1, count: spatial...spatial, in: 1...1 << 15)
    _ = try parameters(2, count: 2 * spatial...2 * spatial, in: Self.extents)
    return nil
  }

  /// Throws unless the extents multiply to a size that the runtime can count.
  func checkExtents(_ shape: [Int]) throws(MetadataError) {
    var count = 1
    for extent in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflows, product <= ModelVerifier.sizeLimit else {
        throw invalid("the shape", "\(shape)", "a smaller one")
      }
      count = product
    }
  }
}
