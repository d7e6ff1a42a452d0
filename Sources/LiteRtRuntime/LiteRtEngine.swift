package import EmbedderInference
package import EmbedderModelMetadata
package import EmbedderStorage

/// A model on the LiteRT runtime: its bytes with what has to be changed in them, for as many runnable
/// models as are wanted.
///
/// Sendable: several threads may make runnable models of it at once.
package final class LiteRtEngine: InferenceEngine {
  package static let name = "LiteRT"

  /// The model for one shape of its input.
  struct Variant {
    let inputShape: [Int]
    let model: Model
    let isSizedByRun: [Bool]
  }

  package let file: ModelFile
  private let threadCount: Int
  private let environment: Environment
  private let bytes: SharedBytes
  /// The last variant: that of a model with a fixed input, and of images of one size.
  private let latest = Locked<Variant?>(nil)

  /// Keeps a model's bytes.
  ///
  /// - Parameters:
  ///   - environment: The runtime's surroundings.
  ///   - bytes: The bytes of a TFLite file, in which no structural defect was found.
  ///   - file: What was read from these bytes.
  ///   - threadCount: The number of threads of one inference.
  package init(
    environment: Environment, bytes: SharedBytes, file: ModelFile, threadCount: Int = 1
  ) {
    self.environment = environment
    self.bytes = bytes
    self.file = file
    self.threadCount = threadCount
  }

  /// Opens the runtime for a model.
  package convenience init(
    _ configuration: EngineConfiguration, _ bytes: SharedBytes, _ file: ModelFile
  ) throws(InferenceError) {
    let environment: Environment
    do throws(LiteRtError) {
      let library = try LiteRtLibrary(path: configuration.libraryPath)
      let webGPU =
        configuration.accelerator == .gpu
        ? try WebGPULibrary(path: configuration.acceleratorLibraryPath, for: library) : nil
      environment = try Environment(library: library, webGPU: webGPU)
    } catch {
      throw InferenceError(loading: error)
    }
    self.init(
      environment: environment, bytes: bytes, file: file, threadCount: configuration.threadCount)
  }

  /// Where the library lies that a configuration asks for, without a model: the runtime's, or for a
  /// graphics card the one that the runtime opens for that.
  package static func libraryPath(
    _ configuration: EngineConfiguration
  ) throws(InferenceError) -> String {
    do throws(LiteRtError) {
      let library = try LiteRtLibrary(path: configuration.libraryPath)
      guard configuration.accelerator == .gpu else { return library.path }
      let webGPU = try WebGPULibrary(path: configuration.acceleratorLibraryPath, for: library)
      return "\(webGPU.folder)/\(WebGPULibrary.fileName)"
    } catch {
      throw InferenceError(loading: error)
    }
  }

  package func makeModel() throws(InferenceError) -> any InferenceModel {
    do {
      return try RunnableModel(forOneModel(), threadCount: threadCount)
    } catch {
      throw InferenceError(loading: error)
    }
  }

  /// What one model is made of: this engine, or for a graphics card one with a device of its own.
  ///
  /// The runtime keeps a card's device with the environment. With devices of their own, models have queues
  /// of their own, so that the picture of one is on its way while another one computes; nothing depends on
  /// whether threads may share a device; and a model that is made anew gets one that works where the last
  /// was lost, which stays lost.
  func forOneModel() throws(LiteRtError) -> LiteRtEngine {
    guard let webGPU = environment.webGPU else { return self }
    return LiteRtEngine(
      environment: try Environment(library: environment.library, webGPU: webGPU), bytes: bytes,
      file: file, threadCount: threadCount)
  }

  /// The model for an input of a shape, loaded.
  func variant(inputShape: [Int]) throws(LiteRtError) -> Variant {
    if let variant = latest.withLock({ $0 }), variant.inputShape == inputShape { return variant }
    let edit: ModelEdit
    let bytes = bytes
    do {
      edit = try file.edit(of: bytes.bytes, inputShape: inputShape)
    } catch {
      throw .uneditable(error)
    }
    let edited = edit.prefix.isEmpty ? bytes : try joined(edit.prefix, bytes)
    let variant = Variant(
      inputShape: inputShape, model: try Model(environment: environment, bytes: edited),
      isSizedByRun: edit.isSizedByRun)
    latest.withLock { $0 = variant }
    return variant
  }

  /// The edited model, which is read again: an edit must leave what it does not change as it was.
  private func joined(
    _ prefix: [UInt8], _ bytes: SharedBytes
  ) throws(LiteRtError) -> SharedBytes {
    let edited: SharedBytes
    do {
      edited = try SharedBytes(prefix, before: bytes)
    } catch {
      throw .outOfMemory(error)
    }
    do {
      try file.check(edited: edited.bytes)
    } catch {
      throw .uneditable(error)
    }
    return edited
  }
}
