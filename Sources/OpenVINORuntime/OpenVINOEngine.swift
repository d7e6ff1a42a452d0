package import EmbedderInference
package import EmbedderModelMetadata
package import EmbedderStorage

/// A model on OpenVINO, through its own C interface, on the processor.
///
/// LiteRT has an OpenVINO plugin of its own, which compiles a model twice, runs it on every core whatever
/// number of threads is asked for, and on processors with bfloat16 computes in that, whatever precision
/// is asked for: a tenth of the largest component off, measured on an AMD EPYC.
///
/// Sendable: several threads may make models of it at once.
package final class OpenVINOEngine: InferenceEngine {
  package static let name = "OpenVINO"

  private struct State {
    /// The model, until it is compiled for as many inferences as there may be.
    var source: OpenVINOGraph?
    var compiled: OpenVINOCompiledGraph?
    /// What the outputs are, once a run has told.
    var outputs: [TensorDescription]?
  }

  private let file: ModelFile
  private let threadCount: Int
  private let precision: Precision
  private let state: Locked<State>

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - core: OpenVINO's surroundings.
  ///   - bytes: The bytes of a TFLite file, in which no structural defect was found.
  ///   - file: What was read from these bytes.
  ///   - threadCount: The number of threads of one inference; it is clamped to `1...` the number of
  ///     cores.
  ///   - precision: What is computed in.
  /// - Throws: ``OpenVINOError`` where OpenVINO does not take the model, or the processor the precision.
  package init(
    core: OpenVINOCore, bytes: SharedBytes, file: ModelFile, threadCount: Int,
    precision: Precision = .float32
  ) throws(OpenVINOError) {
    guard file.rounding != .int16 else {
      throw .modelRefused(
        details: "it rounds to integers of 16 bits, which OpenVINO computes without their limits")
    }
    try core.check(precision)
    self.file = file
    self.precision = precision
    self.threadCount = min(max(threadCount, 1), processorCount)
    let graph = try OpenVINOGraph(
      core: core, bytes: Self.edited(bytes, file), inputShape: file.inputs.first?.openShape ?? [])
    state = Locked(State(source: graph))
  }

  /// Opens OpenVINO for a model.
  package convenience init(
    _ configuration: EngineConfiguration, _ bytes: SharedBytes, _ file: ModelFile
  ) throws(InferenceError) {
    do throws(OpenVINOError) {
      let library = try OpenVINOLibrary(path: configuration.acceleratorLibraryPath)
      try self.init(
        core: OpenVINOCore(library: library), bytes: bytes, file: file,
        threadCount: configuration.threadCount, precision: configuration.precision)
    } catch {
      throw InferenceError(loading: error)
    }
  }

  /// Where the library lies that a configuration asks for, without a model.
  package static func libraryPath(
    _ configuration: EngineConfiguration
  ) throws(InferenceError) -> String {
    do throws(OpenVINOError) {
      return try OpenVINOLibrary.location(path: configuration.acceleratorLibraryPath)
    } catch {
      throw InferenceError(loading: error)
    }
  }

  /// Makes a model ready.
  ///
  /// The first is compiled for one inference at a time, which is all that a program needs that embeds one
  /// image; with the second the model is compiled for as many more as there are cores for.
  package func makeModel() throws(InferenceError) -> any InferenceModel {
    do throws(OpenVINOError) {
      return try state.withLock { state throws(OpenVINOError) in
        if let source = state.source {
          let isFirst = state.compiled == nil
          let limit = max(1, processorCount / threadCount)
          state.compiled = try source.compile(
            streamCount: isFirst ? 1 : limit - 1, threadCount: threadCount,
            precision: precision)
          if !isFirst || limit == 1 { state.source = nil }
        }
        guard let compiled = state.compiled else {
          throw .modelRefused(details: "it was not compiled")
        }
        let model = try OpenVINOModel(compiled, file, outputs: state.outputs ?? file.outputs)
        if state.outputs == nil {
          try learnShapes(of: model)
          state.outputs = model.outputTensors
        }
        compiled.core.library.noteUse()
        return model
      }
    } catch {
      throw InferenceError(loading: error)
    }
  }

  /// Runs a model once: only that tells what outputs of open or computed shape are.
  private func learnShapes(of model: OpenVINOModel) throws(OpenVINOError) {
    var firstError: OpenVINOError?
    for shape in file.initialInputShapes {
      do throws(OpenVINOError) {
        try model.takeInput(shape)
        try model.infer()
        return
      } catch {
        firstError = firstError ?? error
      }
    }
    throw firstError ?? .unexpectedTensor(name: "input", reason: "there is none")
  }

  /// The model as OpenVINO reads it, which is read again: an edit must leave what it does not change as it
  /// was.
  private static func edited(
    _ bytes: SharedBytes, _ file: ModelFile
  ) throws(OpenVINOError) -> SharedBytes {
    let prefix: [UInt8]
    do { prefix = try file.singlePrecisionEdit(of: bytes.bytes).prefix } catch {
      throw .uneditable(error)
    }
    guard !prefix.isEmpty else { return bytes }
    let edited: SharedBytes
    do { edited = try SharedBytes(prefix, before: bytes) } catch { throw .outOfMemory(error) }
    do { try file.check(edited: edited.bytes) } catch { throw .uneditable(error) }
    return edited
  }
}

extension TensorDescription {
  /// The extents with −1 for those that images decide; an open batch is 1.
  fileprivate var openShape: [Int] {
    shape.enumerated().map { axis, extent in
      isDynamic(axis: axis) ? axis == 0 ? 1 : -1 : extent
    }
  }
}
