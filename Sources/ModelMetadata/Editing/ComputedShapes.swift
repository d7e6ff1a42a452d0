extension BuiltinOperator {
  /// The inputs whose values, not only whose shapes, decide about the shape of what is computed; `nil`
  /// for operators whose shape no input tells before they run.
  ///
  /// These are the kernels that call `SetTensorToDynamic` (tflite/kernels).
  private var shapeParameters: [Int]? {
    switch self {
    case .if, .while, .readVariable, .stablehloCase, .stablehloComposite, .stablehloWhile, .unique,
      .where, .nonMaxSuppressionV4, .nonMaxSuppressionV5, .custom,
      .placeholderForGreaterOpCodes, .call:
      nil
    case .argMax, .argMin, .broadcastTo, .expandDims, .mean, .sum, .reduceProd, .reduceMax,
      .reduceMin, .reduceAny, .reduceAll, .mirrorPad, .oneHot, .pad, .padv2, .reshape,
      .resizeBilinear, .resizeNearestNeighbor, .rfft2d, .segmentSum, .sparseToDense, .tile,
      .topkV2, .transpose:
      [1]
    case .conv3DTranspose, .fill, .randomStandardNormal, .randomUniform, .split, .transposeConv:
      [0]
    case .batchToSpaceNd, .dilate, .slice, .spaceToBatchNd, .splitV, .unsortedSegmentMax,
      .unsortedSegmentMin, .unsortedSegmentProd, .unsortedSegmentSum:
      [1, 2]
    case .range: [0, 1, 2]
    case .scatterNd: [2]
    case .stridedSlice: [1, 2, 3]
    default: []
    }
  }

  /// Whether the shape of what an operator computes may be known only when it runs.
  static func computesShape(_ record: OperatorRecord, _ tensors: [TensorRecord]) -> Bool {
    guard let parameters = record.kind?.shapeParameters else { return true }
    return parameters.contains { index in
      record.hasInput(index) && tensors[record.inputs[index]].data == nil
    }
  }
}
