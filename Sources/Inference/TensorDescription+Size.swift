package import EmbedderModelMetadata

extension ElementType {
  /// The size of one element, for the types that an embedder reads or writes.
  package var byteCount: Int? {
    switch self {
    case .uint8, .int8: 1
    case .float32: 4
    default: nil
    }
  }
}

extension TensorDescription {
  /// The number of bytes of the packed tensor, or `nil` for element types that an embedder does not use,
  /// extents below 1 and sizes beyond 32 bits, in which engines count.
  package var byteCount: Int? {
    guard var count = elementType.byteCount else { return nil }
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product <= Int(Int32.max) else { return nil }
      count = product
    }
    return count
  }
}

extension ModelFile {
  /// The shapes of the input to make a model ready for before an image says which one it has: the only one
  /// of a fixed input, else the commonest sizes.
  package var initialInputShapes: [[Int]] {
    guard let input = inputs.first else { return [[]] }
    var shapes: [[Int]] = []
    for extent in [224, 256, 128, 64, 32, 512, 1] {
      let shape = input.shape(openExtent: extent)
      if !shapes.contains(shape) { shapes.append(shape) }
    }
    return shapes
  }
}
