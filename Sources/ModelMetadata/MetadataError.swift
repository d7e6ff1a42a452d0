import EmbedderStorage

/// Why a model file, or the metadata inside it, cannot be understood.
@nonexhaustive
public enum MetadataError: Error, Hashable, Sendable {
  /// The bytes are no TFLite model at all; `found` describes what they look like.
  case notAModel(found: String)

  /// A part lies outside the bytes that hold it: the file is truncated or damaged.
  case outOfBounds(part: String, offset: Int, byteCount: Int)

  /// A list claims more entries than any honest file has.
  case tooManyEntries(part: String, count: Int, limit: Int)

  /// A part that every model has is missing.
  case missing(part: String)

  /// A reference leads to an entry that does not exist.
  case indexOutOfRange(part: String, index: Int, count: Int)

  /// Two parts of the model, or a part and what the runtime can stand, do not agree.
  case invalid(part: String, found: String, needed: String)

  /// The model has something that the runtime does not; `remedy` is the way to a model without it.
  case unsupported(part: String, found: String, remedy: String)

  /// The model has no signature of the name that is asked for.
  case noSuchSignature(name: String, available: [String])

  /// The metadata's own identifier is not the one of the schema that we read.
  case wrongSchemaVersion(expected: String, found: String)
}

extension MetadataError: CustomStringConvertible {
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .notAModel(let found):
      "this is not a TFLite model but \(found); a .tflite file is needed"
    case .outOfBounds(let part, let offset, let byteCount):
      "the model file is truncated or damaged: \(part) at offset \(offset) lies outside its"
        + " \(byteCount) bytes"
    case .tooManyEntries(let part, let count, let limit):
      "the model file is damaged: \(part) claims \(count) entries, at most \(limit) are accepted"
    case .missing(let part):
      "the model file is damaged or incomplete: it has no \(part)"
    case .indexOutOfRange(let part, let index, let count):
      "the model file is damaged: \(part) refers to number \(index) of \(count)"
    case .invalid(let part, let found, let needed):
      "the model file is damaged: \(part) is \(found); \(needed) is needed"
    case .unsupported(let part, let found, let remedy):
      "the runtime cannot run it: \(part) is \(found); \(remedy)"
    case .noSuchSignature(let name, let available):
      available.isEmpty
        ? "it has no signatures; leave --signature (Options.signature) out"
        : "it has no signature \(quoted(name)); choose one of"
          + " \(available.map { quoted($0) }.joined(separator: ", ")) by --signature"
          + " (Options.signature)"
    case .wrongSchemaVersion(let expected, let found):
      "Invalid metadata schema version: expected \(expected), got \(found)"
    }
  }
}
