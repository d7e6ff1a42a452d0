import CEmbedderLiteRt
import EmbedderModelMetadata
import EmbedderStorage

extension LiteRtLibrary {
  /// Throws unless a call gave the status "ok".
  ///
  /// - Parameters:
  ///   - name: The function's name, for the message.
  ///   - status: What the call returned.
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)``.
  func check(_ name: String, _ status: Int32) throws(LiteRtError) {
    let status = LiteRtStatus(rawValue: status)
    guard status == .ok else {
      throw .callFailed(function: name, status, details: "")
    }
  }
}

extension ElementType {
  /// The element type of the runtime's number, which is not the schema's.
  init?(liteRt number: LiteRtElementType) {
    guard let match = Self.liteRtNumbers.first(where: { $0.value == number }) else { return nil }
    self = match.key
  }

  /// The runtime's number for the type.
  var liteRt: LiteRtElementType { Self.liteRtNumbers[self] ?? 0 }

  private static let liteRtNumbers: [ElementType: LiteRtElementType] = [
    .float32: 1, .int32: 2, .uint8: 3, .int64: 4, .string: 5, .bool: 6, .int16: 7, .complex64: 8,
    .int8: 9, .float16: 10, .float64: 11, .complex128: 12, .uint64: 13, .resource: 14,
    .variant: 15, .uint32: 16, .uint16: 17, .int4: 18, .bfloat16: 19, .int2: 20, .uint4: 21,
    .float8e4m3: 22, .float8e5m2: 23,
  ]
}

extension LiteRtLayout {
  /// The extents as an array, outermost first.
  var extents: [Int] {
    unsafe withUnsafeBytes(of: dimensions) { bytes in
      (0..<min(Int(rank), Int(kLiteRtMaximumRank))).map { index in
        unsafe Int(bytes.load(fromByteOffset: index * MemoryLayout<Int32>.stride, as: Int32.self))
      }
    }
  }
}

extension LiteRtRankedTensorType {
  /// The type of a packed tensor; what the interface does not use stays zero, as it wants.
  init(_ elementType: ElementType, _ shape: [Int]) {
    self.init()
    element_type = elementType.liteRt
    layout.rank = UInt32(shape.count)
    unsafe withUnsafeMutableBytes(of: &layout.dimensions) { bytes in
      for (index, extent) in shape.enumerated() {
        unsafe bytes.storeBytes(
          of: Int32(extent), toByteOffset: index * MemoryLayout<Int32>.stride, as: Int32.self)
      }
    }
  }
}
