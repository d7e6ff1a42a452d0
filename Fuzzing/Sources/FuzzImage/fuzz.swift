import ImageEmbedding

/// Encoded images: any bytes decode or throw, within the limits.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
  var options = DecodingOptions()
  // Small enough that the fuzzer spends its time on structure and not on filling memory.
  options.limits.pixelCount = 1 << 20
  options.allowsTruncated = count.isMultiple(of: 2)
  options.decodesJPEGAsTaskLibrary = count % 8 < 4
  options.target = count % 4 < 2 ? DecodingTarget(width: 8, height: 6) : nil
  do {
    let image = unsafe try ImageFile.decode(RawSpan(_unsafeBytes: bytes), options: options)
    precondition(image.frame.width * image.frame.height <= options.limits.pixelCount)
    #if PLANTED_DEFECT
    // No seed is of these widths.
    if (96..<128).contains(image.frame.width) { fatalError("planted") }
    #endif
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
