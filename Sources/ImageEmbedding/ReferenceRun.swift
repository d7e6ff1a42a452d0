import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage

/// The default engine's model for a comparison, made and run on a thread of its own while an accelerator's
/// is compiled.
final class ReferenceRun: Sendable {
  private let outcome = Locked<Result<ReferenceModel, InferenceError>?>(nil)

  /// Starts.
  init(_ engine: any InferenceEngine, _ file: ModelFile) {
    let work = { @Sendable [self] in
      let result = Result { () throws(InferenceError) in
        let model = ReferenceModel(try engine.makeModel(), file)
        // What a failure means is seen when this size is asked for.
        if let shape = file.initialInputShapes.first { try? model.run(shape) }
        return model
      }
      outcome.withLock { $0 = result }
    }
    if !WorkerThread.start(work) { work() }
  }

  /// Waits until the thread has done its work.
  func wait() {
    outcome.withLock(when: { $0 != nil }, do: { _ in })
  }

  /// The model, which is the caller's alone.
  ///
  /// - Throws: ``InferenceError`` of making it.
  func model() throws(InferenceError) -> ReferenceModel {
    let result = outcome.withLock(when: { $0 != nil }, do: { $0 })
    guard let result else { throw InferenceError(.failed, engine: "", "there was no run") }
    return try result.get()
  }
}

/// A model that remembers what its last test picture came to.
///
/// Sendable because one thread hands it to another, which then has it alone.
final class ReferenceModel: @unchecked Sendable {
  private let model: any InferenceModel
  private let file: ModelFile
  private var shape: [Int]?
  private var error: InferenceError?

  init(_ model: any InferenceModel, _ file: ModelFile) {
    self.model = model
    self.file = file
  }

  /// Runs the model on the test picture of a shape, unless it was the last.
  func run(_ shape: [Int]) throws(InferenceError) {
    if shape != self.shape {
      self.shape = shape
      do throws(InferenceError) {
        try model.runTestPicture(shape, file)
        error = nil
      } catch {
        self.error = error
      }
    }
    if let error { throw error }
  }

  /// The outputs of the last run.
  var outputs: [[Float]] {
    file.outputs.indices.map { index in
      model.readOutput(index) { elements(of: model.outputTensors[index], in: $0) }
    }
  }
}

extension InferenceModel {
  /// Runs the model on a test picture of a shape.
  func runTestPicture(_ shape: [Int], _ file: ModelFile) throws(InferenceError) {
    try prepare(inputShape: shape)
    writeInput { writeTestPicture(of: file.inputs[0].elementType, to: &$0) }
    try run()
  }
}

/// Fills an input with gradients and noise, the same on every machine.
private func writeTestPicture(of type: ElementType, to bytes: inout MutableRawSpan) {
  var state: UInt32 = 0x9e37_79b9
  let size = type == .float32 ? 4 : 1
  let count = bytes.byteCount / size
  for index in 0..<count {
    // Marsaglia's xorshift.
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    let gradient = Float(index) / Float(count)
    let noise = Float(state >> 8) / Float(1 << 24)
    let value = 0.5 * gradient + 0.5 * noise
    if type == .float32 {
      bytes.storeBytes(of: 2 * value - 1, toByteOffset: 4 * index, as: Float.self)
    } else {
      bytes.storeBytes(of: UInt8(value * 255), toByteOffset: index, as: UInt8.self)
    }
  }
}
