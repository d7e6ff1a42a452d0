import LiteRtRuntime
package import ModelMetadata
package import Storage

/// A model that runs in a process of its own, whose crash or hang is an error here and nothing worse.
///
/// After such an error the next use starts another worker. Not Sendable, like the model in this process
/// that it stands for.
package final class IsolatedModel {
  package private(set) var outputTensors: [TensorDescription] = []
  /// The model's path or name, for errors.
  package let name: String

  private let executable: String
  private let timeout: Int
  private let loadRequest: Message
  private var worker: WorkerProcess?
  private var input: AlignedBuffer
  private var inputTensor: TensorDescription
  private var outputs: [[UInt8]] = []

  /// Starts a worker and has it load a model.
  ///
  /// - Parameters:
  ///   - model: The model's bytes, which are sent to the worker.
  ///   - name: The model's path or name.
  ///   - input: The model's input.
  ///   - threadCount: The number of threads of one inference.
  ///   - liteRtPath: The runtime library, or `nil` to look for it.
  ///   - executable: A program that calls ``InferenceWorker``: `image-embedder`.
  ///   - timeout: How many seconds loading, and each inference, may take.
  /// - Throws: ``IsolationError``.
  package init(
    model: SharedBytes, name: String, input: TensorDescription, threadCount: Int,
    liteRtPath: String?, executable: String, timeout: Int
  ) throws(IsolationError) {
    var request = Message(.load)
    request.write(threadCount)
    request.write(liteRtPath ?? "")
    request.write(timeout)
    request.write(model.bytes)
    loadRequest = request
    self.name = name
    self.executable = executable
    self.timeout = timeout
    inputTensor = input
    self.input = try allocate(input)
    try startWorker()
  }

  /// Gives the input another shape.
  ///
  /// - Throws: ``IsolationError`` for a shape that no memory can be taken for.
  package func resizeInput(to shape: [Int]) throws(IsolationError) {
    guard shape != inputTensor.shape else { return }
    let resized = inputTensor.with(shape: shape)
    input = try allocate(resized)
    inputTensor = resized
  }

  /// Calls `body` with the input's elements for writing.
  package func withInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var bytes = unsafe MutableRawSpan(
      _unsafeStart: input.baseAddress, byteCount: input.byteCount)
    try body(&bytes)
  }

  /// Runs the model once, in a new worker where the last one has died.
  ///
  /// - Throws: ``IsolationError``.
  package func run() throws(IsolationError) {
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
      guard bytes.count == (try? tensor.byteCount()) else {
        throw .protocolViolation(details: "an output of \(bytes.count) bytes")
      }
      outputTensors[index] = tensor
      outputs[index] = Array(bytes)
    }
  }

  /// The elements of an output after ``run()``.
  package func output(_ index: Int) -> [UInt8] { outputs[index] }

  /// Starts a worker with the model in it, or leaves none.
  private func startWorker() throws(IsolationError) {
    worker = try WorkerProcess(executable: executable)
    do throws(IsolationError) {
      try load()
    } catch {
      worker = nil
      throw error
    }
  }

  private func load() throws(IsolationError) {
    var answer = try ask(loadRequest, task: "loading the model")
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
      guard (try? tensor.byteCount()) != nil else {
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
      guard let answer = try worker?.answer(to: request, task: task, within: timeout) else {
        throw IsolationError.died(task: task, cause: "ended")
      }
      return answer
    } catch {
      if case .runtime = error {} else { worker = nil }
      throw error
    }
  }
}

private func allocate(_ tensor: TensorDescription) throws(IsolationError) -> AlignedBuffer {
  let byteCount: Int
  do {
    byteCount = try tensor.byteCount()
  } catch {
    throw .local(error)
  }
  do {
    return try AlignedBuffer(byteCount: byteCount)
  } catch {
    throw .local(.outOfMemory(error))
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
