/// Checks what the runtime takes on trust once the FlatBuffers verifier has passed a model.
///
/// It refuses only what the runtime would crash on or answer wrongly. An extent that the file leaves
/// open is not known before an image comes, and what follows from it is not checked here: the runtime
/// does that with the real extents.
///
/// That verifier looks at offsets and lengths only. What the numbers mean is left to the kernels, which
/// check some of it and read or write beyond their tensors for the rest. So everything that one part of
/// a model says about another is held together here, before a runtime sees a byte. It costs time in
/// proportion to the file's size, however often its tables are shared.
struct ModelVerifier: ~Escapable {
  let buffer: FlatBuffer
  private let model: FlatBufferTable
  /// Where the data of each of the model's buffers are, or `nil` where it has none.
  private(set) var buffers: [Range<Int>?] = []
  /// What each of the model's operator codes stands for; `nil` for those that are newer than this.
  private(set) var kinds: [BuiltinOperator?] = []
  /// The names of operators beyond the schema's, by the number of their code.
  private(set) var customNames: [Int: String] = [:]
  /// Which subgraphs each subgraph hands control to.
  var calls: [[Int]] = []
  /// The graph that is run.
  let graph: MainGraph
  /// Whether a shape in that graph may be known only when it runs, or an output is an input.
  var outputsNeedCopies = false
  /// The operators of that graph that give what only the run tells the shape of.
  var shapeOperators: [String] = []
  /// What that graph rounds to on its way.
  var rounding = Rounding.none
  /// How many more list entries may be read.
  private var allowance: Int

  /// What is found out about a model.
  struct Verdict {
    /// The first thing for which no runtime should see it.
    let defect: MetadataError?
    /// Whether the outputs of its main graph have to be copied.
    let outputsNeedCopies: Bool
    /// The operators of its main graph that give what only the run tells the shape of.
    let shapeOperators: [String]
    /// What its main graph rounds to on its way.
    let rounding: Rounding
    /// The names of operators beyond the schema's.
    let customOperators: [String]
  }

  /// Looks at a model.
  static func verdict(on model: FlatBufferTable, _ graph: MainGraph) -> Verdict {
    var verifier = ModelVerifier(model, graph)
    var defect: MetadataError?
    do throws(MetadataError) {
      try verifier.verify()
    } catch {
      defect = error
    }
    return Verdict(
      defect: defect, outputsNeedCopies: verifier.outputsNeedCopies,
      shapeOperators: verifier.shapeOperators, rounding: verifier.rounding,
      customOperators: Set(verifier.customNames.values).sorted())
  }

  @_lifetime(copy model)
  private init(_ model: FlatBufferTable, _ graph: MainGraph) {
    self.model = model
    self.graph = graph
    buffer = model.buffer
    // Honest files have at least four bytes for an entry.
    allowance = model.buffer.bytes.byteCount
  }

  private mutating func verify() throws(MetadataError) {
    try readBuffers()
    try readOperatorCodes()
    let subgraphCount = try model.tableCount(2) ?? 0
    calls = Array(repeating: [], count: subgraphCount)
    var borders: [(inputs: [Int], outputs: [Int])] = []
    for index in 0..<subgraphCount {
      let subgraph = try model.table(2, at: index, "subgraph \(index)")
      borders.append(try verify(subgraph, index))
    }
    try checkCalls()
    try checkSignatures(borders)
    try checkMetadata()
  }

  /// The entries of a list, charged to the allowance.
  mutating func list<Scalar: FlatBufferScalar>(
    _ field: Int, of table: FlatBufferTable, as type: Scalar.Type
  ) throws(MetadataError) -> [Scalar] {
    let scalars = try table.scalars(field, of: type, limit: allowance) ?? []
    try charge(scalars.count)
    return scalars
  }

  /// Notes that `count` more entries were looked at, and throws where no honest file has so many.
  mutating func charge(_ count: Int) throws(MetadataError) {
    allowance -= count
    guard allowance >= 0 else {
      let limit = buffer.bytes.byteCount
      throw .tooManyEntries(part: "its lists together", count: limit - allowance, limit: limit)
    }
  }

  private mutating func readBuffers() throws(MetadataError) {
    for index in 0..<(try model.tableCount(4) ?? 0) {
      let name = "buffer \(index)"
      let table = try model.table(4, at: index, name)
      let offset = try table.scalar(1, as: UInt64.self) ?? 0
      let size = try table.scalar(2, as: UInt64.self) ?? 0
      var range: Range<Int>?
      if let (start, count) = try table.vector(0, stride: 1, limit: .max), count > 0 {
        range = start..<start + count
      }
      // Large models keep data behind the FlatBuffer. An offset of 1 stands for none as yet.
      if offset != 0 {
        try buffer.check(Int(clamping: offset), Int(clamping: size), name)
        guard range == nil || offset == 1 else {
          throw .invalid(part: name, found: "in two places", needed: "one")
        }
        if offset > 1, size > 0 { range = Int(offset)..<Int(offset) + Int(size) }
      }
      buffers.append(range)
    }
  }

  private mutating func readOperatorCodes() throws(MetadataError) {
    for index in 0..<(try model.tableCount(1) ?? 0) {
      let table = try model.table(1, at: index, "operator code \(index)")
      let number = try table.operatorNumber()
      kinds.append(BuiltinOperator(rawValue: number))
      if number == BuiltinOperator.custom.rawValue {
        customNames[index] = try table.string(1) ?? ""
      }
    }
  }

  /// Throws for operators that no runtime of ours has, with the way to a model without them.
  func checkSupport(
    _ kind: BuiltinOperator?, _ code: Int, _ index: Int
  ) throws(MetadataError) {
    switch kind {
    case .placeholderForGreaterOpCodes:
      // The schema's own number for codes that do not fit into its older field.
      throw .unsupported(
        part: "operator \(index)",
        found: "number 127, which old metadata writers leave in place of"
          + " newer operators",
        remedy: "use the file from before metadata were written to it, with --mean and --std"
          + " (Options.normalization)")
    case .lstm, .rnn, .svdf, .unidirectionalSequenceLstm, .unidirectionalSequenceRnn,
      .bidirectionalSequenceLstm, .bidirectionalSequenceRnn:
      // The runtime has no variables to keep their state in; their kernels look for it all the same.
      throw .unsupported(
        part: "operator \(index)", found: kind.map { "\($0)" } ?? "",
        remedy:
          "it keeps a state, which the runtime has no place for; convert the model with"
          + " the recurrent layer unrolled (unroll=True in Keras)")
    case .custom:
      let name = customNames[code] ?? ""
      if name == "edgetpu-custom-op" {
        throw .unsupported(
          part: "operator \(index)", found: "compiled for an Edge TPU",
          remedy: "use the file that it was compiled from, the one without _edgetpu in its name")
      }
      if name.hasPrefix("Flex") {
        throw .unsupported(
          part: "operator \(index)", found: "\(name), which needs TensorFlow itself",
          remedy: "convert the model without SELECT_TF_OPS")
      }
    default: break
    }
  }

  /// Throws where a subgraph leads back to itself, which would never end.
  private func checkCalls() throws(MetadataError) {
    var isDone = Array(repeating: false, count: calls.count)
    var isOpen = isDone
    for start in calls.indices where !isDone[start] {
      var path = [(subgraph: start, next: 0)]
      isOpen[start] = true
      while let (subgraph, next) = path.last {
        guard next < calls[subgraph].count else {
          isOpen[subgraph] = false
          isDone[subgraph] = true
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let callee = calls[subgraph][next]
        guard !isOpen[callee] else {
          throw .invalid(
            part: "subgraph \(callee)", found: "calling itself", needed: "a graph that ends")
        }
        if !isDone[callee] {
          isOpen[callee] = true
          path.append((callee, 0))
        }
      }
    }
  }

  private mutating func checkSignatures(
    _ borders: [(inputs: [Int], outputs: [Int])]
  ) throws(MetadataError) {
    for index in 0..<(try model.tableCount(7) ?? 0) {
      let name = "signature \(index)"
      let signature = try model.table(7, at: index, name)
      let number = Int(try signature.scalar(4, as: UInt32.self) ?? 0)
      guard borders.indices.contains(number) else {
        throw .indexOutOfRange(
          part: "the subgraph of \(name)", index: number, count: borders.count)
      }
      guard try signature.vector(2, stride: 1, limit: FlatBufferTable.stringLimit) != nil else {
        throw .missing(part: "key of \(name)")
      }
      try checkSignature(signature, 0, "input of \(name)", borders[number].inputs)
      try checkSignature(signature, 1, "output of \(name)", borders[number].outputs)
    }
  }

  private mutating func checkSignature(
    _ signature: FlatBufferTable, _ field: Int, _ name: String, _ border: [Int]
  ) throws(MetadataError) {
    let count = try signature.tableCount(field) ?? 0
    // It may list fewer or more than there are: the graph's own lists are used.
    try charge(count)
    let members = Set(border)
    for index in 0..<count {
      let entry = try signature.table(field, at: index, name)
      let tensor = Int(try entry.scalar(1, as: UInt32.self) ?? 0)
      guard members.contains(tensor) else {
        throw .invalid(
          part: "an \(name)", found: "tensor \(tensor)", needed: "one of the subgraph's")
      }
      guard try entry.vector(0, stride: 1, limit: FlatBufferTable.stringLimit) != nil else {
        throw .missing(part: "name for an \(name)")
      }
    }
  }

  private func checkMetadata() throws(MetadataError) {
    for index in 0..<(try model.tableCount(6) ?? 0) {
      let entry = try model.table(6, at: index, "metadata entry \(index)")
      guard try entry.vector(0, stride: 1, limit: FlatBufferTable.stringLimit) != nil else {
        throw .missing(part: "name of metadata entry \(index)")
      }
      let number = Int(try entry.scalar(1, as: UInt32.self) ?? 0)
      guard buffers.indices.contains(number) else {
        throw .indexOutOfRange(
          part: "the buffer of metadata entry \(index)", index: number, count: buffers.count)
      }
    }
  }
}

extension FlatBufferTable {
  /// Of an operator code: the operator's number, which stands in the older field or in the newer one.
  func operatorNumber() throws(MetadataError) -> Int {
    max(Int(try scalar(0, as: Int8.self) ?? 0), Int(try scalar(3, as: Int32.self) ?? 0))
  }
}
