import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

/// A small model that cannot be read, and how the error says so.
struct BrokenModel: Sendable, CustomTestStringConvertible {
  /// The kinds of ``MetadataError``.
  enum Kind: Sendable {
    case notAModel
    case outOfBounds
    case tooManyEntries
    case missing
    case indexOutOfRange
    case invalid
    case unsupported
    case noSuchSignature
    case wrongSchemaVersion

    init(_ error: MetadataError) {
      switch error {
      case .notAModel: self = .notAModel
      case .outOfBounds: self = .outOfBounds
      case .tooManyEntries: self = .tooManyEntries
      case .missing: self = .missing
      case .indexOutOfRange: self = .indexOutOfRange
      case .invalid: self = .invalid
      case .unsupported: self = .unsupported
      case .noSuchSignature: self = .noSuchSignature
      case .wrongSchemaVersion: self = .wrongSchemaVersion
      }
    }
  }

  let name: String
  let kind: Kind
  /// What the error's text must name.
  let part: String

  init(_ name: String, _ kind: Kind, _ part: String) {
    self.name = name
    self.kind = kind
    self.part = part
  }

  var testDescription: String { name }

  static let all = [
    BrokenModel("metadata_no_subgraphs", .indexOutOfRange, "subgraph metadata"),
    BrokenModel("metadata_wrong_identifier", .wrongSchemaVersion, "M002"),
    BrokenModel("metadata_empty", .wrongSchemaVersion, "nothing"),
    BrokenModel("metadata_buffer_outside", .indexOutOfRange, "metadata buffer"),
    BrokenModel("metadata_truncated", .outOfBounds, "metadata"),
    BrokenModel("metadata_vtable_outside", .outOfBounds, "metadata"),
    BrokenModel("metadata_subgraph_count", .outOfBounds, "metadata"),
    BrokenModel("metadata_name_length", .outOfBounds, "metadata"),
    BrokenModel("metadata_mean_count", .outOfBounds, "normalization"),
    BrokenModel("subgraphs_0", .missing, "subgraph"),
  ]
}

@Suite("Broken metadata")
struct BrokenMetadataTests {
  @Test("is refused by kind and place, without a trap", arguments: BrokenModel.all)
  func models(model: BrokenModel) throws {
    #expect {
      try readModel(named: model.name)
    } throws: { error in
      guard let error = error as? MetadataError else { return false }
      return BrokenModel.Kind(error) == model.kind && error.description.contains(model.part)
    }
  }

  @Test("has the reference's words for another schema version")
  func schemaVersion() {
    #expect(throws: MetadataError.wrongSchemaVersion(expected: "M001", found: "M002")) {
      try readModel(named: "metadata_wrong_identifier")
    }
    #expect(
      "\(MetadataError.wrongSchemaVersion(expected: "M001", found: "M002"))"
        == "Invalid metadata schema version: expected M001, got M002")
  }

  @Test("names the buffer that does not exist")
  func bufferOutside() throws {
    #expect {
      try readModel(named: "metadata_buffer_outside")
    } throws: { error in
      guard case .indexOutOfRange(_, index: 99, let count) = error as? MetadataError else {
        return false
      }
      return (1..<99).contains(count)
    }
  }

  @Test("is explained with what was found and where")
  func texts() {
    let bounds = "\(MetadataError.outOfBounds(part: "the name", offset: -7, byteCount: 99))"
    #expect(bounds.contains("the name") && bounds.contains("-7") && bounds.contains("99 bytes"))
    let many = "\(MetadataError.tooManyEntries(part: "the list", count: 9, limit: 8))"
    #expect(many.contains("the list") && many.contains("9") && many.contains("8"))
    let index = "\(MetadataError.indexOutOfRange(part: "input 0", index: 5, count: 3))"
    #expect(index.contains("input 0") && index.contains("number 5 of 3"))
    #expect("\(MetadataError.missing(part: "subgraph"))".contains("no subgraph"))
    let invalid = "\(MetadataError.invalid(part: "the stride", found: "0", needed: "1 or more"))"
    #expect(invalid.hasSuffix("the stride is 0; 1 or more is needed"))
    #expect("\(MetadataError.notAModel(found: "a cat"))".contains("a cat"))
  }
}
