package import EmbedderInference
import EmbedderIsolation
import EmbedderLiteRtRuntime
package import EmbedderModelMetadata
import EmbedderOpenVINORuntime
package import EmbedderStorage

/// Where engines are chosen.
package enum Engines {
  /// The libraries whose numbers an accelerator's vectors are, and their versions, for records of runs.
  package static func versions(of accelerator: Accelerator) -> [(name: String, version: String)] {
    switch accelerator {
    case .cpu, .gpu: [("litert", LiteRtLibrary.supportedVersion)]
    case .openVINO: [("openvino", OpenVINOLibrary.supportedVersion)]
    }
  }

  /// The engine that runs a model in this process; a worker makes the same one in its own.
  package static func makeInProcess(
    _ configuration: EngineConfiguration, _ bytes: SharedBytes, _ file: ModelFile
  ) throws(InferenceError) -> any InferenceEngine {
    var standard = configuration
    standard.accelerator = .cpu
    standard.precision = .float32
    let reference = try LiteRtEngine(standard, bytes, file)
    switch configuration.accelerator {
    case .cpu:
      return reference
    case .openVINO:
      return try ComparedEngine(
        OpenVINOEngine(configuration, bytes, file), called: OpenVINOEngine.name,
        in: configuration.precision, against: reference, file)
    case .gpu:
      return try ComparedEngine(
        LiteRtEngine(configuration, bytes, file), called: "the graphics card",
        in: configuration.precision, against: reference, file)
    }
  }

  /// Where the library lies that options ask for; neither a model nor a graphics card is needed for that.
  package static func libraryPath(
    _ options: ImageEmbedder.Options
  ) throws(InferenceError) -> String {
    let configuration = EngineConfiguration(options)
    return switch options.accelerator {
    case .cpu, .gpu: try LiteRtEngine.libraryPath(configuration)
    case .openVINO: try OpenVINOEngine.libraryPath(configuration)
    }
  }

  /// The engine that options ask for.
  static func make(
    _ options: ImageEmbedder.Options, _ bytes: SharedBytes, _ file: ModelFile
  ) throws(InferenceError) -> any InferenceEngine {
    let configuration = EngineConfiguration(options)
    guard let isolation = options.isolation else {
      return try makeInProcess(configuration, bytes, file)
    }
    return IsolatedEngine(
      configuration, bytes, input: file.inputs[0], executable: isolation.workerPath,
      timeout: isolation.timeoutSeconds)
  }
}

extension EngineConfiguration {
  /// What of an embedder's options concerns its engine.
  fileprivate init(_ options: ImageEmbedder.Options) {
    self.init(
      threadCount: options.threadCount, signature: options.signature,
      libraryPath: options.liteRtPath, accelerator: options.accelerator,
      precision: options.precision, acceleratorLibraryPath: options.acceleratorLibraryPath,
      keepsCompiledModels: options.isolation == nil)
  }
}
