import EmbedderInference
import EmbedderModelMetadata

/// A model of an accelerator that is held against the default's again after a failure.
///
/// What failed may be a graphics card that vanishes and comes back, or its driver. The model that is
/// compiled then is another one, which nobody has compared yet. Not Sendable, like the model inside.
final class ComparedModel: InferenceModel {
  private let engine: ComparedEngine
  private var model: any InferenceModel
  private var hasFailed = false

  /// Takes a model that was compared.
  init(_ model: any InferenceModel, of engine: ComparedEngine) {
    self.model = model
    self.engine = engine
  }

  var outputTensors: [TensorDescription] { model.outputTensors }

  func prepare(inputShape: [Int]) throws(InferenceError) {
    if hasFailed {
      do throws(InferenceError) {
        try engine.check(model)
      } catch {
        model = try engine.makeCheckedModel()
      }
      hasFailed = false
    }
    do throws(InferenceError) {
      try model.prepare(inputShape: inputShape)
    } catch {
      hasFailed = true
      throw error
    }
  }

  func writeInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try model.writeInput(body)
  }

  func run() throws(InferenceError) {
    do throws(InferenceError) {
      try model.run()
    } catch {
      hasFailed = true
      throw error
    }
  }

  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    model.readOutput(index, body)
  }
}
