/// The graph of a model that is run: the one that a signature names, or else subgraph 0.
struct MainGraph: Hashable, Sendable {
  /// The number of the subgraph.
  let subgraph: Int
  /// The numbers of the tensors that go in.
  let inputs: [Int]
  /// The numbers of the tensors that come out; one tensor may come out several times.
  let outputs: [Int]
  /// The names that the signature gives the outputs, as far as it has any.
  let outputNames: [String?]
  /// For each output, its place among the subgraph's outputs, which is its place in the metadata.
  let outputPlaces: [Int]
  /// Whether the model's first signature names exactly the inputs and outputs, or there is none.
  let isDescribedBySignature: Bool

  /// Finds the graph.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - name: The signature to run, or `nil` for the first.
  /// - Throws: ``MetadataError/noSuchSignature(name:available:)`` among others.
  init(of model: FlatBufferTable, signature name: String? = nil) throws(MetadataError) {
    let subgraphCount = try model.tableCount(2) ?? 0
    guard subgraphCount > 0 else { throw .missing(part: "subgraph") }
    let place: Int? = if let name { try model.signaturePlace(named: name) } else { nil }
    let (chosen, count) = (place ?? 0, try model.tableCount(7) ?? 0)
    let number =
      count == 0
      ? nil
      : Int(try model.table(7, at: chosen, "signature \(chosen)").scalar(4, as: UInt32.self) ?? 0)
    // A signature of a subgraph that is not there is reported as a defect.
    guard let number, number < subgraphCount else {
      subgraph = 0
      (inputs, outputs) = try Self.border(of: model, 0)
      outputNames = outputs.map { _ in nil }
      outputPlaces = Array(outputs.indices)
      isDescribedBySignature = true
      return
    }
    let signature = try model.table(7, at: chosen, "signature \(chosen)")
    subgraph = number
    let border = try Self.border(of: model, number)
    let namedInputs = try signature.tensorMap(0, "input of signature \(chosen)")
    let named = try signature.tensorMap(1, "output of signature \(chosen)")
    inputs = border.inputs
    // A signature may name one tensor twice where the graph lists it once.
    let repeats =
      named.count > border.outputs.count
      && Set(named.map(\.tensor)).isSubset(of: border.outputs)
      && Set(border.outputs).isSubset(of: named.map(\.tensor))
    // Where signatures share a graph, each has its own part of the outputs.
    let isShared = try Self.isShared(number, beside: chosen, of: count, model)
    let own = border.outputs.filter { Set(named.map(\.tensor)).contains($0) }
    outputs =
      repeats ? named.map(\.tensor) : isShared && !own.isEmpty ? own : border.outputs
    outputPlaces = outputs.map { border.outputs.firstIndex(of: $0) ?? 0 }
    var unused = named
    outputNames = outputs.map { output in
      guard let place = unused.firstIndex(where: { $0.tensor == output }) else { return nil }
      return unused.remove(at: place).name
    }
    isDescribedBySignature =
      chosen == 0 && outputs == border.outputs
      && namedInputs.map(\.tensor).sorted() == inputs.sorted()
      && named.map(\.tensor).sorted() == outputs.sorted()
      && Set(named.map(\.name)).count == named.count
      && Set(namedInputs.map(\.name)).count == namedInputs.count
  }

  /// Whether another signature runs the same graph.
  private static func isShared(
    _ subgraph: Int, beside chosen: Int, of count: Int, _ model: FlatBufferTable
  ) throws(MetadataError) -> Bool {
    for index in 0..<min(count, signatureLimit) where index != chosen {
      let other = try model.table(7, at: index, "signature \(index)")
      if Int(try other.scalar(4, as: UInt32.self) ?? 0) == subgraph { return true }
    }
    return false
  }

  /// The most signatures that are read.
  static let signatureLimit = 64

  /// The most inputs or outputs that are read: several may name one tensor, each with a copy of it.
  static let tensorLimit = 64

  private static func border(
    of model: FlatBufferTable, _ number: Int
  ) throws(MetadataError) -> (inputs: [Int], outputs: [Int]) {
    let subgraph = try model.table(2, at: number, "subgraph \(number)")
    let tensorCount = try subgraph.tableCount(0) ?? 0
    var lists: [[Int]] = []
    for (field, kind) in [(1, "input"), (2, "output")] {
      let indices = try subgraph.scalars(field, of: Int32.self) ?? []
      guard indices.count <= tensorLimit else {
        throw .tooManyEntries(
          part: "list of \(kind)s", count: indices.count, limit: tensorLimit)
      }
      for (place, index) in indices.enumerated() where !(0..<tensorCount).contains(Int(index)) {
        throw .indexOutOfRange(part: "\(kind) \(place)", index: Int(index), count: tensorCount)
      }
      lists.append(indices.map(Int.init))
    }
    return (lists[0], lists[1])
  }
}

extension FlatBufferTable {
  /// Of a model: the place of the signature of that name.
  fileprivate func signaturePlace(named name: String) throws(MetadataError) -> Int {
    var names: [String] = []
    for index in 0..<min(try tableCount(7) ?? 0, MainGraph.signatureLimit) {
      names.append(try table(7, at: index, "signature \(index)").string(2) ?? "")
    }
    guard let place = names.firstIndex(of: name) else {
      throw .noSuchSignature(name: name, available: names)
    }
    return place
  }

  /// Of a signature: names of tensors and their numbers.
  func tensorMap(
    _ field: Int, _ part: String
  ) throws(MetadataError) -> [(name: String, tensor: Int)] {
    let count = try tableCount(field) ?? 0
    guard count <= MainGraph.tensorLimit else {
      throw .tooManyEntries(part: part, count: count, limit: MainGraph.tensorLimit)
    }
    var result: [(name: String, tensor: Int)] = []
    for index in 0..<count {
      let entry = try table(field, at: index, part)
      result.append(
        (try entry.string(0) ?? "", Int(try entry.scalar(1, as: UInt32.self) ?? 0)))
    }
    return result
  }
}
