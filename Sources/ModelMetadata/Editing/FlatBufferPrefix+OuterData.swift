/// Large models keep data behind the FlatBuffer and note where, counted from the start of the file: with
/// bytes in front of it these notes have to be written anew.
extension FlatBufferPrefix {
  /// The buffers of a model, with the places where their data will be.
  mutating func movedBuffers(of model: FlatBufferTable) throws(MetadataError) -> [Target] {
    var buffers = try model.references(4)
    for index in buffers.indices {
      let buffer = try model.table(4, at: index, "buffer \(index)")
      // An offset of 1 stands for none as yet.
      guard let offset = try buffer.scalar(1, as: UInt64.self), offset > 1 else { continue }
      let size = try buffer.scalar(2, as: UInt64.self) ?? 0
      buffers[index] = .new(table([.none, .position(offset), .uint64(size)]))
    }
    return buffers
  }

  /// The subgraphs of a model, with the places where the options of their operators will be.
  ///
  /// - Returns: `nil` where no operator has options behind the FlatBuffer.
  mutating func movedSubgraphs(of model: FlatBufferTable) throws(MetadataError) -> [Target]? {
    var subgraphs = try model.references(2)
    var isMoved = false
    for index in subgraphs.indices {
      let subgraph = try model.table(2, at: index, "subgraph \(index)")
      guard let operators = try movedOperators(of: subgraph) else { continue }
      var fields = try subgraph.fields(.subgraph)
      fields[3] = .reference(.new(vector(of: operators)))
      subgraphs[index] = .new(table(fields))
      isMoved = true
    }
    return isMoved ? subgraphs : nil
  }

  private mutating func movedOperators(
    of subgraph: FlatBufferTable
  ) throws(MetadataError) -> [Target]? {
    var operators = try subgraph.references(3)
    var isMoved = false
    for index in operators.indices {
      let name = "operator \(index)"
      let table = try subgraph.table(3, at: index, name)
      guard let offset = try table.scalar(9, as: UInt64.self), offset > 1 else { continue }
      let size = try table.scalar(10, as: UInt64.self) ?? 0
      try table.buffer.check(Int(clamping: offset), Int(clamping: size), "options of \(name)")
      var fields = try table.fields(.operator)
      fields[9] = .position(offset)
      operators[index] = .new(self.table(fields))
      isMoved = true
    }
    return isMoved ? operators : nil
  }
}
