import EmbedderStorage

/// What a model is and whether it can embed images; needs no runtime.
public struct ModelInfo: Hashable, Sendable {
  /// Where the model came from.
  public let source: ModelSource

  /// The size of the model file in bytes.
  public let byteCount: Int

  /// The inputs, outputs and metadata, as the file states them.
  public let file: ModelFile

  /// How pixels are normalized: what the caller gave, else what the metadata state.
  ///
  /// uint8 inputs take pixels as they are, whatever this says.
  public let normalization: Normalization?

  /// Every requirement, met or not, in the order in which a failure is reported.
  public let requirements: [ModelRequirement]

  let encoding: PixelEncoding?

  /// Reads and reviews a model.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - normalization: What to use in place of the metadata's.
  /// - Throws: ``EmbedderError`` when the model cannot be read at all. Requirements that are not met
  ///   are listed, not thrown.
  public init(
    of source: ModelSource, normalization: Normalization? = nil
  ) throws(EmbedderError) {
    try self.init(of: source, bytes: source.load(), normalization: normalization)
  }

  init(
    of source: ModelSource, bytes: SharedBytes, normalization given: Normalization?
  ) throws(EmbedderError) {
    do {
      file = try ModelFile(reading: bytes.bytes)
    } catch {
      throw .modelContent(model: source.description, error)
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
    let review = ModelReview(of: file, editError: editError, normalization: given)
    self.source = source
    byteCount = bytes.bytes.byteCount
    normalization = review.normalization
    requirements = review.requirements
    encoding = review.encoding
  }

  /// The first requirement that is not met, or `nil` for a model that can be used.
  public var firstError: ModelError? { requirements.firstError }
}
