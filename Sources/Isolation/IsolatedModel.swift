import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage

/// A model that runs in a process of its own.
///
/// After an error the next use starts another worker. Not Sendable, like the model in this process
/// that it stands for.
final class IsolatedModel: InferenceModel {
  private(set) var outputTensors: [TensorDescription] = []

  private let engine: IsolatedEngine
  private var worker: WorkerProcess?
  private var input: AlignedBuffer
  private var inputTensor: TensorDescription
  private var outputs: [[UInt8]] = []

  /// Starts a worker and has it load the model.
  init(_ engine: IsolatedEngine) throws(IsolationError) {
    self.engine = engine
    inputTensor = engine.input.with(shape: engine.input.shape(openExtent: 1))
    input = try allocate(inputTensor, failure: .modelRefused)
    try unlessKilledTwice { () throws(IsolationError) in try startWorker() }
  }

  func prepare(inputShape shape: [Int]) throws(InferenceError) {
    guard shape != inputTensor.shape else { return }
    let resized = inputTensor.with(shape: shape)
    do {
      input = try allocate(resized, failure: .failed)
    } catch {
      throw InferenceError(error)
    }
    inputTensor = resized
  }

  func writeInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var bytes = unsafe MutableRawSpan(
      _unsafeStart: input.baseAddress, byteCount: input.byteCount)
    try body(&bytes)
  }

  /// Runs the model once, in a new worker where the last one has died.
  func run() throws(InferenceError) {
    do throws(IsolationError) {
      try unlessKilledTwice { () throws(IsolationError) in try runInWorker() }
    } catch {
      throw InferenceError(error)
    }
  }

  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    let bytes = outputs[index]
    return unsafe body(bytes.span.bytes)
  }

  /// Tries again where somebody else ended the worker, which is neither the model's fault nor the image's.
  private func unlessKilledTwice(
    _ body: () throws(IsolationError) -> Void
  ) throws(IsolationError) {
    do throws(IsolationError) {
      try body()
    } catch {
      guard case .killed = error else { throw error }
      try body()
    }
  }

  private func runInWorker() throws(IsolationError) {
    if worker == nil { try startWorker() }
    var request = Message(.run)
    request.write(inputTensor.shape)
    request.write(input.bytes)
    var answer = try ask(request, task: "running the model")
    guard answer.kind == .result else {
      throw .protocolViolation(details: "an answer of kind \(answer.kind)")
    }
    for index in outputTensors.indices {
      let tensor = outputTensors[index].with(shape: try answer.readIntegers(limit: 8))
      let bytes = try answer.readBytes()
      guard bytes.count == tensor.byteCount else {
        throw .protocolViolation(details: "an output of \(bytes.count) bytes")
      }
      outputTensors[index] = tensor
      outputs[index] = Array(bytes)
    }
  }

  /// Starts a worker with the model in it, or leaves none.
  private func startWorker() throws(IsolationError) {
    worker = try WorkerProcess(executable: engine.executable)
    do throws(IsolationError) {
      try load()
    } catch {
      worker = nil
      throw error
    }
  }

  private func load() throws(IsolationError) {
    var request = Message(.load)
    request.write(engine.configuration.threadCount)
    request.write(engine.configuration.libraryPath ?? PathBytes(""))
    request.write(engine.configuration.signature == nil ? 0 : 1)
    request.write(engine.configuration.signature ?? "")
    request.write(engine.configuration.accelerator.rawValue)
    request.write(engine.configuration.precision.rawValue)
    request.write(engine.configuration.acceleratorLibraryPath ?? PathBytes(""))
    request.write(engine.timeout)
    request.attach(engine.bytes)
    var answer = try ask(request, task: "loading the model")
    guard answer.kind == .loaded else {
      throw .protocolViolation(details: "an answer of kind \(answer.kind)")
    }
    let count = try answer.readInteger()
    guard (0...1024).contains(count) else {
      throw .protocolViolation(details: "\(count) outputs")
    }
    var tensors: [TensorDescription] = []
    for _ in 0..<count {
      let tensor = try answer.readTensor()
      guard tensor.byteCount != nil else {
        throw .protocolViolation(details: "an output of the shape \(tensor.shape)")
      }
      tensors.append(tensor)
    }
    // Who uses this has learnt the number of outputs from the first worker.
    guard outputs.isEmpty || outputs.count == count else {
      throw .protocolViolation(details: "\(count) outputs, where there were \(outputs.count)")
    }
    outputTensors = tensors
    outputs = Array(repeating: [], count: count)
  }

  /// Asks the worker; one that has died, hangs or misbehaves is done away with.
  private func ask(_ request: Message, task: String) throws(IsolationError) -> Message {
    do throws(IsolationError) {
      guard let answer = try worker?.answer(to: request, task: task, within: engine.timeout) else {
        throw IsolationError.died(task: task, cause: "ended")
      }
      return answer
    } catch {
      if case .runtime = error {} else { worker = nil }
      throw error
    }
  }
}

private func allocate(
  _ tensor: TensorDescription, failure kind: InferenceError.Kind
) throws(IsolationError) -> AlignedBuffer {
  guard let byteCount = tensor.byteCount else {
    throw .runtime(kind, message: "the input cannot have the shape \(tensor.shape)")
  }
  do {
    return try AlignedBuffer(byteCount: byteCount)
  } catch {
    throw .outOfMemory(error)
  }
}

extension Message {
  mutating func write(_ tensor: TensorDescription) {
    write(tensor.name)
    write(Int(tensor.elementType.rawValue))
    write(tensor.shape)
    write(tensor.quantization == nil ? 0 : 1)
    write(Int(tensor.quantization?.scale.bitPattern ?? 0))
    write(Int(tensor.quantization?.zeroPoint ?? 0))
  }

  fileprivate mutating func readTensor() throws(IsolationError) -> TensorDescription {
    let name = try readString()
    let typeNumber = try readInteger()
    guard let elementType = ElementType(rawValue: Int8(clamping: typeNumber)) else {
      throw .protocolViolation(details: "element type \(typeNumber)")
    }
    let shape = try readIntegers(limit: 8)
    let isQuantized = try readInteger() != 0
    let scale = Float(bitPattern: UInt32(truncatingIfNeeded: try readInteger()))
    let zeroPoint = Int64(try readInteger())
    return TensorDescription(
      name: name, elementType: elementType, shape: shape,
      quantization: isQuantized ? Quantization(scale: scale, zeroPoint: zeroPoint) : nil)
  }
}
