/// A table of the metadata's schema (`metadata_schema.fbs`, 1.5.0): what each field is.
///
/// The schema has no cycles, so that neither have these.
final class MetadataSchema: Sendable {
  /// What a field is.
  enum Field: Sendable {
    /// A number of so many bytes.
    case scalar(Int)
    /// A list of numbers of so many bytes; of one byte, a string too.
    case scalars(Int)
    case strings
    case table(MetadataSchema)
    case tables(MetadataSchema)
    /// The table of a union, whose number, from 1, is in the field before.
    case union([MetadataSchema])
  }

  let name: String
  let fields: [Field]

  private init(_ name: String, _ fields: [Field]) {
    self.name = name
    self.fields = fields
  }

  private static let string = Field.scalars(1)

  static let associatedFile = MetadataSchema(
    "associated file", [string, string, .scalar(1), string, string])

  private static let featureProperties = MetadataSchema("feature properties", [])
  private static let imageSize = MetadataSchema("image size", [.scalar(4), .scalar(4)])
  private static let imageProperties = MetadataSchema(
    "image properties", [.scalar(1), .table(imageSize)])
  private static let boundingBoxProperties = MetadataSchema(
    "bounding box properties", [.scalars(4), .scalar(1), .scalar(1)])
  private static let audioProperties = MetadataSchema(
    "audio properties", [.scalar(4), .scalar(4)])
  private static let valueRange = MetadataSchema("value range", [.scalar(4), .scalar(4)])
  static let content = MetadataSchema(
    "content",
    [
      .scalar(1),
      .union([featureProperties, imageProperties, boundingBoxProperties, audioProperties]),
      .table(valueRange),
    ])

  private static let normalization = MetadataSchema(
    "normalization options", [.scalars(4), .scalars(4)])
  private static let scoreCalibration = MetadataSchema(
    "score calibration options", [.scalar(1), .scalar(4)])
  private static let scoreThresholding = MetadataSchema(
    "score thresholding options", [.scalar(4)])
  private static let bertTokenizer = MetadataSchema(
    "tokenizer options", [.tables(associatedFile)])
  private static let sentencePieceTokenizer = MetadataSchema(
    "tokenizer options", [.tables(associatedFile), .tables(associatedFile)])
  private static let regexTokenizer = MetadataSchema(
    "tokenizer options", [string, .tables(associatedFile)])
  static let processUnit = MetadataSchema(
    "process unit",
    [
      .scalar(1),
      .union([
        normalization, scoreCalibration, scoreThresholding, bertTokenizer, sentencePieceTokenizer,
        regexTokenizer,
      ]),
    ])

  private static let stats = MetadataSchema("stats", [.scalars(4), .scalars(4)])
  static let tensor = MetadataSchema(
    "tensor metadata",
    [
      string, string, .strings, .table(content), .tables(processUnit), .table(stats),
      .tables(associatedFile),
    ])
  private static let tensorGroup = MetadataSchema("tensor group", [string, .strings])
  private static let custom = MetadataSchema("custom metadata", [string, .scalars(1)])
  static let subgraph = MetadataSchema(
    "subgraph metadata",
    [
      string, string, .tables(tensor), .tables(tensor), .tables(associatedFile),
      .tables(processUnit), .tables(processUnit), .tables(tensorGroup), .tables(tensorGroup),
      .tables(custom),
    ])
  static let model = MetadataSchema(
    "metadata",
    [string, string, string, .tables(subgraph), string, string, .tables(associatedFile), string])

  /// The same for tables that are copied with changes.
  var copied: TableSchema {
    TableSchema(
      fields: fields.map { field in
        if case .scalar(let byteCount) = field {
          byteCount == 1 ? .uint8 : .int32
        } else {
          .reference
        }
      })
  }
}
