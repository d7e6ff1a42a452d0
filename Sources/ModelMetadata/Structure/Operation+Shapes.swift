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
    if first.shape == second.shape { return first.shape }
    // Kernels spread out at most six axes.
    let rank = max(first.rank, second.rank)
    var shape = Array(repeating: 1, count: rank)
    for place in 1..<max(rank + 1, 2) where rank > 0 {
      let one = place <= first.rank ? first.shape[first.rank - place] : 1
      let other = place <= second.rank ? second.shape[second.rank - place] : 1
      let agree = one == other || one == 1 || other == 1 || first.isDynamic || second.isDynamic
      guard agree, rank <= 6 else {
        throw invalid(
          "the inputs", "of the shapes \(first.shape) and \(second.shape)", "two that go together")
      }
      shape[rank - place] = one == 1 ? other : one
    }
    return shape
  }

  // MARK: Another shape

  /// The shape of a sparse tensor that is written out; the kernel believes what the file declares.
  func densifiedShape() throws(MetadataError) -> [Int]? {
    let shape = try input(0).shape
    guard let output, output.shape == shape else {
      throw invalid("the output", "of the shape \(output?.shape ?? [])", "\(shape)")
    }
    return shape
  }

  func reshapedShape() throws(MetadataError) -> [Int]? {
    let options = try options(17, isRequired: false)
    guard record.hasInput(1), try input(1).elementType == .int32, try input(1).rank == 1 else {
      guard let stated = try options.list(0) else { return nil }
      // Old converters say [0] for a single number.
      return stated == [0] ? [] : try resolved(stated)
    }
    let range = -1...ModelVerifier.sizeLimit
    guard let stated = try parameters(1, count: Self.ranks, in: range) else { return nil }
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
    result[open] = image.elementCount / rest
    return result
  }

  func squeezedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let stated = try options(30, isRequired: false).list(0) ?? []
    var dropped: Set<Int> = []
    for value in stated {
      let place = try axis(value, rank: image.rank)
      guard image.shape[place] == 1 || image.isDynamic else {
        throw invalid("axis \(place)", "of \(image.shape[place]) entries", "1 entry to drop it")
      }
      dropped.insert(place)
    }
    if stated.isEmpty { dropped = Set(image.shape.indices.filter { image.shape[$0] == 1 }) }
    return image.shape.indices.filter { !dropped.contains($0) }.map { image.shape[$0] }
  }

  func expandedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    guard let place = try axes(1, count: 1...1, rank: image.rank + 1)?.first else { return nil }
    var shape = image.shape
    shape.insert(1, at: place)
    return shape
  }

  func transposedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let count = image.rank...image.rank
    guard let order = try axes(1, count: count, rank: image.rank) else { return nil }
    guard Set(order).count == order.count else {
      throw invalid("the order of axes", "\(order)", "each axis once")
    }
    return order.map { image.shape[$0] }
  }

  func paddedShape(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let sizes = try input(1, rank: 2).shape
    guard sizes == [image.rank, 2] else {
      throw invalid("the padding", "of the shape \(sizes)", "[\(image.rank), 2]")
    }
    var isSymmetric = false
    if kind == .mirrorPad {
      isSymmetric = try options(77).integer(0, as: Int8.self, in: 0...1, "the mode") == 1
    }
    guard [.int32, .int64].contains(try input(1).elementType) else { return nil }
    let count = 2 * image.rank...2 * image.rank
    guard let padding = try parameters(1, count: count, in: Self.extents) else { return nil }
    var shape = image.shape
    for axis in shape.indices {
      let room = isSymmetric ? image.shape[axis] : image.shape[axis] - 1
      guard kind != .mirrorPad || max(padding[2 * axis], padding[2 * axis + 1]) <= max(room, 0)
      else {
        throw invalid("the padding", "\(padding)", "less than \(image.shape)")
      }
      shape[axis] += padding[2 * axis] + padding[2 * axis + 1]
    }
    return shape
  }

  func tiledShape() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let count = image.rank...image.rank
    guard let multiples = try parameters(1, count: count, in: Self.extents) else { return nil }
    let shape = zip(image.shape, multiples).map { $0.multipliedReportingOverflow(by: $1) }
    guard !shape.contains(where: \.overflow) else {
      throw invalid("the multiples", "\(multiples)", "smaller ones")
    }
    return shape.map(\.partialValue)
  }

  /// The shape that input `index` states, for FILL and BROADCAST_TO.
  func statedShape(_ index: Int) throws(MetadataError) -> [Int]? {
    try parameters(index, count: Self.ranks, in: Self.extents)
  }

  func resizedShape() throws(MetadataError) -> [Int]? {
    let image = try input(0, rank: 4)
    guard let size = try parameters(1, count: 2...2, in: 1...1 << 15) else { return nil }
    guard image.shape[1] > 0, image.shape[2] > 0 else {
      throw invalid("input 0", "of the shape \(image.shape)", "one with pixels")
    }
    return [image.shape[0], size[0], size[1], image.shape[3]]
  }

  /// The shape after blocks of pixels have become channels, or the other way round.
  func blockShape(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    let image = try input(0, rank: 4)
    let options = try options(kind == .spaceToDepth ? 19 : 94)
    let block = try options.extents([0], "the block size")[0]
    let shape = image.shape
    if kind == .spaceToDepth {
      guard shape[1] % block == 0, shape[2] % block == 0 else {
        throw invalid("the block size", "\(block)", "one that divides \(shape)")
      }
      return [shape[0], shape[1] / block, shape[2] / block, shape[3] * block * block]
    }
    guard shape[3] % (block * block) == 0 else {
      throw invalid("the block size", "\(block)", "one whose square divides \(shape[3])")
    }
    return [shape[0], shape[1] * block, shape[2] * block, shape[3] / (block * block)]
  }

  /// Checks the blocks of SPACE_TO_BATCH_ND and its reverse.
  func checkBlocks() throws(MetadataError) -> [Int]? {
    let image = try input(0)
    let spatial = image.rank - 2
    guard (1...2).contains(spatial) else {
      throw invalid("input 0", "of the shape \(image.shape)", "one of three or four axes")
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
