import ImageEmbedding

/// Model files: any bytes are reviewed or refused before a runtime would see them.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do {
    let info = try ModelInfo(of: .init(model: .bytes(bytes)))
    #if PLANTED_DEFECT
    if info.file.inputs.count == 2 { fatalError("planted") }
    #endif
    precondition(!info.requirements.isEmpty)
    if let defect = info.file.structuralDefect { precondition(!"\(defect)".isEmpty) }
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
