import CEmbedderOpenVINO
package import EmbedderInference
package import EmbedderModelMetadata

/// A model that runs through OpenVINO, one inference at a time.
///
/// Not Sendable, like the request inside.
@safe
package final class OpenVINOModel: InferenceModel {
  /// What the outputs are, with the shapes that they last had.
  package private(set) var outputTensors: [TensorDescription]

  private let graph: OpenVINOCompiledGraph
  private let request: UnsafeMutablePointer<ov_infer_request_t>
  private let tensor: TensorDescription
  private var input: OpenVINOInput?
  /// For each output, its place among OpenVINO's.
  private let places: [Int]
  /// OpenVINO's outputs of the last run.
  private var results: [UnsafeMutablePointer<ov_tensor_t>]

  private var functions: OpenVINOFunctions { graph.core.library.functions }

  /// Makes a request of a compiled model.
  ///
  /// - Parameters:
  ///   - graph: The compiled model.
  ///   - file: What the model's file says.
  ///   - outputs: What the outputs are, as far as it is known.
  /// - Throws: ``OpenVINOError/unexpectedTensor(name:reason:)`` among others.
  package init(
    _ graph: OpenVINOCompiledGraph, _ file: ModelFile, outputs: [TensorDescription]
  ) throws(OpenVINOError) {
    guard let tensor = file.inputs.first else {
      throw .unexpectedTensor(name: "input", reason: "there is none")
    }
    let firsts = file.firstOutputsOfTensors
    let distinct = firsts.indices.filter { firsts[$0] == $0 }
    let count = try graph.outputCount()
    guard count == distinct.count else {
      throw .unexpectedTensor(
        name: file.outputs.first?.name ?? "",
        reason: "it has \(count) outputs for \(distinct.count)")
    }
    places = firsts.map { first in distinct.firstIndex(of: first) ?? 0 }
    var request: UnsafeMutablePointer<ov_infer_request_t>?
    let functions = graph.core.library.functions
    try graph.core.library.check(
      "ov_compiled_model_create_infer_request",
      unsafe functions.compiled_model_create_infer_request(graph.handle, &request))
    guard let request = unsafe request else {
      throw .callFailed(
        function: "ov_compiled_model_create_infer_request", status: 0, details: "no request given")
    }
    unsafe self.request = request
    self.graph = graph
    self.tensor = tensor
    outputTensors = outputs
    unsafe results = []
  }

  deinit {
    freeResults()
    graph.core.library.release { unsafe functions.infer_request_free(request) }
  }

  package func prepare(inputShape shape: [Int]) throws(InferenceError) {
    guard shape != input?.shape else { return }
    do throws(OpenVINOError) {
      try takeInput(shape)
    } catch {
      throw InferenceError(running: error)
    }
  }

  /// Gives the request an input of a shape.
  func takeInput(_ shape: [Int]) throws(OpenVINOError) {
    let library = graph.core.library
    let new = try OpenVINOInput(library: library, tensor: tensor.with(shape: shape))
    // The old one is freed after the request has let go of it.
    let old = input
    input = nil
    try library.check(
      "ov_infer_request_set_input_tensor_by_index",
      unsafe functions.infer_request_set_input_tensor_by_index(request, 0, new.handle))
    input = new
    withExtendedLifetime(old) {}
  }

  package func writeInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try input?.withMutableBytes(body)
  }

  package func run() throws(InferenceError) {
    do throws(OpenVINOError) {
      try infer()
    } catch {
      throw InferenceError(running: error)
    }
  }

  /// Runs the model, and takes the outputs.
  func infer() throws(OpenVINOError) {
    freeResults()
    guard input != nil else {
      throw .callFailed(
        function: "ov_infer_request_infer", status: 0, details: "the input has no shape yet")
    }
    try graph.core.library.check(
      "ov_infer_request_infer", unsafe functions.infer_request_infer(request))
    let count = (places.max() ?? -1) + 1
    for place in 0..<count {
      var tensor: UnsafeMutablePointer<ov_tensor_t>?
      try graph.core.library.check(
        "ov_infer_request_get_output_tensor_by_index",
        unsafe functions.infer_request_get_output_tensor_by_index(request, place, &tensor))
      guard let tensor = unsafe tensor else {
        throw .callFailed(
          function: "ov_infer_request_get_output_tensor_by_index", status: 0,
          details: "no tensor given")
      }
      unsafe results.append(tensor)
    }
    for index in outputTensors.indices {
      outputTensors[index] = try unsafe checked(outputTensors[index], results[places[index]])
    }
  }

  package func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    guard unsafe results.indices.contains(places[index]),
      let byteCount = outputTensors[index].byteCount
    else { return body(RawSpan()) }
    var data: UnsafeMutableRawPointer?
    guard unsafe functions.tensor_data(results[places[index]], &data) == 0,
      let data = unsafe data
    else { return body(RawSpan()) }
    return body(unsafe RawSpan(_unsafeStart: data, byteCount: byteCount))
  }

  /// The output as it is after a run.
  private func checked(
    _ output: TensorDescription, _ tensor: UnsafeMutablePointer<ov_tensor_t>
  ) throws(OpenVINOError) -> TensorDescription {
    var type: ov_element_type_e = 0
    try graph.core.library.check(
      "ov_tensor_get_element_type", unsafe functions.tensor_get_element_type(tensor, &type))
    guard type == output.elementType.openVINO, type != 0 else {
      throw .unexpectedTensor(
        name: output.name, reason: "its elements are of OpenVINO's type \(type)")
    }
    var shape = unsafe ov_shape_t()
    try graph.core.library.check(
      "ov_tensor_get_shape", unsafe functions.tensor_get_shape(tensor, &shape))
    defer { _ = unsafe functions.shape_free(&shape) }
    let extents = unsafe (0..<Int(shape.rank)).map { unsafe Int(shape.dims[$0]) }
    let result = output.with(shape: extents)
    var byteCount = 0
    try graph.core.library.check(
      "ov_tensor_get_byte_size", unsafe functions.tensor_get_byte_size(tensor, &byteCount))
    guard result.byteCount == byteCount else {
      throw .unexpectedTensor(
        name: output.name, reason: "it has \(byteCount) bytes for the shape \(extents)")
    }
    return result
  }

  private func freeResults() {
    graph.core.library.release {
      while let result = unsafe results.popLast() { unsafe functions.tensor_free(result) }
    }
  }
}

extension ElementType {
  /// OpenVINO's number for the types that an embedder reads or writes, 0 for others.
  var openVINO: ov_element_type_e {
    switch self {
    case .float32: 4
    case .int8: 7
    case .uint8: 16
    default: 0
    }
  }
}
