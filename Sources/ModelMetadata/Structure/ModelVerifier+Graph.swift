/// An operator of a subgraph with its tensors.
struct OperatorRecord {
  /// The number of the operator in its subgraph.
  let index: Int
  let kind: BuiltinOperator?
  /// The numbers of the tensors that it reads, −1 for one that is left out.
  let inputs: [Int]
  /// The numbers of the tensors that it writes.
  let outputs: [Int]

  /// The operator in words; made only for errors, since it costs more than most checks.
  var name: String { "operator \(index) (\(kind.map { "\($0)" } ?? "of an unknown kind"))" }

  /// Whether input `index` is there.
  func hasInput(_ index: Int) -> Bool { inputs.count > index && inputs[index] >= 0 }
}

extension ModelVerifier {
  /// Checks a subgraph; returns its inputs and outputs.
  mutating func verify(
    _ subgraph: FlatBufferTable, _ number: Int
  ) throws(MetadataError) -> (inputs: [Int], outputs: [Int]) {
    var tensors: [TensorRecord] = []
    let tensorCount = try subgraph.tableCount(0) ?? 0
    try charge(tensorCount)
    tensors.reserveCapacity(tensorCount)
    for index in 0..<tensorCount {
      tensors.append(try tensor(index, of: subgraph))
    }
    if number == graph.subgraph { rounding = Rounding(of: tensors) }
    let inputs = try list(1, of: subgraph, as: Int32.self).map(Int.init)
    let outputs = try list(2, of: subgraph, as: Int32.self).map(Int.init)

    if number == graph.subgraph {
      // One image at a time is embedded, whatever a batch is left open for.
      for input in inputs where tensors.indices.contains(input) {
        if tensors[input].shape?.first == TensorRecord.open { tensors[input].shape?[0] = 1 }
      }
    }
    // What has a value before the first operator runs, or needs none.
    var isWritten = tensors.map { $0.data != nil || $0.isVariable || $0.elementCount == 0 }
    for (place, input) in inputs.enumerated() {
      let name = "input \(place) of subgraph \(number)"
      try checkIndex(input, tensors.count, name)
      guard tensors[input].data == nil else {
        throw .invalid(part: name, found: "a constant", needed: "a tensor that can be written")
      }
      isWritten[input] = true
    }
    let operatorCount = try subgraph.tableCount(3) ?? 0
    try charge(operatorCount)
    for index in 0..<operatorCount {
      let table = try subgraph.table(3, at: index, "operator \(index)")
      let record = try operatorRecord(table, index, tensors.count)
      for input in record.inputs where input >= 0 && !isWritten[input] {
        throw .invalid(
          part: "an input of \(record.name)", found: "tensor \(input), which nothing has written",
          needed: "an input, a constant or what an earlier operator writes")
      }
      for output in record.outputs {
        // Several kernels leave an output out by naming one of no elements.
        guard !isWritten[output] || tensors[output].elementCount == 0 else {
          throw .invalid(
            part: "an output of \(record.name)", found: "tensor \(output), which has a value",
            needed: "a tensor of its own")
        }
        isWritten[output] = true
      }
      if number == graph.subgraph, BuiltinOperator.computesShape(record, tensors) {
        outputsNeedCopies = true
        shapeOperators.append(record.name)
      }
      try verify(record, table, &tensors, subgraph: number)
    }
    if number == graph.subgraph, !Set(inputs).isDisjoint(with: outputs) { outputsNeedCopies = true }
    for (place, output) in outputs.enumerated() {
      let name = "output \(place) of subgraph \(number)"
      try checkIndex(output, tensors.count, name)
      guard isWritten[output] else {
        throw .invalid(
          part: name, found: "tensor \(output), which nothing writes",
          needed: "what an operator writes")
      }
    }
    return (inputs, outputs)
  }

  private mutating func operatorRecord(
    _ table: FlatBufferTable, _ index: Int, _ tensorCount: Int
  ) throws(MetadataError) -> OperatorRecord {
    let code = Int(try table.scalar(0, as: UInt32.self) ?? 0)
    try checkIndex(code, kinds.count, "the code of operator \(index)")
    let kind = kinds[code]
    try checkSupport(kind, code, index)
    let record = OperatorRecord(
      index: index, kind: kind, inputs: try list(1, of: table, as: Int32.self).map(Int.init),
      outputs: try list(2, of: table, as: Int32.self).map(Int.init))
    let arity = kind.map(OperatorArity.init(of:))
    for (place, input) in record.inputs.enumerated() {
      let isOptional = arity == nil || kind == .custom || arity?.optionalInput == place
      if input == -1, isOptional { continue }
      try checkIndex(input, tensorCount, "input \(place) of \(record.name)")
    }
    for (place, output) in record.outputs.enumerated() {
      try checkIndex(output, tensorCount, "output \(place) of \(record.name)")
    }
    if let arity {
      try checkCount(record.inputs.count, arity.inputs, "the number of inputs of \(record.name)")
      try checkCount(record.outputs.count, arity.outputs, "the number of outputs of \(record.name)")
    }
    return record
  }

  private func checkCount(
    _ count: Int, _ range: ClosedRange<Int>, _ part: @autoclosure () -> String
  ) throws(MetadataError) {
    guard !range.contains(count) else { return }
    let needed =
      range.upperBound == Int.max
      ? "at least \(range.lowerBound)"
      : range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    throw .invalid(part: part(), found: "\(count)", needed: needed)
  }

  func checkIndex(
    _ index: Int, _ count: Int, _ part: @autoclosure () -> String
  ) throws(MetadataError) {
    guard (0..<count).contains(index) else {
      throw .indexOutOfRange(part: part(), index: index, count: count)
    }
  }
}
