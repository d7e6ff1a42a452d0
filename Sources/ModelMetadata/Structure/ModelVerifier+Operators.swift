// What the kernels of common operators take for granted. Each check gives the shape that the operator
// really computes, since some kernels trust what the file declares, and those that follow rely on it.

extension ModelVerifier {
  /// Checks one operator; notes in `tensors` the shape that it gives its output.
  mutating func verify(
    _ record: OperatorRecord, _ table: FlatBufferTable, _ tensors: inout [TensorRecord],
    subgraph: Int
  ) throws(MetadataError) {
    guard let kind = record.kind else { return }
    let operation = Operation(record: record, table: table, tensors: tensors)
    let shape: [Int]?
    switch kind {
    case .conv2D, .depthwiseConv2D, .transposeConv, .averagePool2D, .maxPool2D, .l2Pool2D:
      shape = try operation.windowShape(kind)
    case .fullyConnected: shape = try operation.fullyConnectedShape()
    case .add: shape = try operation.arithmeticShape(11)
    case .mul: shape = try operation.arithmeticShape(21)
    case .sub: shape = try operation.arithmeticShape(28)
    case .div: shape = try operation.arithmeticShape(29)
    case .maximum, .minimum, .squaredDifference, .pow, .floorDiv, .floorMod, .prelu, .equal,
      .notEqual, .less, .lessEqual, .greater, .greaterEqual, .logicalAnd, .logicalOr:
      shape = try operation.broadcastShape()
    case .abs, .cast, .ceil, .cos, .dequantize, .elu, .exp, .floor, .gelu, .hardSwish, .leakyRelu,
      .l2Normalization, .log, .logSoftmax, .logicalNot, .logistic, .neg, .quantize, .relu,
      .relu0To1, .relu6, .reluN1To1, .round, .rsqrt, .sign, .sin, .softmax, .sqrt, .square, .tanh,
      .zerosLike:
      shape = try operation.input(0).shape
    case .localResponseNormalization:
      let options = try operation.options(13)
      try options.integer(0, as: Int32.self, in: 0...Self.rankLimit << 8, "the radius")
      shape = try operation.extents(0, rank: 4)
    case .shape: shape = try operation.input(0).rank.map { [$0] } ?? [TensorRecord.open]
    case .densify: shape = try operation.densifiedShape()
    case .reshape, .squeeze, .expandDims:
      try operation.checkSameType()
      shape =
        switch kind {
        case .reshape: try operation.reshapedShape()
        case .squeeze: try operation.squeezedShape()
        default: try operation.expandedShape()
        }
    case .transpose: shape = try operation.transposedShape()
    case .slice: shape = try operation.slicedShape()
    case .stridedSlice: shape = try operation.stridedSliceShape()
    case .concatenation: shape = try operation.concatenatedShape()
    case .pack: shape = try operation.packedShape()
    case .unpack, .split, .splitV: shape = try operation.partShape(kind)
    case .gather: shape = try operation.gatheredShape()
    case .mean, .sum, .reduceProd, .reduceMax, .reduceMin, .reduceAny, .reduceAll:
      shape = try operation.reducedShape()
    case .argMax, .argMin, .cumsum, .reverseV2:
      shape = try operation.checkAxes(kind)
    case .pad, .padv2, .mirrorPad: shape = try operation.paddedShape(kind)
    case .resizeBilinear, .resizeNearestNeighbor: shape = try operation.resizedShape()
    case .depthToSpace, .spaceToDepth: shape = try operation.blockShape(kind)
    case .spaceToBatchNd, .batchToSpaceNd: shape = try operation.checkBlocks()
    case .tile: shape = try operation.tiledShape()
    case .fill, .broadcastTo: shape = try operation.statedShape(kind == .fill ? 0 : 1)
    case .oneHot: shape = try operation.oneHotShape()
    case .topkV2: shape = try operation.topShape()
    case .reverseSequence: shape = try operation.reversedSequenceShape()
    case .if, .while, .callOnce, .stablehloComposite, .stablehloWhile, .stablehloReduce,
      .stablehloReduceWindow, .stablehloScatter, .stablehloSort:
      try noteCalls(kind, record, table, subgraph: subgraph)
      shape = nil
    default: shape = nil
    }
    // What an open extent reaches is open, whatever the file says of it.
    let isReached = record.inputs.contains { $0 >= 0 && !tensors[$0].isKnown }
    for output in record.outputs where isReached && tensors[output].isKnown {
      tensors[output].shape = tensors[output].shape?.map { _ in TensorRecord.open }
    }
    guard let shape, let output = record.outputs.first else { return }
    try checkShape(shape, "what \(record.name) computes")
    tensors[output].shape = shape
  }

  /// Notes which subgraphs an operator hands control to.
  private mutating func noteCalls(
    _ kind: BuiltinOperator, _ record: OperatorRecord, _ table: FlatBufferTable, subgraph: Int
  ) throws(MetadataError) {
    let (isNewer, number, fields): (Bool, UInt8, [Int]) =
      switch kind {
      case .if: (false, 92, [0, 1])
      case .while: (false, 93, [0, 1])
      case .callOnce: (false, 103, [0])
      case .stablehloReduce: (true, 6, [1])
      case .stablehloScatter: (true, 7, [6])
      case .stablehloReduceWindow: (true, 13, [5])
      case .stablehloSort: (true, 14, [2])
      case .stablehloWhile: (true, 15, [0, 1])
      default: (true, 21, [1])
      }
    let typeField = isNewer ? 11 : 3
    guard try table.scalar(typeField, as: UInt8.self) == number,
      let options = try table.table(typeField + 1, "options of \(record.name)")
    else { throw .missing(part: "options for \(record.name)") }
    for field in fields {
      let callee = Int(try options.scalar(field, as: Int32.self) ?? 0)
      try checkIndex(callee, calls.count, "the subgraph of \(record.name)")
      calls[subgraph].append(callee)
    }
  }
}
