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
