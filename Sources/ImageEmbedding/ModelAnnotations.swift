import EmbedderModelMetadata
public import EmbedderPreprocessing

/// What a copy of a model is to say of itself, in TFLite metadata.
///
/// What is `nil` stays as the model has it. The Task Library, MediaPipe and this library read the result;
/// MediaPipe refuses a normalization of three different values.
///
/// ```swift
/// var annotations = ModelAnnotations()
/// annotations.normalization = try Normalization(mean: [127.5], std: [127.5])
/// annotations.headNames = ["feature_vector"]
/// try ImageEmbedder.annotate(.file(path: "model.tflite"), with: annotations, output: "annotated.tflite")
/// ```
public struct ModelAnnotations: Hashable, Sendable {
  /// How pixels are normalized, for a model of float32 or int8 input.
  public var normalization: Normalization?

  /// The model's name; an empty text here and below takes away what the model has.
  public var name: String?

  /// What the model does.
  public var description: String?

  /// The version, in whatever form.
  public var version: String?

  /// Who made the model.
  public var author: String?

  /// The licence, by name or as its whole text of at most 65,536 bytes.
  public var license: String?

  /// The names of the outputs, one for each.
  public var headNames: [String]?

  /// Makes annotations that change nothing.
  public init() {}

  /// The same for the metadata.
  var changes: MetadataChanges {
    var changes = MetadataChanges()
    let texts: [(MetadataChanges.Text, String?)] = [
      (.name, name), (.description, description), (.version, version), (.author, author),
      (.license, license),
    ]
    for case (let text, let value?) in texts { changes.texts[text] = value }
    changes.headNames = headNames
    changes.normalization = normalization.map { normalization in
      // Three that are the same are one, which more readers take.
      func channels(_ values: [Float]) -> [Float] {
        Set(normalization.mean).count == 1 && Set(normalization.std).count == 1
          ? [values[0]] : values
      }
      return NormalizationUnit(
        mean: channels(normalization.mean), std: channels(normalization.std))
    }
    return changes
  }
}
