/// Looks at all that the schema says of some metadata: whether it is inside their bytes, and how new a
/// parser it needs.
///
/// What other readers take on trust is copied, so that it has to be sound; what is newer than the schema
/// is left alone.
struct MetadataCheck {
  /// The oldest version of the schema that has everything that is used.
  private(set) var version = ParserVersion.first
  /// How many more tables and entries of lists may be looked at; tables may be shared.
  private var allowance: Int
  private let limit: Int

  /// Checks whole metadata.
  init(of root: FlatBufferTable) throws(MetadataError) {
    limit = root.buffer.bytes.byteCount
    allowance = limit
    try check(root, .model, counts: true)
  }

  /// Checks a table.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - schema: What it is.
  ///   - counts: Whether its version counts; within the options of process units the reference does not
  ///     look.
  /// - Throws: ``MetadataError`` for what is not inside the bytes.
  private mutating func check(
    _ table: FlatBufferTable, _ schema: MetadataSchema, counts: Bool
  ) throws(MetadataError) {
    try charge(1)
    if counts { try noteVersion(of: table, schema) }
    for (number, field) in schema.fields.enumerated() {
      let part = schema.name
      switch field {
      case .scalar(1): _ = try table.scalar(number, as: UInt8.self)
      case .scalar: _ = try table.scalar(number, as: UInt32.self)
      case .scalars(let stride): _ = try table.vector(number, stride: stride, limit: .max)
      case .strings:
        guard let (start, count) = try table.vector(number, stride: 4, limit: allowance) else {
          continue
        }
        try charge(count)
        for index in 0..<count {
          let place = start + 4 * index
          let target = place + Int(try table.buffer.load(UInt32.self, at: place, part))
          let length = Int(try table.buffer.load(UInt32.self, at: target, part))
          try table.buffer.check(target + 4, length, part)
        }
      case .table(let inner):
        if let entry = try table.table(number, inner.name) {
          try check(entry, inner, counts: counts)
        }
      case .tables(let inner):
        for index in 0..<(try table.tableCount(number) ?? 0) {
          try check(table.table(number, at: index, inner.name), inner, counts: counts)
        }
      case .union(let members):
        let member = Int(try table.scalar(number - 1, as: UInt8.self) ?? 0)
        guard (1...members.count).contains(member) else { continue }
        let inner = members[member - 1]
        if let entry = try table.table(number, inner.name) {
          try check(entry, inner, counts: false)
        }
      }
    }
  }

  private mutating func charge(_ count: Int) throws(MetadataError) {
    allowance -= count
    guard allowance >= 0 else {
      throw .tooManyEntries(part: "its metadata", count: limit - allowance, limit: limit)
    }
  }

  /// Notes what a table has that the first version of the schema did not have, as
  /// `GetMinimumMetadataParserVersion` does (tflite-support, metadata/cc/metadata_version.cc).
  private mutating func noteVersion(
    of table: FlatBufferTable, _ schema: MetadataSchema
  ) throws(MetadataError) {
    var versions: [ParserVersion] = []
    if schema === MetadataSchema.associatedFile {
      switch try table.scalar(2, as: UInt8.self) ?? 0 {
      case 5: versions.append(ParserVersion(1, 0, 1))  // Vocabulary.
      case 6: versions.append(ParserVersion(1, 4, 0))  // ScaNN index.
      default: break
      }
      if try table.reference(4) != nil { versions.append(ParserVersion(1, 4, 1)) }
    } else if schema === MetadataSchema.processUnit {
      switch try table.scalar(0, as: UInt8.self) ?? 0 {
      case 4, 5: versions.append(ParserVersion(1, 1, 0))  // BERT and SentencePiece tokenizers.
      case 6: versions.append(ParserVersion(1, 2, 1))  // Regex tokenizers.
      default: break
      }
    } else if schema === MetadataSchema.content {
      if try table.scalar(0, as: UInt8.self) ?? 0 == 4 {  // Audio.
        versions.append(ParserVersion(1, 3, 0))
      }
    } else if schema === MetadataSchema.subgraph {
      for (field, minor) in [(5, 1), (6, 1), (7, 2), (8, 2), (9, 5)]
      where try table.reference(field) != nil {
        versions.append(ParserVersion(1, minor, 0))
      }
    }
    version = max(version, versions.max() ?? version)
  }
}

/// A version of the metadata's schema.
struct ParserVersion: Hashable, Comparable, CustomStringConvertible {
  let numbers: [Int]

  static let first = ParserVersion(1, 0, 0)
  /// The newest that is known here.
  static let newest = ParserVersion(1, 5, 0)

  init(_ major: Int, _ minor: Int, _ patch: Int) {
    numbers = [major, minor, patch]
  }

  /// Reads `1.2.3`, of which the end may be missing.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    let numbers = parts.compactMap(\.self)
    guard numbers.count == parts.count, (1...3).contains(parts.count),
      numbers.allSatisfy({ $0 >= 0 })
    else { return nil }
    self.numbers = numbers + Array(repeating: 0, count: 3 - numbers.count)
  }

  static func < (first: ParserVersion, second: ParserVersion) -> Bool {
    first.numbers.lexicographicallyPrecedes(second.numbers)
  }

  var description: String { numbers.map(\.description).joined(separator: ".") }
}
