extension ModelVerifier {
  /// How one level of a sparse tensor is stored: all of its entries, or those that are listed.
  private enum Level {
    case dense(count: Int)
    case listed(segments: [Int], indices: [Int])
  }

  /// The number of elements that a sparse tensor stores; throws where following its lists would lead
  /// out of them or out of the tensor.
  mutating func storedCount(
    of sparsity: FlatBufferTable, shape: [Int], _ name: String
  ) throws(MetadataError) -> Int {
    let order = try list(0, of: sparsity, as: Int32.self).map(Int.init)
    let blocked = try list(1, of: sparsity, as: Int32.self).map(Int.init)
    let levelCount = shape.count + blocked.count
    guard order.count == levelCount, Set(order) == Set(0..<levelCount),
      Array(order[shape.count...]) == Array(shape.count..<levelCount)
    else {
      throw .invalid(
        part: "the traversal order of \(name)", found: "\(order)",
        needed: "each of its \(levelCount) axes once, blocks last,")
    }
    guard blocked == Set(blocked).sorted(), blocked.allSatisfy(shape.indices.contains) else {
      throw .invalid(
        part: "the block map of \(name)", found: "\(blocked)", needed: "axes of \(shape)")
    }
    guard try sparsity.tableCount(2) ?? 0 == levelCount else {
      throw .invalid(
        part: "the number of levels of \(name)", found: "\(try sparsity.tableCount(2) ?? 0)",
        needed: "\(levelCount)")
    }
    var levels: [Level] = []
    for index in 0..<levelCount {
      levels.append(try level(sparsity.table(2, at: index, "level \(index) of \(name)")))
    }

    // A block takes the place of as many entries along its axis.
    var extents = shape
    for (block, axis) in blocked.enumerated() {
      guard case .dense(let count) = levels[shape.count + block], count > 0,
        shape[axis] % count == 0
      else {
        throw .invalid(
          part: "block \(block) of \(name)", found: "of another size",
          needed: "one that divides \(shape[axis])")
      }
      extents[axis] /= count
      extents.append(count)
    }
    var count = 1
    for (index, level) in levels.enumerated() {
      count = try storedCount(
        of: level, parents: count, extent: extents[order[index]], "level \(index) of \(name)")
    }
    return count
  }

  private func storedCount(
    of level: Level, parents: Int, extent: Int, _ name: String
  ) throws(MetadataError) -> Int {
    switch level {
    case .dense(let count):
      // The tensor has as many elements at least, so this cannot overflow.
      guard count == extent else {
        throw .invalid(part: "the size of \(name)", found: "\(count)", needed: "\(extent)")
      }
      return parents * count
    case .listed(let segments, let indices):
      guard segments.count == parents + 1, segments.first == 0, segments.last == indices.count,
        zip(segments, segments.dropFirst()).allSatisfy({ $0 <= $1 }),
        indices.allSatisfy((0..<extent).contains)
      else {
        throw .invalid(
          part: name, found: "not a list of places", needed: "\(parents) rising segments of them")
      }
      return indices.count
    }
  }

  private mutating func level(_ table: FlatBufferTable) throws(MetadataError) -> Level {
    guard try table.scalar(0, as: Int8.self) ?? 0 != 0 else {
      return .dense(count: Int(try table.scalar(1, as: Int32.self) ?? 0))
    }
    return .listed(
      segments: try places(2, of: table, "segments"), indices: try places(4, of: table, "indices"))
  }

  /// The numbers of a union of lists, whose type is in `field` and whose table is in the next one.
  private mutating func places(
    _ field: Int, of table: FlatBufferTable, _ kind: String
  ) throws(MetadataError) -> [Int] {
    let type = try table.scalar(field, as: UInt8.self) ?? 0
    guard let vector = try table.table(field + 1, "\(kind) of \(table.name)") else {
      throw .missing(part: "\(kind) in \(table.name)")
    }
    switch type {
    case 1: return try list(0, of: vector, as: Int32.self).map(Int.init)
    case 2: return try list(0, of: vector, as: UInt16.self).map(Int.init)
    case 3: return try list(0, of: vector, as: UInt8.self).map(Int.init)
    default:
      throw .indexOutOfRange(part: "the type of \(kind)", index: Int(type), count: 4)
    }
  }
}
