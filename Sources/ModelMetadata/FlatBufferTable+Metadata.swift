/// Of a model: where its TFLite metadata are.
extension FlatBufferTable {
  /// The number of the metadata entry that holds them, the first of that name.
  func metadataIndex() throws(MetadataError) -> Int? {
    for index in 0..<(try tableCount(6) ?? 0) {
      let entry = try table(6, at: index, "metadata entry \(index)")
      // Many entries may share one name, so a long one is not even read.
      guard
        try entry.vector(0, stride: 1, limit: .max)?.count == TFLiteMetadata.entryName.utf8.count,
        try entry.string(0) == TFLiteMetadata.entryName
      else { continue }
      return index
    }
    return nil
  }

  /// The bytes of metadata entry `index`.
  @_lifetime(copy self)
  func metadataBytes(at index: Int) throws(MetadataError) -> RawSpan {
    let entry = try table(6, at: index, "metadata entry \(index)")
    let number = Int(try entry.scalar(1, as: UInt32.self) ?? 0)
    let holder = try table(4, at: number, "metadata buffer")
    if let bytes = try holder.bytes(0) { return bytes }
    // Large models keep buffers behind the FlatBuffer and note where.
    if let offset = try holder.scalar(1, as: UInt64.self), offset > 1 {
      let size = try holder.scalar(2, as: UInt64.self) ?? 0
      let start = Int(clamping: offset)
      let count = Int(clamping: size)
      try buffer.check(start, count, "metadata buffer")
      return buffer.bytes.extracting(start..<start + count)
    }
    return RawSpan()
  }
}
