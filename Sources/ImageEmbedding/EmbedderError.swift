public import EmbedderEmbeddings
public import EmbedderImageFiles
public import EmbedderInference
public import EmbedderModelMetadata
public import EmbedderPreprocessing
public import EmbedderStorage

/// What can go wrong when an embedder is made or used.
@nonexhaustive
public enum EmbedderError: Error, Hashable, Sendable {
  /// The model's file could not be read.
  case modelFile(FileError)
  /// The model's bytes, or its metadata, cannot be understood.
  case modelContent(model: String, MetadataError)
  /// No model is taken from a bundle.
  case bundle(model: String, BundleError)
  /// The model does not meet a requirement.
  case modelRequirement(model: String, ModelError)
  /// Annotations cannot be written into a copy of the model.
  case annotation(model: String, AnnotationError)
  /// A file could not be written.
  case output(FileError)
  /// What runs models is missing, or refuses the model.
  case engine(model: String, InferenceError)
  /// Running the model failed on an image.
  case inference(model: String, InferenceError)
  /// The model's output changed its size with the image's.
  case outputSizeChanged(head: Int, found: Int, expected: Int)
  /// An option has a value that it cannot have.
  case invalidOption(name: String, found: String, needed: String)
  /// An image could not be decoded; `path` is `nil` for an image in memory.
  case image(path: String?, DecodingError)
  /// An image could not be turned into the model's input.
  case preprocessing(PreprocessingError)
  /// Two vectors cannot be compared.
  case similarity(SimilarityError)
  /// The task that waited for the image was cancelled.
  case cancelled
  /// An item was added to a batch that takes no more.
  case batchEnded
  /// There was no memory.
  case outOfMemory(OutOfMemory)
}

extension EmbedderError {
  /// The error of a model that could not be made ready; in words of its custom operators, where it has
  /// some and the engine refuses it.
  init(loading model: String, _ error: InferenceError, customOperators names: [String]) {
    self =
      error.kind == .modelRefused && !names.isEmpty
      ? .modelRequirement(model: model, .customOperators(names)) : .engine(model: model, error)
  }
}

extension EmbedderError: CustomStringConvertible {
  /// A sentence that names what was found and what is needed.
  public var description: String {
    switch self {
    case .modelFile(let error) where error.code == .notFound:
      "model: \(error); the path of a .tflite file or a built-in name is needed:"
        + " \(BuiltInModel.allCases.map(\.rawValue).joined(separator: " or "))"
    case .modelFile(let error):
      "model: \(error)"
    case .modelContent(let model, let error):
      "model \(quoted(model)): \(error)"
    case .bundle(let model, let error):
      "model \(quoted(model)): \(error)"
    case .modelRequirement(let model, let error):
      "model \(quoted(model)) cannot be used: \(error)"
    case .annotation(let model, let error):
      "model \(quoted(model)) cannot be annotated: \(error)"
    case .output(let error):
      error.description
    case .engine(let model, let error):
      switch error.kind {
      case .engineNotFound, .engineUnusable: error.description
      default: "model \(quoted(model)) cannot be used: \(error)"
      }
    case .inference(let model, let error):
      "model \(quoted(model)) failed on the image: \(error)"
    case .outputSizeChanged(let head, let found, let expected):
      "the model's output \(head) has \(found) components for this image and \(expected) by itself;"
        + " a model whose feature vector keeps its length is needed, and for a pooled map the layout that it"
        + " has, --layout (Options.mapLayout)"
    case .invalidOption(let name, let found, let needed):
      "\(name) is \(found); \(needed) is needed"
    case .image(_, .file(let error)):
      error.description
    case .image(let path, let error):
      path.map { "\(quoted($0)): \(error)" } ?? error.description
    case .preprocessing(let error):
      error.description
    case .similarity(let error):
      error.description
    case .cancelled:
      "the task was cancelled before the image's turn came; embed it again if it is still wanted"
    case .batchEnded:
      "the batch is finished, stopped or cancelled; a batch that takes items is needed"
    case .outOfMemory(let error):
      error.description
    }
  }
}
