import EmbedderStorage

/// What stands in `run.json`: whose the folder is, what made its vectors, and which files are finished.
///
/// Shards have a record each, `run.I-of-N.json`.
struct StoreRecord: Sendable {
  /// The version that is written.
  ///
  /// 0.1.0 wrote none and named no parts, which is read as 1.
  static let version = 2

  /// A part that is finished.
  struct Part: Sendable {
    let number: Int
    let rowCount: Int
    /// The folder to which relative paths of its rows belong.
    let folder: PathBytes
    /// The arrays, one a head.
    let arrays: [FileSeal]
    let metadata: FileSeal

    var seals: [FileSeal] { arrays + [metadata] }
  }

  /// One output of the model.
  struct Head: Hashable, Sendable {
    let name: String?
    let dimension: Int
  }

  var fileVersion = StoreRecord.version
  var fingerprint: String
  var settings: JSONValue
  var type: ComponentType
  var heads: [Head]
  var shard: Shard?
  var parts: [Part] = []
  /// Parts whose files may appear before they are finished.
  var announced: [Int] = []
  /// Parts that no longer count and whose files are to be removed.
  var retired: [Int] = []
  /// Damaged parts whose files are to be set aside.
  var damaged: [Int] = []
  /// Whether the files of the parts may still have the names of 0.1.0.
  var isRenaming = false
  /// What else is said of the run: status, versions, counts, seconds.
  var details: [(String, JSONValue)] = []

  var text: String {
    var members: [(String, JSONValue)] = [
      ("store_version", .integer(Self.version)),
      ("fingerprint", .string(fingerprint)),
      ("settings", settings),
      ("storage", .string(type.rawValue)),
      (
        "heads",
        .array(
          heads.map {
            .object([("name", .string($0.name)), ("dimension", .integer($0.dimension))])
          })
      ),
      (
        "shard",
        shard.map { .object([("number", .integer($0.number)), ("count", .integer($0.count))]) }
          ?? .null
      ),
    ]
    members += details
    members.append(("parts", .array(parts.map(Self.json))))
    for (name, numbers) in [("announced", announced), ("retired", retired), ("damaged", damaged)]
    where !numbers.isEmpty {
      members.append((name, .array(numbers.map(JSONValue.integer))))
    }
    if isRenaming { members.append(("renaming", .bool(true))) }
    return "\(JSONValue.object(members))\n"
  }

  private static func json(_ part: Part) -> JSONValue {
    func json(_ seal: FileSeal, _ name: String) -> JSONValue {
      .object([
        ("file", .string(name)), ("bytes", .integer(seal.byteCount)),
        ("sha256", .string(seal.sha256)),
      ])
    }
    let arrays = part.arrays.enumerated().map { head, seal in
      json(seal, StoreLayout.arrayName(part: part.number, head: head))
    }
    return .object(
      [("number", .integer(part.number)), ("rows", .integer(part.rowCount))]
        + pathMembers(part.folder, name: "folder") + [
          ("arrays", .array(arrays)),
          ("metadata", json(part.metadata, StoreLayout.metadataName(part: part.number))),
        ])
  }
}

extension StoreRecord {
  /// Reads a record.
  ///
  /// - Throws: ``StoreError`` for text that is none, and for one of a later version.
  init(reading bytes: [UInt8], path: PathBytes, shard: Shard?) throws(StoreError) {
    let unreadable = StoreError.unreadableRecord(path: path.description)
    guard let object = JSONValue(parsing: bytes), let fingerprint = object["fingerprint"]?.text,
      let settings = object["settings"]
    else { throw unreadable }
    let version = object["store_version"]?.integer ?? 1
    guard version <= Self.version else {
      throw .newerRecord(path: path.description, version: version, supported: Self.version)
    }
    let isFirst = object["store_version"] == nil
    let typeName = (isFirst ? settings["storage"] : object["storage"])?.text
    guard let type = typeName.flatMap(ComponentType.init(rawValue:)), version >= 1 else {
      throw unreadable
    }
    self.fingerprint = fingerprint
    self.settings = settings
    self.type = type
    self.shard = shard
    fileVersion = version
    heads = []
    details = Self.details(of: object)
    guard !isFirst else { return }
    heads = try Self.heads(in: object, unreadable)
    parts = try Self.list(object["parts"], unreadable).map { value throws(StoreError) in
      guard let part = Self.part(value, headCount: heads.count) else { throw unreadable }
      return part
    }
    guard Set(parts.map(\.number)).count == parts.count else { throw unreadable }
    announced = try Self.numbers(object["announced"], unreadable)
    retired = try Self.numbers(object["retired"], unreadable)
    damaged = try Self.numbers(object["damaged"], unreadable)
    if case .bool(true)? = object["renaming"] { isRenaming = true }
  }

  private static let ownMembers: Set<String> = [
    "store_version", "fingerprint", "settings", "storage", "heads", "shard", "parts", "announced",
    "retired", "damaged", "renaming",
  ]

  private static func details(of object: JSONValue) -> [(String, JSONValue)] {
    guard case .object(let members) = object else { return [] }
    return members.filter { !ownMembers.contains($0.0) }
  }

  private static func list(
    _ value: JSONValue?, _ error: StoreError
  ) throws(StoreError) -> [JSONValue] {
    guard let elements = value?.elements else { throw error }
    return elements
  }

  private static func heads(
    in object: JSONValue, _ error: StoreError
  ) throws(StoreError) -> [Head] {
    let heads = try list(object["heads"], error).map { value throws(StoreError) in
      guard let dimension = value["dimension"]?.integer, dimension > 0 else { throw error }
      return Head(name: value["name"]?.text, dimension: dimension)
    }
    guard !heads.isEmpty else { throw error }
    return heads
  }

  private static func numbers(
    _ value: JSONValue?, _ error: StoreError
  ) throws(StoreError) -> [Int] {
    guard let value else { return [] }
    return try list(value, error).map { value throws(StoreError) in
      guard let number = value.integer, number >= 0 else { throw error }
      return number
    }
  }

  private static func part(_ value: JSONValue, headCount: Int) -> Part? {
    guard let number = value["number"]?.integer, number >= 0,
      let rowCount = value["rows"]?.integer, rowCount > 0,
      let folder = EmbedderStorage.path(in: value, name: "folder"), folder.bytes.first == 0x2f,
      let arrays = value["arrays"]?.elements?.map(seal), arrays.count == headCount,
      !arrays.contains(nil), let metadata = value["metadata"].flatMap(seal)
    else { return nil }
    return Part(
      number: number, rowCount: rowCount, folder: folder, arrays: arrays.compactMap(\.self),
      metadata: metadata)
  }

  private static func seal(_ value: JSONValue) -> FileSeal? {
    guard let byteCount = value["bytes"]?.integer, byteCount >= 0,
      let sha256 = value["sha256"]?.text, sha256.utf8.count == 64
    else { return nil }
    return FileSeal(byteCount: byteCount, sha256: sha256)
  }

  /// Reads all records of a folder, in the order of their names; none where there is no folder.
  static func all(in layout: StoreLayout) throws(StoreError) -> [StoreRecord] {
    var records: [StoreRecord] = []
    for name in try listing(of: layout.path) ?? [] {
      guard let shard = StoreLayout.shard(ofRecord: name) else { continue }
      let path = layout.file(name)
      guard let bytes = try contents(of: path) else { continue }
      records.append(try StoreRecord(reading: bytes, path: path, shard: shard))
    }
    return records
  }
}
