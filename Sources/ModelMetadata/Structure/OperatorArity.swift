/// How many tensors an operator reads and writes: what its implementation takes for granted.
struct OperatorArity {
  let inputs: ClosedRange<Int>
  let outputs: ClosedRange<Int>
  /// The one input that may be left out (−1), if there is one.
  let optionalInput: Int?

  private init(
    _ inputs: ClosedRange<Int>, _ outputs: ClosedRange<Int>, optionalInput: Int? = nil
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.optionalInput = optionalInput
  }

  /// Operators of which nothing is known here.
  private static let any = OperatorArity(0...Int.max, 0...Int.max)

  init(of kind: BuiltinOperator) {
    let many = 1...Int.max
    switch kind {
    case .abs, .averagePool2D, .bitcast, .bucketize, .cast, .ceil, .complexAbs, .cos, .densify,
      .depthToSpace, .dequantize, .elu, .exp, .fakeQuant, .floor, .gelu, .hardSwish,
      .hashtableSize, .imag, .l2Normalization, .l2Pool2D, .leakyRelu,
      .localResponseNormalization, .log, .logicalNot, .logistic, .logSoftmax, .matrixDiag,
      .maxPool2D, .neg, .quantize, .randomStandardNormal, .randomUniform, .rank, .readVariable,
      .real, .relu, .relu0To1, .relu6, .reluN1To1, .round, .rsqrt, .shape, .sign, .sin,
      .skipGram, .softmax, .spaceToDepth, .sqrt, .square, .squeeze, .stablehloAbs,
      .stablehloCbrt, .stablehloConvert, .stablehloCosine, .stablehloExponential,
      .stablehloFloor, .stablehloLog, .stablehloLogistic, .stablehloNegate, .stablehloReshape,
      .stablehloRsqrt, .stablehloSlice, .stablehloTanh, .stablehloTranspose,
      .stablehloBroadcastInDim, .tanh, .where, .zerosLike:
      self.init(1...1, 1...1)
    case .reshape:
      self.init(1...2, 1...1)
    case .unpack:
      self.init(1...1, many)
    case .unique:
      self.init(1...1, 2...2)
    case .add, .argMax, .argMin, .atan2, .batchMatmul, .bitwiseXor, .broadcastArgs, .broadcastTo,
      .cumsum, .div, .embeddingLookup, .equal, .expandDims, .fill, .floorDiv, .floorMod, .gather,
      .gatherNd, .greater, .greaterEqual, .less, .lessEqual, .logicalAnd, .logicalOr,
      .matrixSetDiag, .maximum, .mean, .minimum, .mirrorPad, .mul, .multinomial, .notEqual, .pad,
      .pow, .prelu, .reduceAll, .reduceAny, .reduceMax, .reduceMin, .reduceProd, .resizeBilinear,
      .resizeNearestNeighbor, .reverseSequence, .reverseV2, .rfft2d, .rightShift, .segmentSum,
      .squaredDifference, .stablehloAdd, .stablehloAnd, .stablehloCompare, .stablehloConvolution,
      .stablehloDivide, .stablehloDotGeneral, .stablehloGather, .stablehloMaximum,
      .stablehloMinimum, .stablehloMultiply, .stablehloOr, .stablehloPad, .stablehloPower,
      .stablehloRemainder, .stablehloShiftLeft, .stablehloSubtract, .sub, .sum, .tile,
      .transpose:
      self.init(2...2, 1...1)
    case .split:
      self.init(2...2, many)
    case .topkV2:
      self.init(2...2, 2...2)
    case .conv2D, .conv3D:
      self.init(2...3, 1...1, optionalInput: 2)
    case .depthwiseConv2D:
      // Its XNNPACK kernel reads the third number, whether or not it is there.
      self.init(3...3, 1...1, optionalInput: 2)
    case .fullyConnected:
      self.init(2...3, 1...2, optionalInput: 2)
    case .transposeConv, .conv3DTranspose:
      self.init(3...4, 1...1, optionalInput: 3)
    case .batchToSpaceNd, .dilate, .dynamicUpdateSlice, .hashtableFind, .padv2, .range, .scatterNd,
      .select, .selectV2, .slice, .spaceToBatchNd, .stablehloClamp, .stablehloScatter,
      .stablehloSelect, .unsortedSegmentMax, .unsortedSegmentMin, .unsortedSegmentProd,
      .unsortedSegmentSum:
      self.init(3...3, 1...1)
    case .splitV:
      self.init(3...3, many)
    case .hashtableLookup:
      self.init(3...3, 2...2)
    case .lshProjection:
      self.init(2...3, 1...1)
    case .oneHot, .sparseToDense, .stridedSlice:
      self.init(4...4, 1...1)
    case .embeddingLookupSparse, .reduceWindow:
      self.init(5...5, 1...1)
    case .nonMaxSuppressionV4:
      self.init(5...5, 2...2)
    case .nonMaxSuppressionV5:
      self.init(6...6, 3...3)
    case .addN, .concatenation, .concatEmbeddings, .pack, .stablehloConcatenate:
      self.init(many, 1...1)
    case .stablehloDynamicSlice:
      self.init(many, 1...1)
    case .stablehloDynamicUpdateSlice:
      self.init(2...Int.max, 1...1)
    case .if, .while, .stablehloWhile, .stablehloCase:
      self.init(many, 0...Int.max)
    case .assignVariable:
      self.init(2...2, 0...0)
    case .hashtableImport:
      self.init(3...3, 0...0)
    case .hashtable, .varHandle, .stablehloIota:
      self.init(0...0, 1...1)
    case .callOnce:
      self.init(0...0, 0...0)
    default:
      self = .any
    }
  }
}
