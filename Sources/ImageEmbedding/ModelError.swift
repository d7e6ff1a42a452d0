public import EmbedderModelMetadata
import EmbedderStorage

/// A requirement that a model does not meet.
///
/// The checks and their order follow `BuildInputImageTensorSpecs` (tflite-support,
/// cc/task/vision/utils/image_tensor_specs) and `EmbeddingPostprocessor` (cc/task/processor); int8 is
/// accepted beyond them.
@nonexhaustive
public enum ModelError: Error, Hashable, Sendable {
  /// The metadata describes another number of inputs than one.
  case inputMetadataCount(Int)
  /// The model has another number of inputs than one.
  case inputCount(Int)
  /// The metadata says that the input is no image.
  case inputIsNotAnImage(ContentProperties)
  /// The metadata normalizes the input more than once.
  case severalNormalizations(Int)
  /// The metadata's normalization cannot be used.
  case normalization(NormalizationError)
  /// The input is not four-dimensional.
  case inputRank(shape: [Int])
  /// The input's elements are of a type that pixels are not turned into.
  case inputType(ElementType)
  /// The metadata says that the input is not RGB.
  case inputColorSpace(ColorSpace)
  /// The input is not one image of three channels.
  case inputShape([Int])
  /// The input has no rows or no columns.
  case emptyInput(shape: [Int])
  /// The caller normalizes an input that takes pixels as they are.
  case needlessNormalization
  /// The model uses operators that are not TFLite's own, and the runtime cannot run it.
  case customOperators([String])
  /// Neither the metadata nor the options say how the input is normalized.
  case missingNormalization(ElementType)
  /// The int8 input has no scale and zero point.
  case missingInputQuantization
  /// The model has no output.
  case noOutputs
  /// An output is of a rank that holds neither one vector nor what pools to one.
  case outputRank(index: Int, shape: [Int])
  /// An output is a map or tokens, not a vector, and nothing says how it becomes one.
  case outputIsNotAVector(index: Int, shape: [Int])
  /// An output holds several vectors.
  case outputBatch(index: Int, shape: [Int])
  /// What the model gives for the first image of its batch depends on the others.
  case mixedBatch(Int)
  /// The pooling that is asked for does not fit what an output is.
  case pooling(Pooling, index: Int, shape: [Int], isOpen: Bool)
  /// A pooling is asked for, and every output is one vector already.
  case needlessPooling
  /// An output has no components.
  case emptyOutput(index: Int, shape: [Int])
  /// An output's elements are of a type that is not read.
  case outputType(index: Int, ElementType)
  /// The model's parts do not agree with each other.
  case structure(MetadataError)
}

extension ModelError: CustomStringConvertible {
  /// A sentence with what was found, what is needed and, where there is one, the way out.
  public var description: String {
    switch self {
    case .inputMetadataCount(let count):
      "its metadata describes \(count) inputs; exactly one is needed"
    case .inputCount(let count):
      "it has \(count) inputs; exactly one, the image, is needed"
    case .inputIsNotAnImage(let content):
      "its metadata says that the input holds \(content); an image is needed"
    case .severalNormalizations(let count):
      "its metadata has \(count) NormalizationOptions for the input; at most one is possible"
    case .normalization(let error):
      "the NormalizationOptions in its metadata cannot be used: \(error)"
    case .inputRank(let shape):
      "its input has the shape \(shape); [1, height, width, 3] or [1, 3, height, width] is needed"
    case .inputType(let type):
      "its input is of type \(type); uint8, int8 or float32 is needed"
    case .inputColorSpace(let space):
      "its metadata says that the input's colour space is \(space); RGB is needed"
    case .inputShape(let shape):
      "its input has the shape \(shape); images of three channels, [1, height, width, 3] or"
        + " [1, 3, height, width], are needed"
    case .emptyInput(let shape):
      "its input has the shape \(shape); height and width must be at least 1"
    case .missingNormalization(let type):
      "its input is of type \(type) and nothing says how pixels are normalized; give --mean and --std"
        + " (Options.normalization), such as 127.5 and 127.5 for inputs from -1 to 1, or write"
        + " them into a copy of the model (image-embedder annotate)"
    case .needlessNormalization:
      "its uint8 input takes pixels as they are; leave --mean and --std (Options.normalization) out"
    case .customOperators(let names):
      "it uses custom operators, which the runtime does not have"
        + " (\(names.map { quoted($0) }.joined(separator: ", "))); convert the model with TFLite's own"
        + " operators only"
    case .missingInputQuantization:
      "its int8 input has no scale and zero point; quantization parameters per tensor are needed"
    case .noOutputs:
      "it has no output; at least one feature vector is needed"
    case .outputRank(let index, let shape), .outputBatch(let index, let shape):
      "its output \(index) has the shape \(shape); one vector, such as [1, N] or [1, 1, 1, N], is"
        + " needed"
    case .mixedBatch(let batch):
      "what it gives for one image depends on the others of its batch of \(batch), as layers in training"
        + " mode do; convert it for inference (model.eval() in PyTorch, training=False in Keras) or with"
        + " a batch of 1"
    case .outputIsNotAVector(let index, let shape):
      "its output \(index) has the shape \(shape), which is not one vector; say how it becomes one by"
        + " --pool (Options.pooling): mean, max\(shape.count == 3 ? ", cls" : "") or flatten is needed"
    case .pooling(let pooling, let index, let shape, isOpen: true):
      "its output \(index) has a shape that follows the image's size, \(shape) for one of them, so that"
        + " \(pooling.rawValue) gives vectors of different lengths; mean or max is needed for"
        + " --pool (Options.pooling)"
    case .pooling(let pooling, let index, let shape, isOpen: false):
      "its output \(index) has the shape \(shape), of which \(pooling.rawValue) makes no vector;"
        + " \(pooling == .cls ? "it takes the first of tokens [1, count, N]; " : "")mean, max or flatten is"
        + " needed for --pool (Options.pooling)"
    case .needlessPooling:
      "its outputs are one vector each already; leave --pool (Options.pooling) out"
    case .emptyOutput(let index, let shape):
      "its output \(index) has the shape \(shape); at least one component is needed"
    case .outputType(let index, let type):
      "its output \(index) is of type \(type); uint8, int8 or float32 is needed"
    case .structure(let error):
      error.description
    }
  }
}
