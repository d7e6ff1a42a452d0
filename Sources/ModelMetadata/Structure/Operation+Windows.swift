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
    let image = try extents(0, rank: 4)
    let filter = try filter(1, channelAxis: 0)
    let channels = image[3]
    let isFitting =
      channels == TensorRecord.open || filter.contains(TensorRecord.open)
      || (channels % filter[3] == 0 && channels > 0 && filter[0] % (channels / filter[3]) == 0)
    guard isFitting else {
      throw invalid("the filter", "of the shape \(filter)", "one for \(image)")
    }
    try checkBias(2, count: filter[0])
    return try slide(image, window: [filter[1], filter[2]], steps, filter[0])
  }

  private func depthwiseShape() throws(MetadataError) -> [Int]? {
    let options = try options(2)
    let steps = try steps(options, strides: [2, 1], dilations: [6, 5])
    try options.activation(4)
    let multiplier = try options.integer(
      3, as: Int32.self, in: 0...ModelVerifier.sizeLimit, "the depth multiplier")
    let image = try extents(0, rank: 4)
    let filter = try filter(1, channelAxis: 3)
    let channels = image[3]
    let isFitting =
      channels == TensorRecord.open || filter[3] == TensorRecord.open
      || (channels > 0 && filter[3] % channels == 0
        && (multiplier == 0 || multiplier == filter[3] / channels))
    guard canAgree(filter[0], 1), isFitting else {
      throw invalid("the filter", "of the shape \(filter)", "one for \(image)")
    }
    try checkBias(2, count: filter[3])
    return try slide(image, window: [filter[1], filter[2]], steps, filter[3])
  }

  private func transposedConvolutionShape() throws(MetadataError) -> [Int]? {
    let options = try options(49)
    _ = try options.padsToSameSize(0)
    _ = try options.extents([1, 2], "the stride")
    try options.activation(3)
    let filter = try filter(1, channelAxis: 0)
    let image = try extents(2, rank: 4)
    guard canAgree(filter[3], image[3]) else {
      throw invalid("the filter", "of the shape \(filter)", "one for \(image)")
    }
    try checkBias(3, count: filter[0])
    let shape = try parameters(0, count: 4...4, in: 1...ModelVerifier.sizeLimit)
    if let shape, !canAgree(shape[0], image[0]) || !canAgree(shape[3], filter[0]) {
      throw invalid("the output's shape", "\(shape)", "one of the image's batch and the filters")
    }
    return shape
  }

  private func poolingShape() throws(MetadataError) -> [Int]? {
    let options = try options(5)
    let steps = try steps(options, strides: [2, 1], dilations: [])
    let window = try options.extents([4, 3], "the window")
    try options.activation(5)
    let image = try extents(0, rank: 4)
    return try slide(image, window: window, steps, image[3])
  }

  /// The output's shape of a fully connected layer.
  func fullyConnectedShape() throws(MetadataError) -> [Int]? {
    let options = try options(8, isRequired: false)
    try options.activation(0)
    try options.integer(1, as: Int8.self, in: 0...1, "the format of the weights")
    let keepsAxes = try options.flag(2)
    let weights = try input(1)
    let extents = try extents(1, rank: 2)
    let (units, size) = (extents[0], extents[1])
    let image = try input(0)
    let isFitting =
      size == TensorRecord.open || (size > 0 && (image.elementCount.map { $0 % size == 0 } ?? true))
    guard units != 0, isFitting, image.rank != 0,
      !keepsAxes || canAgree(image.shape?.last ?? TensorRecord.open, size)
    else {
      throw invalid("the weights", "of the shape \(extents)", "one for \(image.shapeText)")
    }
    guard weights.scaleCount <= 1 || weights.quantizedAxis == 0 else {
      throw invalid("the quantized axis", "\(weights.quantizedAxis)", "0")
    }
    try checkBias(2, count: units)
    if keepsAxes { return image.shape.map { $0.dropLast() + [units] } }
    let count = size == TensorRecord.open ? nil : image.elementCount.map { $0 / size }
    return [count ?? TensorRecord.open, units]
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

  /// The extents of a filter of four axes, none of them empty, quantized along its channels if along
  /// any.
  private func filter(_ index: Int, channelAxis: Int) throws(MetadataError) -> [Int] {
    let filter = try input(index)
    let extents = try extents(index, rank: 4)
    guard !extents.contains(0) else {
      throw invalid("the filter", "of the shape \(extents)", "one without 0")
    }
    guard filter.scaleCount <= 1 || filter.quantizedAxis == channelAxis else {
      throw invalid(
        "the quantized axis of the filter", "\(filter.quantizedAxis)", "\(channelAxis)")
    }
    return extents
  }

  /// Throws unless the bias, if there is one, has a number for each channel and the type for sums.
  private func checkBias(_ index: Int, count: Int) throws(MetadataError) {
    guard record.hasInput(index) else { return }
    let bias = try input(index)
    guard canAgree(bias.elementCount ?? TensorRecord.open, count) else {
      throw invalid("the bias", "of the shape \(bias.shapeText)", "one of \(count) elements")
    }
    let isKnown = [.float32, .float16, .int32, .int64].contains(bias.elementType)
    guard isKnown else {
      throw invalid("the bias", "of type \(bias.elementType)", "float32, int32 or int64")
    }
  }

  private func slide(
    _ image: [Int], window: [Int], _ steps: Steps, _ channels: Int
  ) throws(MetadataError) -> [Int]? {
    var shape = image
    shape[3] = channels
    for axis in 0...1 {
      let extent = image[axis + 1]
      guard extent != TensorRecord.open, window[axis] != TensorRecord.open else {
        shape[axis + 1] = TensorRecord.open
        continue
      }
      let covered = steps.padsToSameSize ? 1 : (window[axis] - 1) * steps.dilations[axis] + 1
      guard extent >= covered || image.contains(0) else {
        throw invalid("the window", "\(covered) wide", "at most \(extent)")
      }
      shape[axis + 1] = max((extent - covered) / steps.strides[axis] + 1, 0)
    }
    return shape
  }
}
