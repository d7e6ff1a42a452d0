import EmbedderModelMetadata

/// What an output holds.
enum OutputForm: Hashable, Sendable {
  /// One feature vector.
  case vector
  /// A vector for each place of a picture.
  case map(TensorLayout)
  /// A vector for each of a list of parts.
  case tokens
  /// None of these.
  case other

  /// What an output holds by its shape.
  ///
  /// - Parameters:
  ///   - output: The output; an extent that it leaves open may be 1.
  ///   - batch: The number of images of a run, or `nil` where what stands in the file for it need not be
  ///     the number that was traced.
  ///   - layout: Where a map has its channels.
  ///   - mayGrow: Whether its size follows the image's, so that one vector may become several.
  init(_ output: TensorDescription, batch: Int?, layout: TensorLayout, mayGrow: Bool = false) {
    let shape = output.shape
    let isOfBatch = output.isOf(batch: batch)
    let wideCount = shape.indices.dropFirst(shape.count > 1 ? 1 : 0)
      .count { shape[$0] != 1 && !output.isDynamic(axis: $0) }
    switch shape.count {
    case 1... where !isOfBatch: self = .other
    case 4 where mayGrow || wideCount > 1: self = .map(layout)
    case 3 where mayGrow || wideCount > 1: self = .tokens
    case 1... where wideCount <= 1: self = .vector
    default: self = .other
    }
  }

  /// Whether a pooling makes one vector of it.
  func takes(_ pooling: Pooling) -> Bool {
    switch (self, pooling) {
    case (.map, .mean), (.map, .max), (.map, .flatten): true
    case (.tokens, _): true
    default: false
    }
  }

  /// The number of components of the vector that comes of a shape.
  func dimension(of shape: [Int], _ pooling: Pooling?, batch: Int) -> Int {
    switch (self, pooling) {
    case (.map(let layout), .mean), (.map(let layout), .max): shape[layout.channelAxis]
    case (.tokens, .mean), (.tokens, .max), (.tokens, .cls): shape[2]
    default: shape.reduce(1, *) / batch
    }
  }
}

extension TensorDescription {
  /// Whether an output is of a batch of that size, as far as that can be told.
  func isOf(batch: Int?) -> Bool {
    guard let batch, let first = shape.first else { return true }
    return shape.count == 1 ? batch == 1 : first == batch || isDynamic(axis: 0)
  }
}

extension Pooling {
  /// One vector of the numbers of an output.
  ///
  /// - Parameters:
  ///   - values: The numbers of one picture, row-major.
  ///   - form: What they are.
  ///   - dimension: The number of components.
  /// - Returns: As many numbers; `values` themselves where nothing is pooled.
  func vector(of values: [Float], _ form: OutputForm, dimension: Int) -> [Float] {
    guard self != .flatten, dimension > 0, values.count % dimension == 0 else { return values }
    let count = values.count / dimension
    // Steps from one place to the next, and from one channel to the next.
    let (place, channel) =
      switch form {
      case .vector, .other: (0, 0)
      case .map(.nchw): (1, count)
      case .map(.nhwc), .tokens: (dimension, 1)
      }
    guard channel > 0, count > 0 else { return values }
    return (0..<dimension).map { component in
      let start = component * channel
      switch self {
      case .mean:
        var sum = 0.0
        for index in 0..<count { sum += Double(values[start + index * place]) }
        return Float(sum / Double(count))
      case .max:
        var largest = values[start]
        for index in 1..<count {
          let value = values[start + index * place]
          // One that is not a number stays.
          if value > largest || value.isNaN { largest = value }
        }
        return largest
      case .cls, .flatten:
        return values[start]
      }
    }
  }
}
