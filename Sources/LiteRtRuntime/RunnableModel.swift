package import EmbedderInference
package import EmbedderModelMetadata

/// A model that is made ready for whatever shape its input has, in this process.
///
/// After a failure the compiled model is thrown away and made anew for the next image: the runtime may
/// have kept half of what failed. Not Sendable, like the compiled model inside.
package final class RunnableModel: InferenceModel {
  /// What the outputs are, with the shapes that they last had.
  package private(set) var outputTensors: [TensorDescription]

  private var source: LiteRtEngine
  private let threadCount: Int
  private var compiled: CompiledModel?

  /// Makes a model ready for its own input's shape, or for a common size where that is left open.
  ///
  /// A model whose shapes may be computed in the run is run once: only that tells whether the runtime
  /// gives its outputs, and their sizes.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - threadCount: The number of threads of one inference.
  /// - Throws: ``LiteRtError`` when the runtime cannot prepare the model.
  package init(_ source: LiteRtEngine, threadCount: Int) throws(LiteRtError) {
    self.source = source
    self.threadCount = threadCount
    var firstError: LiteRtError?
    for shape in source.file.initialInputShapes {
      do throws(LiteRtError) {
        let compiled = try Self.compile(source, shape, threadCount)
        if source.file.outputsNeedCopies { try compiled.run() }
        self.compiled = compiled
        outputTensors = compiled.outputTensors
        return
      } catch {
        firstError = firstError ?? error
      }
    }
    throw firstError ?? .unsupportedTensor(name: "", reason: "there is no input")
  }

  /// Gives the input a shape; costs nothing where it has it already.
  package func prepare(inputShape shape: [Int]) throws(InferenceError) {
    if let compiled {
      guard compiled.inputShape != shape else { return }
      do throws(LiteRtError) {
        try compiled.resizeInput(0, to: shape)
        outputTensors = compiled.outputTensors
        return
      } catch {
        // Made anew, the model may well take it.
        self.compiled = nil
      }
    }
    do throws(LiteRtError) {
      source = try source.forOneModel()
      let compiled = try Self.compile(source, shape, threadCount)
      self.compiled = compiled
      outputTensors = compiled.outputTensors
    } catch {
      throw InferenceError(running: error)
    }
  }

  package func writeInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try compiled?.inputs.first?.withMutableBytes(body)
  }

  /// Computes the outputs from the input.
  package func run() throws(InferenceError) {
    do throws(LiteRtError) {
      guard let compiled else {
        throw .callFailed(
          function: "LiteRtRunCompiledModel", .ok, details: "the input has no shape yet")
      }
      try compiled.run()
      outputTensors = compiled.outputTensors
    } catch {
      compiled = nil
      throw InferenceError(running: error)
    }
  }

  package func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    guard let output = compiled?.outputs[index] else { return body(RawSpan()) }
    return body(output.bytes)
  }

  private static func compile(
    _ source: LiteRtEngine, _ shape: [Int], _ threadCount: Int
  ) throws(LiteRtError) -> CompiledModel {
    let variant = try source.variant(inputShape: shape)
    do throws(LiteRtError) {
      return try CompiledModel(
        model: variant.model, threadCount: threadCount, isSizedByRun: variant.isSizedByRun)
    } catch {
      guard case .gpuCompilationFailed(let status, _) = error else { throw error }
      throw .gpuCompilationFailed(status, shapeOperators: source.file.shapeOperators)
    }
  }
}
