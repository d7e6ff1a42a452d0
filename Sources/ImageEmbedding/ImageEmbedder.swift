public import EmbedderEmbeddings
import EmbedderInference
public import EmbedderModelMetadata
public import EmbedderStorage

/// Turns images into feature vectors with a TFLite model, and compares them.
///
/// Make one and use it for as long as you like, from as many threads as you like: as many calls as the
/// machine has cores run at once, each on a compiled model of its own that shares the loaded one; on a
/// graphics card four do, and others are decoded meanwhile. An image that cannot be embedded is an error of
/// that call and changes nothing for the next.
///
/// Carries on `ImageEmbedder` of the TensorFlow Lite Task Library, with the same numbers.
public final class ImageEmbedder: Sendable {
  /// One output of the model.
  public struct Head: Hashable, Sendable {
    /// The number of the output, from 0.
    public let index: Int
    /// The name in the model's metadata, if there is one.
    public let name: String?
    /// The number of components of its feature vector.
    public let dimension: Int
    /// The element type of the output tensor; feature vectors are floats whatever it is.
    public let elementType: ElementType
    let quantization: Quantization?
    /// What the output holds; ``dimension`` is what becomes of it.
    let form: OutputForm
  }

  /// The version of this library.
  public static let version = "0.1.0"

  /// The options that the embedder was made with.
  public let options: Options

  /// What the model is.
  public let modelInfo: ModelInfo

  /// The model's outputs, in its order.
  public let heads: [Head]

  /// The most models on a graphics card.
  ///
  /// One computes while pictures of the others are brought to size and to the card. More would take its
  /// memory for nothing.
  static let graphicsCardSessionLimit = 4

  /// The number of images of a run of the model, of which one is the picture.
  let batch: Int

  private let modelBytes: SharedBytes
  let sessions: SessionPool
  /// The threads of those who wait without one: at least as many as images are embedded at once.
  let waitingWork: BlockingWork

  /// Loads a model and makes it ready.
  ///
  /// - Throws: ``EmbedderError`` when the model cannot be read or does not meet a requirement, when the
  ///   LiteRT library or the accelerator's is missing, for a thread count below −1, for a layout without
  ///   a pooling, for an accelerator's library without an accelerator, or for a precision that the
  ///   accelerator or the processor does not compute in.
  public convenience init(options: Options = Options()) throws(EmbedderError) {
    try self.init(options: options, makeEngine: Engines.make)
  }

  /// Loads a model for an engine that `makeEngine` makes.
  init(
    options: Options,
    makeEngine: (Options, SharedBytes, ModelFile) throws(InferenceError) -> any InferenceEngine
  ) throws(EmbedderError) {
    guard options.threadCount >= -1 else {
      throw .invalidOption(
        name: "the thread count", found: "\(options.threadCount)",
        needed: "a number from 1 to the number of cores, or -1 for the default")
    }
    if let layout = options.mapLayout, options.pooling == nil {
      throw .invalidOption(
        name: "the layout of a map that is pooled", found: layout.rawValue,
        needed: "a pooling beside it, or no layout,")
    }
    if let path = options.acceleratorLibraryPath, options.accelerator == .cpu {
      throw .invalidOption(
        name: "the accelerator's library", found: quoted(path.description),
        needed: "an accelerator that has one beside it, openvino or gpu,")
    }
    if options.precision != .float32, options.accelerator != .openVINO {
      throw .invalidOption(
        name: "the precision", found: options.precision.rawValue,
        needed: "the accelerator openvino beside it, which alone computes in that,")
    }
    let loaded = try options.model.load(with: options)
    let bytes = loaded.bytes
    let info = try ModelInfo(of: options, loaded)
    let name = options.model.description
    if let error = info.firstError {
      throw .modelRequirement(model: name, error)
    }
    guard var input = info.input else {
      throw .modelRequirement(model: name, .inputCount(info.file.inputs.count))
    }
    let engine: any InferenceEngine
    let model: any InferenceModel
    do throws(InferenceError) {
      engine = try makeEngine(options, bytes, info.file)
      model = try engine.makeModel()
    } catch {
      throw EmbedderError(loading: name, error, customOperators: info.file.customOperators)
    }
    if input.batch > 1 {
      let use: BatchUse
      do throws(InferenceError) { use = try input.use(of: model) } catch {
        throw .inference(model: name, error)
      }
      switch use {
      case .alone: input.batch = 1
      case .first: break
      case .mixed: throw .modelRequirement(model: name, .mixedBatch(input.batch))
      }
    }
    let heads = Self.heads(of: model, info.file, input, options)
    try Self.review(heads, model, info.file, input, options)
    let coreShare = max(1, processorCount / max(1, options.threadCount))
    let sessionLimit = options.accelerator == .gpu ? Self.graphicsCardSessionLimit : coreShare
    waitingWork = BlockingWork(threadLimit: max(coreShare, sessionLimit))
    sessions = SessionPool(
      InferenceSession(
        model: model, input: input, heads: heads, options: options),
      limit: sessionLimit
    ) { [input] () throws(InferenceError) in
      InferenceSession(
        model: try engine.makeModel(), input: input, heads: heads, options: options)
    }
    batch = input.batch
    modelBytes = bytes
    self.heads = heads
    self.options = options
    modelInfo = info
  }

  /// Loads the TFLite file at `modelPath`, or the built-in model of that name, with default options.
  public convenience init(modelPath: String) throws(EmbedderError) {
    try self.init(options: Options(model: ModelSource(modelPath)))
  }

  /// The outputs, with the sizes that the runtime really gives them.
  private static func heads(
    of model: any InferenceModel, _ file: ModelFile, _ input: ImageInput, _ options: Options
  ) -> [Head] {
    let layout = options.mapLayout ?? input.layout
    return model.outputTensors.enumerated().map { index, tensor in
      let form = OutputForm(
        tensor, batch: input.batch, layout: layout,
        mayGrow: options.pooling != nil && file.outputs[index].isOpen)
      return Head(
        index: index, name: file.outputName(index),
        dimension: form.dimension(of: tensor.shape, options.pooling, batch: input.batch),
        elementType: tensor.elementType, quantization: tensor.quantization, form: form)
    }
  }

  /// Throws unless every output gives a vector, now that what the file leaves open about them is known.
  private static func review(
    _ heads: [Head], _ model: any InferenceModel, _ file: ModelFile, _ input: ImageInput,
    _ options: Options
  ) throws(EmbedderError) {
    let name = options.model.description
    for (head, output) in zip(heads, model.outputTensors) {
      let error = ModelReview.error(
        of: head, output, batch: input.batch, options.pooling,
        mayGrow: file.outputs[head.index].isOpen)
      if let error { throw .modelRequirement(model: name, error) }
    }
    if options.pooling != nil, heads.allSatisfy({ $0.form == .vector }) {
      throw .modelRequirement(model: name, .needlessPooling)
    }
  }

  // MARK: Queries

  /// Computes the SHA-256 of the model, of a bundle that of its model alone: vectors of different models must not be compared.
  ///
  /// Takes some milliseconds for each megabyte of a model that is not built in.
  public func modelDigest() -> SHA256Digest {
    // Of a file beside the program nobody knows.
    if case .builtIn(let model) = options.model, model.isInside { return model.digest }
    let bytes = modelBytes
    return SHA256Digest(of: bytes.bytes)
  }

  /// The number of the model's outputs.
  public var outputLayerCount: Int { heads.count }

  /// The number of components of output `index`'s feature vector, or `nil` where there is no such
  /// output.
  public func embeddingDimension(of index: Int) -> Int? {
    heads.indices.contains(index) ? heads[index].dimension : nil
  }

  /// Returns the cosine of the angle between two feature vectors.
  ///
  /// - Returns: A value in [−1, 1], up to rounding.
  /// - Throws: ``EmbedderError/similarity(_:)`` when the vectors differ in kind or length, are empty,
  ///   or one of them is all zeros.
  public static func cosineSimilarity(
    _ u: FeatureVector, _ v: FeatureVector
  ) throws(EmbedderError) -> Double {
    do {
      return try EmbedderEmbeddings.cosineSimilarity(u, v)
    } catch {
      throw .similarity(error)
    }
  }
}
