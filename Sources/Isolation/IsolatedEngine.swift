package import EmbedderInference
package import EmbedderModelMetadata
package import EmbedderStorage

/// An engine in processes of its own, whose crash or hang is an error here and nothing worse.
///
/// Sendable: all workers are sent the one copy of the model's bytes that is kept here.
package final class IsolatedEngine: InferenceEngine {
  package static let name = "isolated worker"

  let configuration: EngineConfiguration
  let bytes: SharedBytes
  let input: TensorDescription
  let executable: String
  let timeout: Int

  /// Keeps what workers are started with.
  ///
  /// - Parameters:
  ///   - configuration: What the engine in the worker is made of.
  ///   - bytes: The bytes of a TFLite file, which are sent to each worker.
  ///   - input: The model's input.
  ///   - executable: A program that calls ``InferenceWorker``: `image-embedder`.
  ///   - timeout: How many seconds loading, and each inference, may take.
  package init(
    _ configuration: EngineConfiguration, _ bytes: SharedBytes, input: TensorDescription,
    executable: String, timeout: Int
  ) {
    self.configuration = configuration
    self.bytes = bytes
    self.input = input
    self.executable = executable
    self.timeout = timeout
  }

  package func makeModel() throws(InferenceError) -> any InferenceModel {
    do {
      return try IsolatedModel(self)
    } catch {
      throw InferenceError(error)
    }
  }
}
