import EmbedderTestSupport
import Foundation
import Testing

@testable import EmbedderModelMetadata

@Suite("A copy of a model with other metadata")
struct AnnotatingTests {
  /// A model with what `scripts/fixtures/make_annotating.py` asked the reference about it.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    /// What tflite-support 0.4.4's writer states.
    let parserVersion: String?
    /// What Python's zipfile reads from the archive at the end.
    let files: [String: String]

    var testDescription: String { name }
  }

  static let cases: [Case] = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let data = try? Data(contentsOf: URL(filePath: Fixtures.annotatingList))
    return (try? decoder.decode([Case].self, from: data ?? Data())) ?? []
  }()

  static let refusedCases = [
    "signed_by_metadata", "signed_by_archive", "compiled_for_an_accelerator",
  ]

  static let half = NormalizationUnit(mean: [127.5], std: [63.75])

  /// Changes of everything.
  static func changes(headCount: Int = 1) -> MetadataChanges {
    var changes = MetadataChanges()
    for text in MetadataChanges.Text.allCases { changes.texts[text] = "new \(text) ü" }
    changes.normalization = half
    changes.headNames = (0..<headCount).map { "head \($0)" }
    return changes
  }

  /// The copy of a model's bytes.
  static func copy(_ bytes: [UInt8], _ changes: MetadataChanges) throws -> (
    copy: [UInt8], prefixCount: Int, patches: [BytePatch]
  ) {
    let file = try readModel(bytes)
    let annotated = try file.annotated(unsafe bytes.span.bytes, with: changes)
    var copy = annotated.prefix + bytes
    for patch in annotated.patches {
      let start = annotated.prefix.count + patch.position
      copy.replaceSubrange(start..<start + patch.bytes.count, with: patch.bytes)
    }
    try annotated.verify(unsafe copy.span.bytes)
    return (copy, annotated.prefix.count, annotated.patches)
  }

  // MARK: What is written

  @Test("says what was to be said and keeps the model's bytes", arguments: try Fixtures.modelNames)
  func everyModel(name: String) throws {
    let bytes = try contents(of: Fixtures.model(name))
    guard let file = try? readModel(bytes), file.structuralDefect == nil, file.inputs.count == 1,
      (file.metadata?.inputs?.count ?? 0) < 2, isImage(file),
      [0, file.outputs.count].contains(file.metadata?.outputs.count ?? 0)
    else { return }
    var changes = Self.changes(headCount: file.outputs.count)
    let isNormalized = [.float32, .int8].contains(file.inputs[0].elementType)
    if !isNormalized { changes.normalization = nil }
    if file.outputs.isEmpty { changes.headNames = nil }
    let (copy, prefixCount, patches) = try Self.copy(bytes, changes)
    #expect(prefixCount % 64 == 0 && prefixCount > 0)
    var rest = Array(copy[prefixCount...])
    for patch in patches {
      let range = patch.position..<patch.position + patch.bytes.count
      #expect(Array(rest[range]) == patch.bytes)
      rest.replaceSubrange(range, with: bytes[range])
    }
    #expect(rest == bytes)

    let found = try readModel(copy)
    #expect(found.inputs == file.inputs && found.outputs == file.outputs)
    #expect(found.graph == file.graph && found.customOperators == file.customOperators)
    let metadata = try #require(found.metadata)
    #expect(metadata.name == "new name ü" && metadata.description == "new description ü")
    #expect(metadata.version == "new version ü" && metadata.author == "new author ü")
    #expect(metadata.license == "new license ü")
    #expect(metadata.inputs?.count == 1)
    #expect(metadata.inputs?.first?.content == .image(.rgb))
    #expect(metadata.inputs?.first?.name == file.metadata?.inputs?.first?.name)
    if isNormalized { #expect(metadata.inputs?.first?.normalizations == [Self.half]) }
    #expect(metadata.outputs.map(\.name) == file.outputs.indices.map { "head \($0)" })
    #expect(metadata.associatedFiles == file.metadata?.associatedFiles ?? [])
  }

  private func isImage(_ file: ModelFile) -> Bool {
    switch file.metadata?.inputs?.first?.content ?? .none {
    case .none, .image(.rgb), .image(.unknown): true
    default: false
    }
  }

  @Test("keeps what is not given")
  func kept() throws {
    let bytes = try contents(of: Fixtures.model("metadata_rich"))
    let old = try #require(try readModel(bytes).metadata)
    var changes = MetadataChanges()
    changes.texts[.author] = "Me"
    let new = try #require(try readModel(Self.copy(bytes, changes).copy).metadata)
    var expected = old
    expected.author = "Me"
    #expect(new == expected)
  }

  @Test("takes away what is given as nothing")
  func takenAway() throws {
    let bytes = try contents(of: Fixtures.model("metadata_rich"))
    var changes = MetadataChanges()
    changes.texts[.author] = ""
    let new = try #require(try readModel(Self.copy(bytes, changes).copy).metadata)
    #expect(new.author == nil && new.name == "Rich Metadata")
  }

  @Test("of a copy says what was said last, and all else that was said before")
  func twice() throws {
    let bytes = try contents(of: Fixtures.model("identity_float_8x6_no_metadata"))
    let first = try Self.copy(bytes, Self.changes()).copy
    var changes = MetadataChanges()
    let normalization = NormalizationUnit(mean: [1, 2, 3], std: [4, 5, 6])
    changes.normalization = normalization
    changes.texts[.name] = "second"
    let second = try #require(try readModel(Self.copy(first, changes).copy).metadata)
    #expect(second.name == "second" && second.author == "new author ü")
    #expect(second.inputs?.first?.normalizations == [normalization])
    #expect(second.outputs.map(\.name) == ["head 0"])
  }

  @Test("replaces several normalizations by one")
  func severalNormalizations() throws {
    let bytes = try contents(of: Fixtures.model("metadata_two_normalizations"))
    let new = try readModel(Self.copy(bytes, Self.changes()).copy)
    #expect(new.metadata?.inputs?.first?.normalizations == [Self.half])
  }

  @Test("keeps a normalization that is no number, where no other is given")
  func notANumber() throws {
    let bytes = try contents(of: Fixtures.model("identity_float_8x6_no_metadata"))
    var changes = MetadataChanges()
    changes.normalization = NormalizationUnit(mean: [.nan], std: [.infinity])
    let first = try Self.copy(bytes, changes).copy
    changes = MetadataChanges()
    changes.texts[.name] = "name"
    let unit = try readModel(Self.copy(first, changes).copy).metadata?.inputs?[0].normalizations[0]
    #expect(unit?.mean.first?.isNaN == true && unit?.std == [.infinity])
  }

  // MARK: What lies elsewhere

  @Test(
    "states the parser version that the reference's writer states",
    arguments: cases.filter { $0.parserVersion != nil && !refusedCases.contains($0.name) })
  func parserVersion(case: Case) throws {
    let bytes = try contents(of: Fixtures.annotating(`case`.name))
    let new = try readModel(Self.copy(bytes, Self.changes()).copy)
    #expect(new.metadata?.minimumParserVersion == `case`.parserVersion)
  }

  @Test("keeps a parser version that is newer than any schema")
  func newerParser() throws {
    let bytes = try contents(of: Fixtures.model("metadata_min_parser_version"))
    let new = try readModel(Self.copy(bytes, Self.changes()).copy)
    #expect(new.metadata?.minimumParserVersion == "9.9.9")
  }

  @Test(
    "has an archive at its end whose offsets are right",
    arguments: cases.filter { !$0.files.isEmpty && !refusedCases.contains($0.name) })
  func archives(case: Case) throws {
    let bytes = try contents(of: Fixtures.annotating(`case`.name))
    let copy = try Self.copy(bytes, Self.changes()).copy
    let directory = try #require(try ZIPDirectory(of: unsafe copy.span.bytes))
    #expect(directory.entries.count == `case`.files.count)
    for entry in directory.entries {
      let name = String(decoding: entry.name, as: UTF8.self)
      let extraCount = Int(copy[entry.headerPosition + 28])
      let start = entry.headerPosition + 30 + entry.name.count + extraCount
      #expect(Array(copy[entry.headerPosition..<entry.headerPosition + 4]) == [0x50, 0x4b, 3, 4])
      let text = String(decoding: copy[start..<start + entry.byteCount], as: UTF8.self)
      #expect(text == `case`.files[name])
    }
    // What counted from the start of the file still does.
    let isItsOwn = `case`.name == "archive_of_its_own"
    #expect(directory.isZIP64 == (`case`.name == "archive_64_bits"))
    #expect((try directory.patches(forPrefixOf: 64, in: unsafe copy.span.bytes) == []) == isItsOwn)
  }

  @Test("finds data and options behind the FlatBuffer where they are now")
  func outerData() throws {
    let options = Array("options of an operator, behind the FlatBuffer".utf8)
    for name in ["outer_data", "outer_options", "outer_both_with_archive"] {
      let bytes = try contents(of: Fixtures.annotating(name))
      let copy = try Self.copy(bytes, Self.changes()).copy
      let (old, new) = (try outerParts(of: bytes), try outerParts(of: copy))
      #expect(Array(new.prefix(old.count)) == old, "\(name)")
      #expect(old.contains(options) == (name != "outer_data"))
    }
  }

  /// What the offsets of a model lead to behind its FlatBuffer.
  private func outerParts(of bytes: [UInt8]) throws -> [[UInt8]] {
    let model = try FlatBuffer(unsafe bytes.span.bytes).root("model")
    var parts: [[UInt8]] = []
    func add(_ offset: UInt64?, _ size: UInt64?) {
      guard let offset, offset > 1, let size else { return }
      parts.append(Array(bytes[Int(offset)..<Int(offset + size)]))
    }
    for index in 0..<(try model.tableCount(4) ?? 0) {
      let buffer = try model.table(4, at: index, "buffer")
      add(try buffer.scalar(1, as: UInt64.self), try buffer.scalar(2, as: UInt64.self))
    }
    let subgraph = try model.table(2, at: 0, "subgraph")
    for index in 0..<(try subgraph.tableCount(3) ?? 0) {
      let table = try subgraph.table(3, at: index, "operator")
      add(try table.scalar(9, as: UInt64.self), try table.scalar(10, as: UInt64.self))
    }
    #expect(!parts.isEmpty)
    return parts
  }

  // MARK: What is refused

  @Test(
    "is not made of a model that is signed or compiled",
    arguments: [
      ("signed_by_metadata", AnnotationError.signed(by: "metadata entry model_signature")),
      ("signed_by_archive", .signed(by: "META-INF/CERT.SF")),
      ("compiled_for_an_accelerator", .outerProgram(operator: "DISPATCH_OP")),
    ])
  func signed(name: String, error: AnnotationError) throws {
    let bytes = try contents(of: Fixtures.annotating(name))
    #expect(throws: error) { try Self.copy(bytes, Self.changes()) }
  }

  @Test(
    "is not made of a model that it would not be true of",
    arguments: [
      ("inputs_2", AnnotationError.inputCount(2)),
      ("metadata_two_inputs", .describedInputCount(2)),
      ("metadata_grayscale", .inputIsNotAnImage(.image(.grayscale))),
      ("metadata_feature_properties", .inputIsNotAnImage(.feature)),
      ("identity_uint8_8x6", .needlessNormalization(.uint8)),
      ("input_int32", .needlessNormalization(.int32)),
      ("heads_abc", .headCount(found: 1, needed: 3)),
    ])
  func unsuitable(name: String, error: AnnotationError) throws {
    let bytes = try contents(of: Fixtures.model(name))
    #expect(throws: error) { try Self.copy(bytes, Self.changes()) }
    #expect("\(error)".contains("; "))
  }

  @Test("is not made with texts that readers do not take")
  func texts() throws {
    let bytes = try contents(of: Fixtures.model("identity_uint8_8x6"))
    for (text, needed) in [
      (String(repeating: "x", count: 65_537), "at most 65536"), ("a\0b", "without"),
    ] {
      var changes = MetadataChanges()
      changes.texts[.license] = text
      do {
        _ = try Self.copy(bytes, changes)
        Issue.record("it was made")
      } catch let error as AnnotationError {
        #expect("\(error)".hasPrefix("the license is ") && "\(error)".contains(needed))
      }
      changes = MetadataChanges()
      changes.headNames = [text]
      #expect(throws: AnnotationError.self) { try Self.copy(bytes, changes) }
    }
    var changes = MetadataChanges()
    changes.headNames = [""]
    #expect(
      throws: AnnotationError.text(name: "name of head 0", found: "empty", needed: "a name")
    ) { try Self.copy(bytes, changes) }
    changes.headNames = [String(repeating: "x", count: 65_536)]
    #expect(
      try readModel(Self.copy(bytes, changes).copy).metadata?.outputs[0].name?.count == 65_536)
  }

  @Test("needs something to say")
  func nothing() throws {
    let bytes = try contents(of: Fixtures.model("identity_uint8_8x6"))
    #expect(throws: AnnotationError.nothing) { try Self.copy(bytes, MetadataChanges()) }
  }

  @Test("of damaged bytes is refused or reads as it was meant", arguments: 0..<8)
  func damage(seed: Int) throws {
    let names = ["archive", "archive_64_bits", "outer_both_with_archive", "parser_custom"]
    let bytes = try contents(of: Fixtures.annotating(names[seed % names.count]))
    var generator = SeededGenerator(seed: UInt64(seed))
    var madeCount = 0
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      do {
        _ = try Self.copy(damaged, Self.changes())
        madeCount += 1
      } catch is MetadataError {
      } catch let error as AnnotationError where error != .notReadBack {
      }
    }
    #expect(madeCount > 0)
  }
}
