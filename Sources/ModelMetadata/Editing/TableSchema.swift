/// The fields of the schema's tables, in order, for tables that are copied with changes.
struct TableSchema {
  enum FieldKind {
    case uint8, int32, uint64, reference
  }

  let fields: [FieldKind]

  static let model = TableSchema(
    fields: [.int32] + Array(repeating: .reference, count: 9))
  static let subgraph = TableSchema(
    fields: Array(repeating: .reference, count: 5) + [.int32])
  static let tensor = TableSchema(fields: [
    .reference, .uint8, .int32, .reference, .reference, .uint8, .reference, .reference, .uint8,
    .reference, .int32,
  ])
  static let `operator` = TableSchema(fields: [
    .int32, .reference, .reference, .uint8, .reference, .reference, .uint8, .reference, .reference,
    .uint64, .uint64, .uint8, .reference, .int32,
  ])
}

extension FlatBufferTable {
  /// The fields of this table, which point to where they did.
  ///
  /// - Throws: ``MetadataError`` for a table with fields that the schema does not have.
  func fields(_ schema: TableSchema) throws(MetadataError) -> [FlatBufferPrefix.Field] {
    let found = max(0, (vtableSize - 4) / 2)
    guard found <= schema.fields.count else {
      throw .invalid(
        part: name, found: "a table of \(found) fields",
        needed: "one of at most \(schema.fields.count)")
    }
    var result: [FlatBufferPrefix.Field] = []
    for (number, kind) in schema.fields.enumerated() {
      let field: FlatBufferPrefix.Field? =
        switch kind {
        case .uint8: try scalar(number, as: UInt8.self).map { .uint8($0) }
        case .int32: try scalar(number, as: Int32.self).map { .int32($0) }
        case .uint64: try scalar(number, as: UInt64.self).map { .uint64($0) }
        case .reference: try reference(number).map { .reference(.old($0)) }
        }
      result.append(field ?? .none)
    }
    return result
  }

  /// The tables of the list in `field`, where they are.
  func references(_ field: Int) throws(MetadataError) -> [FlatBufferPrefix.Target] {
    var result: [FlatBufferPrefix.Target] = []
    for index in 0..<(try tableCount(field) ?? 0) {
      result.append(.old(try reference(field, at: index)))
    }
    return result
  }
}
