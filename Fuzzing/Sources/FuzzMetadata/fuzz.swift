import ImageEmbedding

/// Model metadata: any bytes are read or refused.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
  do {
    let metadata = unsafe try TFLiteMetadata(reading: RawSpan(_unsafeBytes: bytes))
    #if PLANTED_DEFECT
    if !metadata.associatedFiles.isEmpty { fatalError("planted") }
    #endif
    _ = metadata.hashValue
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
