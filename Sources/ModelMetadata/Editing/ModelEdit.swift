/// What is changed in a model so that the runtime computes all of its outputs.
///
/// Three kinds of sound models do not run as they are. An output whose shape is computed in the run is
/// put elsewhere than into the memory that was named for it. A graph with an open height and width
/// cannot be prepared at the extents of 1 that stand in its file. And a signature may leave outputs
/// out. The changes are new tables in front of the file's bytes, which stay as they are.
package struct ModelEdit: Hashable, Sendable {
  /// The bytes to put in front of the file, a multiple of 64; empty where nothing is changed.
  package let prefix: [UInt8]

  /// For each output, whether only a run can tell its size.
  package let isSizedByRun: [Bool]
}

extension ModelFile {
  /// What has to be changed in the model for an input of a given shape.
  ///
  /// - Parameters:
  ///   - bytes: The bytes that the model was read from.
  ///   - inputShape: The shape of the input, all of it known.
  /// - Returns: The change, which may be none.
  /// - Throws: ``MetadataError`` for tables that cannot be copied.
  package func edit(
    of bytes: RawSpan, inputShape: [Int]
  ) throws(MetadataError) -> ModelEdit {
    let changesShape = inputs.first.map { $0.shape != inputShape } ?? false
    guard changesShape || outputsNeedCopies || !graph.isDescribedBySignature else {
      return ModelEdit(prefix: [], isSizedByRun: outputs.map { _ in false })
    }
    var editor = try GraphEditor(FlatBuffer(bytes).root("model"), graph)
    if changesShape { try editor.setInputShape(inputShape) }
    if outputsNeedCopies { try editor.copyOutputs(outputs) }
    return ModelEdit(
      prefix: try editor.prefix(),
      // What the file says of a shape that is computed in the run need not be what comes of it.
      isSizedByRun: outputs.map { _ in outputsNeedCopies })
  }
}

extension ModelFile {
  /// Throws unless an edited model is this one but for what was edited.
  package func check(edited bytes: RawSpan) throws(MetadataError) {
    let edited = try ModelFile(reading: bytes)
    if let defect = edited.structuralDefect { throw defect }
    guard edited.outputs.count == outputs.count, edited.metadata == metadata else {
      throw .invalid(part: "the edited model", found: "another model", needed: "the same outputs")
    }
  }
}

extension ModelFile {
  /// What has to be changed in the model for an engine that runs a file's first graph as it stands.
  ///
  /// Weights of half precision, which such engines do not read, are stored in single precision, which is
  /// exact, and the operators that widen them left out. So is a record of open extents that does not fit
  /// the input's rank.
  ///
  /// - Parameter bytes: The bytes that the model was read from.
  /// - Returns: The change, which may be none.
  /// - Throws: ``MetadataError`` for tables that cannot be copied, and for a signature of another graph.
  package func singlePrecisionEdit(of bytes: RawSpan) throws(MetadataError) -> ModelEdit {
    guard graph.subgraph == 0 else {
      throw .unsupported(
        part: "the signature", found: "of graph \(graph.subgraph)",
        remedy: "it runs the first graph of a model only, so use the accelerator cpu")
    }
    var editor = try GraphEditor(FlatBuffer(bytes).root("model"), graph)
    let isWidened = try editor.widenConstants()
    let isRanked = inputs.allSatisfy { [0, $0.shape.count].contains($0.shapeSignature.count) }
    if !isRanked { try editor.dropShapeSignature() }
    return ModelEdit(
      prefix: isWidened || !isRanked || !graph.isDescribedBySignature ? try editor.prefix() : [],
      isSizedByRun: outputs.map { _ in false })
  }
}

/// Builds new versions of the tables of a graph that change.
private struct GraphEditor: ~Escapable {
  private let model: FlatBufferTable
  private let subgraph: FlatBufferTable
  private let graph: MainGraph
  private var built = FlatBufferPrefix()
  private var tensors: [FlatBufferPrefix.Target]
  private var operators: [FlatBufferPrefix.Target]
  private var buffers: [FlatBufferPrefix.Target]
  private var operatorCodes: [FlatBufferPrefix.Target]
  private var outputs: [Int]

  @_lifetime(copy model)
  init(_ model: FlatBufferTable, _ graph: MainGraph) throws(MetadataError) {
    self.model = model
    self.graph = graph
    subgraph = try model.table(2, at: graph.subgraph, "subgraph \(graph.subgraph)")
    tensors = try subgraph.references(0)
    operators = try subgraph.references(3)
    buffers = try built.movedBuffers(of: model)
    operatorCodes = try model.references(1)
    outputs = graph.outputs
    try checkOperators()
  }

  /// Gives the input extents.
  mutating func setInputShape(_ shape: [Int]) throws(MetadataError) {
    let input = graph.inputs[0]
    var fields = try subgraph.table(0, at: input, "tensor \(input)").fields(.tensor)
    let old = (try subgraph.table(0, at: input, "tensor \(input)").scalars(0, of: Int32.self) ?? [])
    let signature = try subgraph.table(0, at: input, "tensor \(input)").scalars(7, of: Int32.self)
    if let batch = old.first, let new = shape.first, Int(batch) != new, signature?.first != -1 {
      // What follows from a batch that was fixed is no longer what stands in the file.
      fields[TensorField.shapeSignature] = list([-1] + shape.dropFirst())
    }
    fields[TensorField.shape] = list(shape)
    tensors[input] = .new(built.table(fields))
  }

  /// Removes the input's record of open extents.
  mutating func dropShapeSignature() throws(MetadataError) {
    let input = graph.inputs[0]
    var fields = try subgraph.table(0, at: input, "tensor \(input)").fields(.tensor)
    fields[TensorField.shapeSignature] = .none
    tensors[input] = .new(built.table(fields))
  }

  /// Makes each output that is computed a copy, by an operator that gives it a place of its own.
  ///
  /// The copy is a cast to the type that the output has: it takes all element types and any shape, and
  /// is prepared anew when its input gets one. XNNPACK does not take it over, which matters: in what it
  /// takes over nobody compares an output's size in the run with the memory that there is for it.
  mutating func copyOutputs(_ descriptions: [TensorDescription]) throws(MetadataError) {
    let cast = operatorCodes.count
    operatorCodes.append(
      .new(
        built.table([
          .uint8(UInt8(BuiltinOperator.cast.rawValue)), .none, .int32(1),
          .int32(Int32(BuiltinOperator.cast.rawValue)),
        ])))
    var copies: [Int: Int] = [:]
    for (place, original) in graph.outputs.enumerated() where try !isConstant(original) {
      if copies[original] == nil {
        var fields = try subgraph.table(0, at: original, "tensor \(original)").fields(.tensor)
        fields[TensorField.shape] = list(descriptions[place].shape(openExtent: 1))
        for field in [
          TensorField.buffer, TensorField.isVariable, TensorField.sparsity,
          TensorField.shapeSignature, TensorField.variantTensors, TensorField.externalBuffer,
        ] {
          fields[field] = .none
        }
        tensors.append(.new(built.table(fields)))
        copies[original] = tensors.count - 1
        operators.append(
          .new(built.table([.int32(Int32(cast)), list([original]), list([tensors.count - 1])])))
      }
      outputs[place] = copies[original] ?? original
    }
  }

  /// Stores constants of half precision that an operator widens in single precision, in place of what
  /// the operator computes.
  ///
  /// - Returns: Whether there were any.
  mutating func widenConstants() throws(MetadataError) -> Bool {
    var kept: [FlatBufferPrefix.Target] = []
    for (index, target) in operators.enumerated() {
      let table = try subgraph.table(3, at: index, "operator \(index)")
      if try widen(table) { continue }
      kept.append(target)
    }
    defer { operators = kept }
    return kept.count < operators.count
  }

  /// Stores what an operator computes, where it widens a constant; returns whether it does.
  private mutating func widen(_ table: FlatBufferTable) throws(MetadataError) -> Bool {
    let code = try model.table(
      1, at: Int(try table.scalar(0, as: UInt32.self) ?? 0), "operator code")
    guard
      try code.operatorNumber() == BuiltinOperator.dequantize.rawValue,
      let input = try table.scalars(1, of: Int32.self)?.first,
      let output = try table.scalars(2, of: Int32.self)?.first,
      !graph.outputs.contains(Int(output))
    else { return false }
    let source = try subgraph.table(0, at: Int(input), "tensor \(input)")
    let result = try subgraph.table(0, at: Int(output), "tensor \(output)")
    guard
      try source.scalar(1, as: Int8.self) == ElementType.float16.rawValue,
      try result.scalar(1, as: Int8.self) ?? 0 == ElementType.float32.rawValue,
      try source.reference(TensorField.sparsity) == nil,
      let halves = try constant(of: source)
    else { return false }
    let count = halves.byteCount / 2
    let singles = unsafe [UInt8](unsafeUninitializedCapacity: 4 * count) { bytes, size in
      for index in 0..<count {
        let half = unsafe halves.unsafeLoadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        let single = Float(Float16(bitPattern: UInt16(littleEndian: half))).bitPattern
        unsafe UnsafeMutableRawBufferPointer(bytes).storeBytes(
          of: single.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
      }
      size = 4 * count
    }
    buffers.append(.new(built.table([.reference(.new(built.vector(of: singles)))])))
    var fields = try result.fields(.tensor)
    fields[TensorField.buffer] = .int32(Int32(buffers.count - 1))
    tensors[Int(output)] = .new(built.table(fields))
    return true
  }

  /// The value of a tensor that has one in the file.
  @_lifetime(copy self)
  private func constant(of tensor: FlatBufferTable) throws(MetadataError) -> RawSpan? {
    let number = Int(try tensor.scalar(TensorField.buffer, as: UInt32.self) ?? 0)
    guard number > 0 else { return nil }
    let buffer = try model.table(4, at: number, "buffer \(number)")
    if let data = try buffer.bytes(0), data.byteCount > 0 { return data }
    let offset = Int(clamping: try buffer.scalar(1, as: UInt64.self) ?? 0)
    let count = Int(clamping: try buffer.scalar(2, as: UInt64.self) ?? 0)
    guard offset > 1, count > 0 else { return nil }
    try model.buffer.check(offset, count, "buffer \(number)")
    return model.buffer.bytes.extracting(offset..<offset + count)
  }

  /// Whether a tensor has its value in the file; the runtime hands those out itself.
  private func isConstant(_ tensor: Int) throws(MetadataError) -> Bool {
    let table = try subgraph.table(0, at: tensor, "tensor \(tensor)")
    return try constant(of: table) != nil
  }

  /// The new tables, with everything that leads to them.
  mutating func prefix() throws(MetadataError) -> [UInt8] {
    var newSubgraph = try subgraph.fields(.subgraph)
    newSubgraph[0] = list(tensors)
    newSubgraph[2] = list(outputs)
    newSubgraph[3] = list(operators)
    var subgraphs = try model.references(2)
    subgraphs[graph.subgraph] = .new(built.table(newSubgraph))
    var newModel = try model.fields(.model)
    newModel[1] = list(operatorCodes)
    newModel[2] = list(subgraphs)
    newModel[4] = list(buffers)
    newModel[7] = list([.new(try signature())])
    let root = built.table(newModel)
    return built.bytes(root: root, identifier: ModelFile.identifier)
  }

  // MARK: Parts

  /// A signature of all inputs and outputs; the runtime tells them apart by their names.
  private mutating func signature() throws(MetadataError) -> FlatBufferPrefix.Part {
    var inputs: [FlatBufferPrefix.Target] = []
    for (place, tensor) in graph.inputs.enumerated() {
      inputs.append(tensorMap("input_\(place)", tensor))
    }
    var names: Set<String> = []
    var maps: [FlatBufferPrefix.Target] = []
    for (place, tensor) in outputs.enumerated() {
      var name = graph.outputNames[place] ?? "output_\(place)"
      while !names.insert(name).inserted { name += "_\(place)" }
      maps.append(tensorMap(name, tensor))
    }
    let key = built.string("serving_default")
    let (inputList, outputList) = (list(inputs), list(maps))
    return built.table([
      inputList, outputList, .reference(.new(key)), .none, .int32(Int32(graph.subgraph)),
    ])
  }

  private mutating func tensorMap(_ name: String, _ tensor: Int) -> FlatBufferPrefix.Target {
    let text = built.string(name)
    return .new(built.table([.reference(.new(text)), .int32(Int32(tensor))]))
  }

  /// Throws where an operator has options behind the FlatBuffer, whose place would be another.
  private func checkOperators() throws(MetadataError) {
    for index in operators.indices {
      let options = try subgraph.table(3, at: index, "operator \(index)").scalar(9, as: UInt64.self)
      guard options ?? 0 <= 1 else {
        throw .invalid(
          part: "operator \(index)", found: "one with options behind the FlatBuffer",
          needed: "one with options inside")
      }
    }
  }

  private mutating func list(_ targets: [FlatBufferPrefix.Target]) -> FlatBufferPrefix.Field {
    .reference(.new(built.vector(of: targets)))
  }

  private mutating func list(_ numbers: [Int]) -> FlatBufferPrefix.Field {
    .reference(.new(built.vector(of: numbers.map { Int32(clamping: $0) })))
  }
}

/// The numbers of the fields of a tensor.
private enum TensorField {
  static let shape = 0
  static let buffer = 2
  static let isVariable = 5
  static let sparsity = 6
  static let shapeSignature = 7
  static let variantTensors = 9
  static let externalBuffer = 10
}
