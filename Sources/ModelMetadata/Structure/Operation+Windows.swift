// Operators that slide a window over an image, and the fully connected layer.

extension Operation {
  /// The output's shape of a convolution or a pooling.
  func windowShape(_ kind: BuiltinOperator) throws(MetadataError) -> [Int]? {
    switch kind {
    case .conv2D: try convolutionShape()
    case .depthwiseConv2D: try depthwiseShape()
    case .transposeConv: try transposedConvolutionShape()
    default: try poolingShape()
    }
  }

  private func convolutionShape() throws(MetadataError) -> [Int]? {
    let options = try options(1)
    let steps = try steps(options, strides: [2, 1], dilations: [5, 4])
    try options.activation(3)
    let image = try input(0, rank: 4)
    let filter = try filter(1, channelAxis: 0)
    guard image.shape[3] % filter.shape[3] == 0, image.shape[3] > 0,
      filter.shape[0] % (image.shape[3] / filter.shape[3]) == 0
    else {
      throw invalid("the filter", "of the shape \(filter.shape)", "one for \(image.shape)")
    }
    try checkBias(2, count: filter.shape[0])
    return try slide(image, window: [filter.shape[1], filter.shape[2]], steps, filter.shape[0])
  }

  private func depthwiseShape() throws(MetadataError) -> [Int]? {
    let options = try options(2)
    let steps = try steps(options, strides: [2, 1], dilations: [6, 5])
    try options.activation(4)
    let multiplier = try options.integer(
      3, as: Int32.self, in: 0...ModelVerifier.sizeLimit, "the depth multiplier")
    let image = try input(0, rank: 4)
    let filter = try filter(1, channelAxis: 3)
    let channels = image.shape[3]
    guard filter.shape[0] == 1, channels > 0, filter.shape[3] % channels == 0,
      multiplier == 0 || multiplier == filter.shape[3] / channels
    else {
      throw invalid("the filter", "of the shape \(filter.shape)", "one for \(image.shape)")
    }
    try checkBias(2, count: filter.shape[3])
    return try slide(image, window: [filter.shape[1], filter.shape[2]], steps, filter.shape[3])
  }

  private func transposedConvolutionShape() throws(MetadataError) -> [Int]? {
    let options = try options(49)
    _ = try options.padsToSameSize(0)
    _ = try options.extents([1, 2], "the stride")
    try options.activation(3)
    let filter = try filter(1, channelAxis: 0)
    let image = try input(2, rank: 4)
    guard filter.shape[3] == image.shape[3] else {
      throw invalid("the filter", "of the shape \(filter.shape)", "one for \(image.shape)")
    }
    try checkBias(3, count: filter.shape[0])
    let shape = try parameters(0, count: 4...4, in: 1...ModelVerifier.sizeLimit)
    if let shape, shape[0] != image.shape[0] || shape[3] != filter.shape[0] {
      throw invalid("the output's shape", "\(shape)", "one of the image's batch and the filters")
    }
    return shape
  }

  private func poolingShape() throws(MetadataError) -> [Int]? {
    let options = try options(5)
    let steps = try steps(options, strides: [2, 1], dilations: [])
    let window = try options.extents([4, 3], "the window")
    try options.activation(5)
    let image = try input(0, rank: 4)
    return try slide(image, window: window, steps, image.shape[3])
  }

  /// The output's shape of a fully connected layer.
  func fullyConnectedShape() throws(MetadataError) -> [Int]? {
    let options = try options(8, isRequired: false)
    try options.activation(0)
    try options.integer(1, as: Int8.self, in: 0...1, "the format of the weights")
    let keepsAxes = try options.flag(2)
    let weights = try input(1, rank: 2)
    let (units, size) = (weights.shape[0], weights.shape[1])
    let image = try input(0)
    guard units > 0, size > 0, image.rank > 0, image.elementCount % size == 0,
      !keepsAxes || image.shape[image.rank - 1] == size
    else {
      throw invalid("the weights", "of the shape \(weights.shape)", "one for \(image.shape)")
    }
    guard weights.scaleCount <= 1 || weights.quantizedAxis == 0 else {
      throw invalid("the quantized axis", "\(weights.quantizedAxis)", "0")
    }
    try checkBias(2, count: units)
    return keepsAxes ? image.shape.dropLast() + [units] : [image.elementCount / size, units]
  }

  // MARK: Parts

  /// How a window moves, vertically and horizontally.
  private struct Steps {
    let strides: [Int]
    let dilations: [Int]
    let padsToSameSize: Bool
  }

  private func steps(
    _ options: borrowing OperatorOptions, strides: [Int], dilations: [Int]
  ) throws(MetadataError) -> Steps {
    let dilations = try options.extents(dilations, default: 1, "the dilation")
    return Steps(
      strides: try options.extents(strides, "the stride"),
      dilations: dilations.isEmpty ? [1, 1] : dilations,
      padsToSameSize: try options.padsToSameSize(0))
  }

  /// A filter of four axes, none of them empty, quantized along its channels if along any.
  private func filter(_ index: Int, channelAxis: Int) throws(MetadataError) -> TensorRecord {
    let filter = try input(index, rank: 4)
    guard !filter.shape.contains(0) else {
      throw invalid("the filter", "of the shape \(filter.shape)", "one without 0")
    }
    guard filter.scaleCount <= 1 || filter.quantizedAxis == channelAxis else {
      throw invalid(
        "the quantized axis of the filter", "\(filter.quantizedAxis)", "\(channelAxis)")
    }
    return filter
  }

  /// Throws unless the bias, if there is one, has a number for each channel and the type for sums.
  private func checkBias(_ index: Int, count: Int) throws(MetadataError) {
    guard record.hasInput(index) else { return }
    let bias = try input(index)
    guard bias.elementCount == count else {
      throw invalid("the bias", "of the shape \(bias.shape)", "one of \(count) elements")
    }
    let isKnown = [.float32, .float16, .int32, .int64].contains(bias.elementType)
    guard isKnown else {
      throw invalid("the bias", "of type \(bias.elementType)", "float32, int32 or int64")
    }
  }

  private func slide(
    _ image: TensorRecord, window: [Int], _ steps: Steps, _ channels: Int
  ) throws(MetadataError) -> [Int]? {
    var shape = image.shape
    shape[3] = channels
    for axis in 0...1 {
      let covered = steps.padsToSameSize ? 1 : (window[axis] - 1) * steps.dilations[axis] + 1
      let size = (image.shape[axis + 1] - covered) / steps.strides[axis] + 1
      guard image.shape[axis + 1] >= covered || image.isDynamic || image.elementCount == 0 else {
        throw invalid("the window", "\(covered) wide", "at most \(image.shape[axis + 1])")
      }
      shape[axis + 1] = max(size, 0)
    }
    return shape
  }
}
