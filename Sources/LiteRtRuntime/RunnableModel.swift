package import ModelMetadata

/// A model that is made ready for whatever shape its input has, in this process.
///
/// After a failure the compiled model is thrown away and made anew for the next image: the runtime may
/// have kept half of what failed. Not Sendable, like the compiled model inside.
package final class RunnableModel {
  /// What the outputs are, with the shapes that they last had.
  package private(set) var outputTensors: [TensorDescription]

  private let source: LoadedModel
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
  package init(_ source: LoadedModel, threadCount: Int) throws(LiteRtError) {
    self.source = source
    self.threadCount = threadCount
    var firstError: LiteRtError?
    for shape in source.initialShapes {
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
  package func prepare(inputShape shape: [Int]) throws(LiteRtError) {
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
    let compiled = try Self.compile(source, shape, threadCount)
    self.compiled = compiled
    outputTensors = compiled.outputTensors
  }

  /// The input, for writing, and the outputs, for reading; none after a failure.
  package var inputs: [TensorBuffer] { compiled?.inputs ?? [] }
  package var outputs: [TensorBuffer] { compiled?.outputs ?? [] }

  /// Computes the outputs from the input.
  package func run() throws(LiteRtError) {
    guard let compiled else {
      throw .callFailed(
        function: "LiteRtRunCompiledModel", .ok, details: "the input has no shape yet")
    }
    do throws(LiteRtError) {
      try compiled.run()
    } catch {
      self.compiled = nil
      throw error
    }
    outputTensors = compiled.outputTensors
  }

  private static func compile(
    _ source: LoadedModel, _ shape: [Int], _ threadCount: Int
  ) throws(LiteRtError) -> CompiledModel {
    let variant = try source.variant(inputShape: shape)
    return try CompiledModel(
      model: variant.model, threadCount: threadCount, isSizedByRun: variant.isSizedByRun)
  }
}
