import Isolation
import LiteRtRuntime
import ModelMetadata

/// A model that is ready to run, in this process or in another.
protocol InferenceModel: AnyObject {
  /// What the outputs are, with the shapes that they last had.
  var outputTensors: [TensorDescription] { get }

  /// Gives the input a shape; costs nothing where it has it already.
  func prepareInput(shape: [Int]) throws(EmbedderError)

  /// Calls `body` with the input's elements for writing.
  func writeInput(
    _ body: (inout MutableRawSpan) throws(EmbedderError) -> Void
  ) throws(EmbedderError)

  /// Computes the outputs from the input.
  func infer() throws(EmbedderError)

  /// Calls `body` with the elements of an output.
  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result
}

extension RunnableModel: InferenceModel {
  func prepareInput(shape: [Int]) throws(EmbedderError) {
    do throws(LiteRtError) {
      try prepare(inputShape: shape)
    } catch {
      throw .inference(error)
    }
  }

  func writeInput(
    _ body: (inout MutableRawSpan) throws(EmbedderError) -> Void
  ) throws(EmbedderError) {
    try inputs[0].withMutableBytes(body)
  }

  func infer() throws(EmbedderError) {
    do {
      try run()
    } catch {
      throw .inference(error)
    }
  }

  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    let buffer = outputs[index]
    return body(buffer.bytes)
  }
}

extension IsolatedModel: InferenceModel {
  func prepareInput(shape: [Int]) throws(EmbedderError) {
    do {
      try resizeInput(to: shape)
    } catch {
      throw .isolation(model: name, error)
    }
  }

  func writeInput(
    _ body: (inout MutableRawSpan) throws(EmbedderError) -> Void
  ) throws(EmbedderError) {
    try withInput(body)
  }

  func infer() throws(EmbedderError) {
    do {
      try run()
    } catch {
      throw .isolation(model: name, error)
    }
  }

  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    let bytes = output(index)
    return unsafe body(bytes.span.bytes)
  }
}
