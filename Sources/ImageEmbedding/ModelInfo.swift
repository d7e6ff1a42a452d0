import EmbedderStorage

/// What a model is and whether it can embed images; needs no runtime.
public struct ModelInfo: Hashable, Sendable {
  /// Where the model came from.
  public let source: ModelSource

  /// The name of the model in the bundle that it is taken from, or `nil` for one in none.
  public let bundleMember: String?

  /// The size of the model file in bytes; in a bundle, of the model alone.
  public let byteCount: Int

  /// The inputs, outputs and metadata, as the file states them.
  public let file: ModelFile

  /// How pixels are normalized: what the caller gave, else what the metadata state.
  ///
  /// uint8 inputs take pixels as they are, whatever this says.
  public let normalization: Normalization?

  /// Every requirement, met or not, in the order in which a failure is reported.
  public let requirements: [ModelRequirement]

  /// Where the input has its channels, or `nil` where it is no image.
  ///
  /// `[1, 3, height, 3]` can be read both
  /// ways and is taken for ``TensorLayout/nhwc``.
  public var inputLayout: TensorLayout? { file.inputs.first?.imageLayout }

  /// Whether the input's shape can be read both ways.
  public var isInputAmbiguous: Bool { file.inputs.first?.isAmbiguousImage ?? false }

  let input: ImageInput?

  /// Reads and reviews a model.
  ///
  /// - Parameter options: The model, and what else is said about it: ``ImageEmbedder/Options/normalization``,
  ///   ``ImageEmbedder/Options/signature``, ``ImageEmbedder/Options/pooling`` and
  ///   ``ImageEmbedder/Options/mapLayout``. The rest makes no difference.
  /// - Throws: ``EmbedderError`` when the model cannot be read at all. Requirements that are not met
  ///   are listed, not thrown.
  public init(of options: ImageEmbedder.Options) throws(EmbedderError) {
    try self.init(of: options, options.model.load(with: options))
  }

  init(of options: ImageEmbedder.Options, _ model: LoadedModel) throws(EmbedderError) {
    let bytes = model.bytes
    do {
      file = try ModelFile(reading: bytes.bytes, signature: options.signature)
    } catch {
      throw .modelContent(model: options.model.description, error)
    }
    var editError: MetadataError?
    do {
      // What loading will do, so that both refuse the same models.
      if let input = file.inputs.first, file.structuralDefect == nil {
        _ = try file.edit(of: bytes.bytes, inputShape: input.shape(openExtent: 1))
      }
    } catch {
      editError = error
    }
    let review = ModelReview(of: file, editError: editError, options)
    source = options.model
    bundleMember = model.member
    byteCount = bytes.bytes.byteCount
    normalization = review.normalization
    requirements = review.requirements
    input = review.input
  }

  /// The first requirement that is not met, or `nil` for a model that can be used.
  public var firstError: ModelError? { requirements.firstError }
}
