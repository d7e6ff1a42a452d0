import CEmbedderOpenVINO
package import EmbedderInference
package import EmbedderStorage

/// A model that OpenVINO has read, not yet compiled.
///
/// Not Sendable: one thread at a time.
@safe
package final class OpenVINOGraph {
  let core: OpenVINOCore
  private let handle: UnsafeMutablePointer<ov_model_t>
  private var library: OpenVINOLibrary { core.library }

  /// Reads a model with one input.
  ///
  /// - Parameters:
  ///   - core: OpenVINO's surroundings.
  ///   - bytes: A TFLite file, in which no structural defect was found.
  ///   - shape: The shape of the input, −1 for extents that images decide.
  /// - Throws: ``OpenVINOError/modelRefused(details:)`` with OpenVINO's own text, which names the operator
  ///   that it does not know.
  package init(core: OpenVINOCore, bytes: SharedBytes, inputShape shape: [Int])
    throws(OpenVINOError)
  {
    let functions = core.library.functions
    var handle: UnsafeMutablePointer<ov_model_t>?
    let status: ov_status_e
    do {
      status = try withTemporaryModelFile(bytes) { path in
        unsafe functions.core_read_model(core.handle, path, nil, &handle)
      }
    } catch {
      throw .temporaryFile(error)
    }
    guard status == 0, let handle = unsafe handle else {
      throw .modelRefused(details: core.library.lastMessage())
    }
    self.core = core
    unsafe self.handle = handle

    var inputCount = 0
    try library.check(
      "ov_model_inputs_size", unsafe functions.model_inputs_size(handle, &inputCount))
    guard inputCount == 1 else {
      throw .unexpectedTensor(name: "input", reason: "it has \(inputCount) inputs for one")
    }
    try setInputShape(shape)
  }

  deinit {
    library.release { unsafe library.functions.model_free(handle) }
  }

  private func setInputShape(_ shape: [Int]) throws(OpenVINOError) {
    let dimensions = shape.map { ov_dimension_t(min: Int64($0), max: Int64($0)) }
    var partial = unsafe ov_partial_shape_t()
    try library.check(
      "ov_partial_shape_create",
      unsafe library.functions.partial_shape_create(Int64(shape.count), dimensions, &partial))
    defer { unsafe library.functions.partial_shape_free(&partial) }
    let status = unsafe library.functions.model_reshape_single_input(handle, partial)
    guard status == 0 else { throw .modelRefused(details: library.lastMessage()) }
  }

  /// Compiles the model for the processor.
  ///
  /// - Parameters:
  ///   - streamCount: The number of inferences that run at once.
  ///   - threadCount: The number of threads of each.
  ///   - precision: What they compute in.
  /// - Returns: The compiled model.
  /// - Throws: ``OpenVINOError/modelRefused(details:)``, and ``OpenVINOError/otherPrecision(_:found:)`` where
  ///   OpenVINO takes another precision.
  package func compile(
    streamCount: Int, threadCount: Int, precision: Precision
  ) throws(OpenVINOError) -> OpenVINOCompiledGraph {
    var functions = library.functions
    var compiled: UnsafeMutablePointer<ov_compiled_model_t>?
    let status = unsafe functions.compile(
      &functions, core.handle, handle, "\(streamCount * threadCount)", "\(streamCount)",
      precision.openVINO, &compiled)
    guard status == 0, let compiled = unsafe compiled else {
      throw .modelRefused(details: library.lastMessage())
    }
    let graph = unsafe OpenVINOCompiledGraph(core: core, handle: compiled)
    try graph.check(precision)
    return graph
  }
}

/// A compiled model, for as many inferences at once as it was compiled for.
///
/// Sendable: requests are made of it from several threads.
@safe
package final class OpenVINOCompiledGraph: Sendable {
  let core: OpenVINOCore

  // The handle is written once; OpenVINO locks what making requests changes.
  nonisolated(unsafe) let handle: UnsafeMutablePointer<ov_compiled_model_t>

  @unsafe
  init(core: OpenVINOCore, handle: UnsafeMutablePointer<ov_compiled_model_t>) {
    self.core = core
    unsafe self.handle = handle
  }

  /// Writes what ``OpenVINOCore/importModel(_:streamCount:threadCount:precision:)`` makes such a model of.
  ///
  /// - Returns: Whether OpenVINO wrote it, as far as it knows.
  @unsafe
  func export(to path: UnsafePointer<CChar>) -> Bool {
    unsafe core.library.functions.compiled_model_export_model(handle, path) == 0
  }

  deinit {
    core.library.release { unsafe core.library.functions.compiled_model_free(handle) }
  }

  /// Makes sure that it computes in a precision: what is asked for is a hint to OpenVINO, and what it took is
  /// told afterwards.
  fileprivate func check(_ precision: Precision) throws(OpenVINOError) {
    var name: UnsafeMutablePointer<CChar>?
    try core.library.check(
      "ov_compiled_model_get_property",
      unsafe core.library.functions.compiled_model_get_property(
        handle, "INFERENCE_PRECISION_HINT", &name))
    let found = unsafe core.library.take(name)
    guard found == precision.openVINO else { throw .otherPrecision(precision, found: found) }
  }

  /// The number of outputs; a tensor that comes out twice is one.
  func outputCount() throws(OpenVINOError) -> Int {
    var count = 0
    try core.library.check(
      "ov_compiled_model_outputs_size",
      unsafe core.library.functions.compiled_model_outputs_size(handle, &count))
    return count
  }
}
