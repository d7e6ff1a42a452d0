package import EmbedderModelMetadata
package import EmbedderStorage

/// What runs a model: made of a model's bytes, it makes as many models for one thread each as are wanted,
/// which share what can be shared.
///
/// Another engine is a type that conforms to this one, chosen where engines are chosen.
package protocol InferenceEngine: Sendable {
  /// What the engine is called in errors and summaries.
  static var name: String { get }

  /// Makes a model ready, for one thread at a time; called from any thread.
  ///
  /// - Throws: ``InferenceError``.
  func makeModel() throws(InferenceError) -> any InferenceModel

  /// Has the engine make models from the model's bytes alone from now on.
  ///
  /// - Returns: Whether any model was made of something else, which an earlier process left and which is
  ///   removed now.
  func forgetsKeptModel() -> Bool
}

extension InferenceEngine {
  /// Most engines keep nothing.
  package func forgetsKeptModel() -> Bool { false }
}

/// A model that is ready to run, in this process or in another.
///
/// Not Sendable: one thread at a time.
package protocol InferenceModel: AnyObject {
  /// What the outputs are, with the shapes that they last had.
  var outputTensors: [TensorDescription] { get }

  /// Gives the input a shape; costs nothing where it has it already.
  func prepare(inputShape: [Int]) throws(InferenceError)

  /// Calls `body` with the input's elements for writing.
  func writeInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure)

  /// Computes the outputs from the input.
  func run() throws(InferenceError)

  /// Calls `body` with the elements of an output of the last run.
  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result
}

/// What an engine is made of beside the model, so that it can be made in another process too.
package struct EngineConfiguration: Hashable, Sendable {
  /// The number of threads of one inference.
  package var threadCount: Int
  /// The signature of the model that is run, or `nil` for its first.
  package var signature: String?
  /// The file of the LiteRT library, or `nil` to look for it.
  package var libraryPath: PathBytes?
  /// What computes the outputs.
  package var accelerator: Accelerator
  /// The floating-point numbers that it computes in.
  package var precision: Precision
  /// The file of the accelerator's library, or `nil` to look for it; ``Accelerator/cpu`` has none.
  package var acceleratorLibraryPath: PathBytes?
  /// Whether what an accelerator compiles is kept for later processes, and taken from earlier ones.
  ///
  /// It is not in the process of its own that a model of doubtful origin runs in.
  package var keepsCompiledModels: Bool

  /// Makes a configuration.
  package init(
    threadCount: Int, signature: String? = nil, libraryPath: PathBytes? = nil,
    accelerator: Accelerator = .cpu, precision: Precision = .float32,
    acceleratorLibraryPath: PathBytes? = nil, keepsCompiledModels: Bool = false
  ) {
    self.signature = signature
    self.threadCount = threadCount
    self.libraryPath = libraryPath
    self.accelerator = accelerator
    self.precision = precision
    self.acceleratorLibraryPath = acceleratorLibraryPath
    self.keepsCompiledModels = keepsCompiledModels
  }
}
