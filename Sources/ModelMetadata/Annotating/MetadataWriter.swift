/// Writes metadata anew where they change, in front of those that a model has: all that does not change
/// stays as it is, whatever it is.
struct MetadataWriter: ~Escapable {
  private let old: FlatBufferTable?
  private let changes: MetadataChanges
  private var built = FlatBufferPrefix()

  /// Prepares the metadata of a model.
  ///
  /// - Parameters:
  ///   - old: The metadata that there are.
  ///   - changes: What is to be written.
  @_lifetime(copy old)
  init(over old: FlatBufferTable?, _ changes: MetadataChanges) {
    self.old = old
    self.changes = changes
  }

  /// The new metadata, and the parser version that they state.
  mutating func write() throws(MetadataError) -> (bytes: [UInt8], version: String) {
    let version = try parserVersion()
    var model = try fields(of: old, .model)
    for (text, value) in changes.texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      model[text.field] = value.isEmpty ? .none : reference(built.string(value))
    }
    var subgraphs = try old?.references(3) ?? []
    let described = subgraphs.isEmpty ? nil : try old?.table(3, at: 0, "subgraph metadata")
    var subgraph = try fields(of: described, .subgraph)
    subgraph[2] = reference(built.vector(of: [.new(try input(of: described))]))
    if let names = changes.headNames {
      subgraph[3] = reference(built.vector(of: try outputs(of: described, names)))
    }
    subgraphs = [.new(built.table(subgraph))] + subgraphs.dropFirst()
    model[3] = reference(built.vector(of: subgraphs))
    model[7] = reference(built.string(version))
    let root = built.table(model)
    let prefix = built.bytes(root: root, identifier: TFLiteMetadata.identifier)
    return (prefix + oldBytes, version)
  }

  private var oldBytes: [UInt8] {
    guard let bytes = old?.buffer.bytes else { return [] }
    return (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
  }

  /// What the reference's writer states; where metadata state more than there is today, that stays.
  private func parserVersion() throws(MetadataError) -> String {
    guard let old else { return ParserVersion.first.description }
    let needed = try MetadataCheck(of: old).version
    if let text = try old.string(7), let stated = ParserVersion(text), stated > .newest {
      return text
    }
    return needed.description
  }

  // MARK: Tensors

  /// The input: an RGB image, normalized as asked.
  private mutating func input(
    of subgraph: FlatBufferTable?
  ) throws(MetadataError) -> FlatBufferPrefix.Part {
    let count = try subgraph?.tableCount(2) ?? 0
    let old = count == 0 ? nil : try subgraph?.table(2, at: 0, "input tensor metadata")
    var tensor = try fields(of: old, .tensor)
    if try !describesRGB(old) {
      var content = try fields(of: try old?.table(3, "content"), .content)
      content[0] = .uint8(2)
      content[1] = reference(built.table([.uint8(1)]))
      tensor[3] = reference(built.table(content))
    }
    if let normalization = changes.normalization {
      var units: [FlatBufferPrefix.Target] = []
      for index in 0..<(try old?.tableCount(4) ?? 0) {
        guard let unit = try old?.table(4, at: index, "process unit \(index)"),
          try unit.scalar(0, as: UInt8.self) != 1
        else { continue }
        units.append(.old(unit.position))
      }
      let (mean, std) = (
        built.vector(of: normalization.mean), built.vector(of: normalization.std)
      )
      let options = built.table([reference(mean), reference(std)])
      units.append(.new(built.table([.uint8(1), reference(options)])))
      tensor[4] = reference(built.vector(of: units))
    }
    return built.table(tensor)
  }

  private func describesRGB(_ tensor: FlatBufferTable?) throws(MetadataError) -> Bool {
    guard let content = try tensor?.table(3, "content"),
      try content.scalar(0, as: UInt8.self) == 2
    else { return false }
    return try content.table(1, "image properties")?.scalar(0, as: UInt8.self) == 1
  }

  private mutating func outputs(
    of subgraph: FlatBufferTable?, _ names: [String]
  ) throws(MetadataError) -> [FlatBufferPrefix.Target] {
    let count = try subgraph?.tableCount(3) ?? 0
    var result: [FlatBufferPrefix.Target] = []
    for (index, name) in names.enumerated() {
      let old = index < count ? try subgraph?.table(3, at: index, "output tensor metadata") : nil
      var tensor = try fields(of: old, .tensor)
      tensor[0] = reference(built.string(name))
      result.append(.new(built.table(tensor)))
    }
    return result
  }

  // MARK: Fields

  /// The fields of a table that is copied, or as many that are not there.
  private func fields(
    of table: FlatBufferTable?, _ schema: MetadataSchema
  ) throws(MetadataError) -> [FlatBufferPrefix.Field] {
    try table?.fields(schema.copied) ?? schema.fields.map { _ in .none }
  }

  private func reference(_ part: FlatBufferPrefix.Part) -> FlatBufferPrefix.Field {
    .reference(.new(part))
  }
}

extension MetadataChanges.Text {
  /// The number of the text's field in the schema.
  fileprivate var field: Int {
    switch self {
    case .name: 0
    case .description: 1
    case .version: 2
    case .author: 4
    case .license: 5
    }
  }
}
