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
    /// The model as it was read, once that was needed, until it is compiled for the last time.
    var graph: OpenVINOGraph?
    var compiled: OpenVINOCompiledGraph?
    /// Whether it is compiled for as many inferences as there may be.
    var isComplete = false
    /// What the outputs are, once a run has told.
    var outputs: [TensorDescription]?
    var kept: KeptModels?
    /// Whether any of it was kept by an earlier process.
    var isKept = false
  }

  private let core: OpenVINOCore
  private let bytes: SharedBytes
  private let file: ModelFile
  private let threadCount: Int
  private let precision: Precision
  private let state: Locked<State>

  /// Holds on to a model.
  ///
  /// - Parameters:
  ///   - core: OpenVINO's surroundings.
  ///   - bytes: The bytes of a TFLite file, in which no structural defect was found.
  ///   - file: What was read from these bytes.
  ///   - threadCount: The number of threads of one inference; it is clamped to `1...` the number of
  ///     cores.
  ///   - precision: What is computed in.
  ///   - kept: Where compiled models are kept, if anywhere.
  /// - Throws: ``OpenVINOError`` where OpenVINO does not take the model, as far as the file tells, or the
  ///   processor the precision.
  package init(
    core: OpenVINOCore, bytes: SharedBytes, file: ModelFile, threadCount: Int,
    precision: Precision = .float32, kept: KeptModels? = nil
  ) throws(OpenVINOError) {
    guard file.rounding != .int16 else {
      throw .modelRefused(
        details: "it rounds to integers of 16 bits, which OpenVINO computes without their limits")
    }
    try core.check(precision)
    self.core = core
    self.bytes = bytes
    self.file = file
    self.precision = precision
    self.threadCount = min(max(threadCount, 1), processorCount)
    state = Locked(State(kept: kept))
  }

  /// Opens OpenVINO for a model.
  package convenience init(
    _ configuration: EngineConfiguration, _ bytes: SharedBytes, _ file: ModelFile
  ) throws(InferenceError) {
    do throws(OpenVINOError) {
      let library = try OpenVINOLibrary(path: configuration.acceleratorLibraryPath)
      try self.init(
        core: OpenVINOCore(library: library), bytes: bytes, file: file,
        threadCount: configuration.threadCount, precision: configuration.precision,
        kept: configuration.keepsCompiledModels && library.canImport ? .ofUser() : nil)
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
        if !state.isComplete {
          let isFirst = state.compiled == nil
          let limit = max(1, processorCount / threadCount)
          state.compiled = try compile(&state, streamCount: isFirst ? 1 : limit - 1)
          state.isComplete = !isFirst || limit == 1
          if state.isComplete { state.graph = nil }
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

  package func forgetsKeptModel() -> Bool {
    state.withLock { state in
      guard state.isKept, let kept = state.kept else { return false }
      kept.remove(key)
      state = State()
      return true
    }
  }

  /// Takes the compiled model that is kept, or reads and compiles the model and keeps what becomes of it.
  private func compile(
    _ state: inout State, streamCount: Int
  ) throws(OpenVINOError) -> OpenVINOCompiledGraph {
    let (key, isFirst) = (key, state.compiled == nil)
    let kept = state.kept?.withModel(key) { content in
      core.importModel(
        content, streamCount: streamCount, threadCount: threadCount, precision: precision)
    }
    if let kept {
      state.isKept = true
      return kept
    }
    let graph: OpenVINOGraph
    if let read = state.graph {
      graph = read
    } else {
      graph = try OpenVINOGraph(
        core: core, bytes: Self.edited(bytes, file), inputShape: file.inputs.first?.openShape ?? [])
      state.graph = graph
    }
    let compiled = try graph.compile(
      streamCount: streamCount, threadCount: threadCount, precision: precision)
    if isFirst {
      unsafe state.kept?.keep(key) { unsafe compiled.export(to: $0) }
    }
    return compiled
  }

  /// All that a compiled model depends on but the number of inferences at once, which one is asked for
  /// anew.
  private var key: KeptModels.Key {
    let bytes = bytes
    let model = String(xxHash64(of: bytes.bytes), radix: 16)
    let tensors = (file.inputs + file.outputs).map {
      "\($0.name) \($0.elementType) \($0.shape) \($0.shapeSignature)"
    }
    // The first number is of what becomes of a file before OpenVINO reads it.
    return .init(
      description: "1, OpenVINO \(core.library.version), \(core.processor), \(threadCount) threads,"
        + " \(precision.openVINO),"
        + " \(bytes.bytes.byteCount) bytes, \(model), \(tensors)")
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
