import CEmbedderLiteRt
import EmbedderInference
package import EmbedderModelMetadata
import EmbedderPlatform
import EmbedderStorage

/// The memory of one input or output, shared with the runtime without copies.
///
/// One thread at a time, like the compiled model that it is used with.
@safe
package final class TensorBuffer {
  let handle: LiteRtTensorBuffer
  private let library: LiteRtLibrary
  private let memory: AlignedBuffer
  /// The number of bytes that hold elements.
  private var byteCount: Int

  /// Makes a buffer for a packed tensor.
  ///
  /// - Parameters:
  ///   - library: The runtime.
  ///   - tensor: Its element type and shape decide the size; the runtime checks neither later.
  ///   - capacity: The number of bytes to have room for, where the tensor may turn out to be larger.
  /// - Throws: ``LiteRtError``: an element type or shape that has no size, no memory, or a refusal.
  package init(
    library: LiteRtLibrary, tensor: TensorDescription, capacity: Int = 0
  ) throws(LiteRtError) {
    byteCount = try tensor.sizeInBytes()
    let capacity = max(capacity, byteCount)
    do {
      var memory = try AlignedBuffer(byteCount: capacity)
      unsafe memory.withUnsafeMutableBytes { bytes in
        _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      }
      self.memory = memory
    } catch {
      throw .outOfMemory(error)
    }
    var type = LiteRtRankedTensorType(tensor.elementType, tensor.shape)
    var handle: LiteRtTensorBuffer?
    // No deallocator: the memory stays ours.
    try library.check(
      "LiteRtCreateTensorBufferFromHostMemory",
      unsafe library.functions.CreateTensorBufferFromHostMemory(
        &type, memory.baseAddress, capacity, nil, &handle))
    guard let handle = unsafe handle else {
      throw .callFailed(
        function: "LiteRtCreateTensorBufferFromHostMemory", .ok, details: "no buffer given")
    }
    unsafe self.handle = handle
    self.library = library
  }

  deinit {
    unsafe library.functions.DestroyTensorBuffer(handle)
  }

  /// The tensor's elements, row-major.
  package var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: memory.baseAddress, byteCount: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Takes the size that a tensor has turned out to have.
  ///
  /// - Throws: ``LiteRtError/bufferSizeMismatch(tensor:required:computed:)`` for one that does not fit.
  func adopt(_ tensor: TensorDescription) throws(LiteRtError) {
    let needed = try tensor.sizeInBytes()
    guard needed <= memory.byteCount else {
      throw .bufferSizeMismatch(
        tensor: tensor.name, required: needed, computed: memory.byteCount)
    }
    byteCount = needed
  }

  /// Overwrites all elements with one byte.
  func fill(with byte: UInt8) {
    unsafe memset(memory.baseAddress, CInt(byte), byteCount)
  }

  /// Whether nothing was written over a fill, or, where `elementByteCount` bytes that kept it are
  /// telling enough, not everything was.
  func isLeft(filledWith byte: UInt8, elementByteCount: Int) -> Bool {
    let bytes = bytes
    if elementByteCount == 4 {
      let word = UInt32(byte) * 0x0101_0101
      for place in stride(from: 0, to: byteCount - 3, by: 4)
      where unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt32.self) == word {
        return true
      }
      return false
    }
    for place in 0..<byteCount
    where unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self) != byte {
      return false
    }
    return true
  }

  /// Calls `body` with the tensor's elements for writing.
  package func withMutableBytes<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var bytes = unsafe MutableRawSpan(
      _unsafeStart: memory.baseAddress, byteCount: byteCount)
    try body(&bytes)
  }
}

extension TensorDescription {
  /// The number of bytes of the packed tensor.
  ///
  /// - Throws: ``LiteRtError/unsupportedTensor(name:reason:)`` for one without a size.
  func sizeInBytes() throws(LiteRtError) -> Int {
    if let byteCount { return byteCount }
    let reason =
      elementType.byteCount == nil
      ? "its elements are of type \(elementType)" : "its shape is \(shape)"
    throw .unsupportedTensor(name: name, reason: reason)
  }
}
