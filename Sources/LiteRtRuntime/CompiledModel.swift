import CEmbedderLiteRt
import EmbedderInference
package import EmbedderModelMetadata
import EmbedderPlatform

/// A model made ready to run, with the buffers of its input and outputs.
///
/// Not Sendable: the runtime gives wrong results, or crashes, when two threads run one compiled model.
/// Many compiled models may share one ``Model`` and run at the same time.
@safe
package final class CompiledModel {
  package let model: Model

  /// The input, written by the caller before ``run()``.
  package private(set) var inputs: [TensorBuffer] = []

  /// The outputs, read by the caller after ``run()``.
  package private(set) var outputs: [TensorBuffer] = []

  /// What the outputs really are, from the runtime's own shape inference.
  package private(set) var outputTensors: [TensorDescription]

  private var inputTensors: [TensorDescription]
  private let handle: LiteRtCompiledModel
  /// For each output, the first one that is the same tensor; both share its buffer, since the runtime
  /// writes only to the last buffer that is named for a tensor.
  private let firstOfTensor: [Int]
  /// For each output, whether only a run tells its size.
  private let isSizedByRun: [Bool]

  private var library: LiteRtLibrary { model.environment.library }
  private static let signature = 0
  /// The room for an output whose size only a run tells; a larger one is an error of the run.
  private static let unsizedCapacity = 4 << 20
  /// What outputs are filled with before a run: two patterns, since a model may compute one of them.
  private static let patterns: [UInt8] = [0xa5, 0x5a]

  /// Compiles a model for the processor, through the runtime's default XNNPACK kernels, or for the
  /// graphics card where its environment has one.
  ///
  /// - Parameters:
  ///   - model: The model; kept alive.
  ///   - threadCount: The number of threads of one inference. It is clamped to `1...` the number of
  ///     cores, since the runtime starts as many as it is told and dies of 100 000.
  ///   - isSizedByRun: For each output, whether only a run tells its size; empty for none.
  /// - Throws: ``LiteRtError/compilationFailed(_:details:)``, what ``GraphicsCardRefusal`` finds, and what
  ///   allocation throws.
  package init(
    model: Model, threadCount: Int, isSizedByRun: [Bool] = []
  ) throws(LiteRtError) {
    let library = model.environment.library
    (inputTensors, outputTensors, firstOfTensor) = try model.border()
    self.isSizedByRun = outputTensors.indices.map {
      isSizedByRun.indices.contains($0) && isSizedByRun[$0]
    }
    let isOnGPU = model.environment.runsOnGPU
    let (compiled, status) = try unsafe Self.compile(
      model, threadCount, for: isOnGPU ? AcceleratorSet.gpu : AcceleratorSet.cpu)
    guard let handle = unsafe compiled else {
      throw isOnGPU
        ? GraphicsCardRefusal.error(for: model, status) : .compilationFailed(status, details: "")
    }
    self.model = model
    unsafe self.handle = handle
    if isOnGPU {
      var isWhole = false
      try check(
        "LiteRtCompiledModelIsFullyAccelerated",
        unsafe library.functions.CompiledModelIsFullyAccelerated(handle, &isWhole))
      // The rest would run on the processor, without a word.
      guard isWhole else {
        throw .gpuLacksOperators(GraphicsCardRefusal.operators(in: takeErrorMessages()))
      }
    }
    try takeInputShapes()
    try allocate()
  }

  deinit {
    unsafe library.functions.DestroyCompiledModel(handle)
  }

  /// The shape of the only input.
  package var inputShape: [Int] { inputTensors.first?.shape ?? [] }

  /// Gives input `index` another shape and makes new buffers for everything that follows from it.
  ///
  /// - Throws: ``LiteRtError`` when the model cannot take the shape; the model should then be made anew.
  package func resizeInput(_ index: Int, to shape: [Int]) throws(LiteRtError) {
    // A failed resize leaves no buffers and a runtime in doubt, so that even the old shape is set anew.
    guard inputs.isEmpty || inputTensors[index].shape != shape else { return }
    let dimensions = shape.map { CInt(clamping: $0) }
    inputs = []
    outputs = []
    try check(
      "LiteRtCompiledModelResizeInputTensor",
      unsafe library.functions.CompiledModelResizeInputTensor(
        handle, Self.signature, index, dimensions, dimensions.count))
    inputTensors[index] = inputTensors[index].with(shape: shape)
    try allocate()
  }

  /// Runs the model once.
  ///
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)`` with the runtime's own text, and
  ///   ``LiteRtError/outputNotWritten(name:)``. After a failure the model should be made anew: what the
  ///   runtime keeps of it may be half of this run and half of the last.
  package func run() throws(LiteRtError) {
    var unwritten: Int?
    for pattern in Self.patterns {
      for output in outputs { output.fill(with: pattern) }
      try runOnce()
      unwritten = outputs.indices.first { index in
        outputs[index].isLeft(
          filledWith: pattern, elementByteCount: outputTensors[index].elementType.byteCount ?? 1)
      }
      guard unwritten != nil else { return }
    }
    if let unwritten { throw .outputNotWritten(name: outputTensors[unwritten].name) }
  }

  private func runOnce() throws(LiteRtError) {
    var inputHandles: [LiteRtTensorBuffer?] = unsafe inputs.map { unsafe $0.handle }
    var outputHandles: [LiteRtTensorBuffer?] = unsafe outputs.map { unsafe $0.handle }
    try check(
      "LiteRtRunCompiledModel",
      unsafe library.functions.RunCompiledModel(
        handle, Self.signature, inputHandles.count, &inputHandles, outputHandles.count,
        &outputHandles))
    guard isSizedByRun.contains(true) else { return }
    let layouts = try outputLayouts(update: false)
    for index in outputTensors.indices where isSizedByRun[index] {
      outputTensors[index] = outputTensors[index].with(shape: layouts[index].extents)
      try outputs[index].adopt(outputTensors[index])
    }
  }

  /// Replaces extents that the model leaves open, −1, by those that the runtime starts with.
  private func takeInputShapes() throws(LiteRtError) {
    for index in inputTensors.indices where inputTensors[index].shape.contains(-1) {
      var layout = LiteRtLayout()
      try check(
        "LiteRtGetCompiledModelInputTensorLayout",
        unsafe library.functions.GetCompiledModelInputTensorLayout(
          handle, Self.signature, index, &layout))
      inputTensors[index] = inputTensors[index].with(shape: layout.extents)
    }
  }

  /// Fixes the output shapes and makes the buffers.
  ///
  /// The order matters: a model may declare outputs that are smaller than what its operators write.
  /// Only after the layouts were asked for with an update do the buffer sizes tell the truth.
  private func allocate() throws(LiteRtError) {
    let layouts = try outputLayouts(update: true)
    for index in outputTensors.indices {
      outputTensors[index] = outputTensors[index].with(shape: layouts[index].extents)
    }
    var inputs: [TensorBuffer] = []
    for (index, tensor) in inputTensors.enumerated() {
      var requirements: LiteRtTensorBufferRequirements?
      try check(
        "LiteRtGetCompiledModelInputBufferRequirements",
        unsafe library.functions.GetCompiledModelInputBufferRequirements(
          handle, Self.signature, index, &requirements))
      inputs.append(try unsafe makeBuffer(tensor, requirements))
    }
    var outputs: [TensorBuffer] = []
    for (index, tensor) in outputTensors.enumerated() {
      guard firstOfTensor[index] == index else {
        outputs.append(outputs[firstOfTensor[index]])
        continue
      }
      guard !isSizedByRun[index] else {
        outputs.append(
          try TensorBuffer(library: library, tensor: tensor, capacity: Self.unsizedCapacity))
        continue
      }
      var requirements: LiteRtTensorBufferRequirements?
      try check(
        "LiteRtGetCompiledModelOutputBufferRequirements",
        unsafe library.functions.GetCompiledModelOutputBufferRequirements(
          handle, Self.signature, index, &requirements))
      outputs.append(try unsafe makeBuffer(tensor, requirements))
    }
    self.inputs = inputs
    self.outputs = outputs
  }

  private func outputLayouts(update: Bool) throws(LiteRtError) -> [LiteRtLayout] {
    var layouts = Array(repeating: LiteRtLayout(), count: outputTensors.count)
    try check(
      "LiteRtGetCompiledModelOutputTensorLayouts",
      unsafe library.functions.GetCompiledModelOutputTensorLayouts(
        handle, Self.signature, layouts.count, &layouts, update))
    return layouts
  }

  private func makeBuffer(
    _ tensor: TensorDescription, _ requirements: LiteRtTensorBufferRequirements?
  ) throws(LiteRtError) -> TensorBuffer {
    var required = 0
    try check(
      "LiteRtGetTensorBufferRequirementsBufferSize",
      unsafe library.functions.GetTensorBufferRequirementsBufferSize(requirements, &required))
    let computed = try tensor.sizeInBytes()
    guard required == computed else {
      throw .bufferSizeMismatch(tensor: tensor.name, required: required, computed: computed)
    }
    return try TensorBuffer(library: library, tensor: tensor)
  }

  /// Throws unless a call on this model gave "ok", with what the runtime wrote about it.
  private func check(_ function: String, _ status: Int32) throws(LiteRtError) {
    let status = LiteRtStatus(rawValue: status)
    guard status == .ok else {
      throw .callFailed(function: function, status, details: takeErrorMessages())
    }
  }

  /// The runtime's messages since they were last taken.
  private func takeErrorMessages() -> String {
    unsafe Self.takeErrorMessages(of: handle, library)
  }

  /// The runtime's messages on a compiled model since they were last taken.
  @unsafe
  static func takeErrorMessages(
    of handle: LiteRtCompiledModel, _ library: LiteRtLibrary
  ) -> String {
    var messages: UnsafeMutablePointer<CChar>?
    guard
      unsafe library.functions.CompiledModelGetErrorMessages(handle, &messages)
        == LiteRtStatus.ok.rawValue, let text = unsafe messages
    else { return "" }
    defer {
      unsafe free(text)
      _ = unsafe library.functions.CompiledModelClearErrors(handle)
    }
    return unsafe String(cString: text)
  }

  /// Compiles a model for a set of accelerators.
  ///
  /// - Returns: What was compiled, which the caller frees, or `nil` and the runtime's status.
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)`` where options cannot be made.
  @unsafe
  static func compile(
    _ model: Model, _ threadCount: Int, for accelerators: Int32
  ) throws(LiteRtError) -> (handle: LiteRtCompiledModel?, status: LiteRtStatus) {
    let library = model.environment.library
    let options = try CompilationOptions(
      library: library, threadCount: threadCount, accelerators: accelerators)
    var handle: LiteRtCompiledModel?
    let status = LiteRtStatus(
      rawValue: unsafe library.functions.CreateCompiledModel(
        model.environment.handle, model.handle, options.handle, &handle))
    return unsafe (status == .ok ? handle : nil, status)
  }
}
