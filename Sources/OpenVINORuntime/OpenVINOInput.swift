import CEmbedderOpenVINO
import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage

/// The memory of an input of one shape, which OpenVINO reads in place.
///
/// One thread at a time, like the request that it is used with.
@safe
final class OpenVINOInput {
  let shape: [Int]
  let handle: UnsafeMutablePointer<ov_tensor_t>
  private let library: OpenVINOLibrary
  private let memory: AlignedBuffer

  /// Makes zeroed memory for a packed tensor.
  ///
  /// - Throws: ``OpenVINOError``: an element type or shape that has no size, no memory, or a refusal.
  init(library: OpenVINOLibrary, tensor: TensorDescription) throws(OpenVINOError) {
    guard let byteCount = tensor.byteCount else {
      throw .unexpectedTensor(
        name: tensor.name, reason: "its shape is \(tensor.shape) of type \(tensor.elementType)")
    }
    do {
      var memory = try AlignedBuffer(byteCount: byteCount)
      unsafe memory.withUnsafeMutableBytes { bytes in
        _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      }
      self.memory = memory
    } catch {
      throw .outOfMemory(error)
    }
    var handle: UnsafeMutablePointer<ov_tensor_t>?
    var extents = tensor.shape.map(Int64.init)
    let address = unsafe memory.baseAddress
    let status = unsafe extents.withUnsafeMutableBufferPointer { extents in
      unsafe library.functions.tensor_create_from_host_ptr(
        tensor.elementType.openVINO,
        ov_shape_t(rank: Int64(extents.count), dims: extents.baseAddress), address, &handle)
    }
    try library.check("ov_tensor_create_from_host_ptr", status)
    guard let handle = unsafe handle else {
      throw .callFailed(
        function: "ov_tensor_create_from_host_ptr", status: 0, details: "no tensor given")
    }
    unsafe self.handle = handle
    self.library = library
    shape = tensor.shape
  }

  deinit {
    library.release { unsafe library.functions.tensor_free(handle) }
  }

  /// Calls `body` with the elements for writing.
  func withMutableBytes<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var bytes = unsafe MutableRawSpan(
      _unsafeStart: memory.baseAddress, byteCount: memory.byteCount)
    try body(&bytes)
  }
}
