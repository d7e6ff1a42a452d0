public import EmbedderEmbeddings
public import EmbedderStorage

/// A folder of embeddings, to be read.
///
/// Opening reads the records and holds sizes and headers against them; rows are read when they are asked
/// for, into memory of their own: a part that somebody cuts or removes meanwhile is an error of that call.
/// Checksums are looked at by ``verify()``. May be used from many threads at once, and beside a run that
/// writes: what counted when the store was opened is seen.
///
/// ```swift
/// let store = try EmbeddingStore("embeddings")
/// for number in 0..<store.count {
///   print(try store.row(at: number).path, try store.vector(at: number))
/// }
/// ```
public final class EmbeddingStore: Sendable {
  /// One output of the model whose vectors are stored.
  public struct Head: Hashable, Sendable {
    /// The output's name in the model's metadata, if it has one.
    public let name: String?
    /// The number of components.
    public let dimension: Int
  }

  /// The folder.
  public let path: PathBytes
  /// What made the vectors, in one word; empty for a store without rows.
  public let fingerprint: String
  /// What the fingerprint stands for, as JSON text.
  public let settingsText: String
  /// How components are stored.
  public let type: ComponentType
  /// The heads, in the order of the model's outputs.
  public let heads: [Head]
  /// The number of rows.
  public let count: Int
  /// The model as its run named it: a built-in name, or a path that need not lead there any longer.
  ///
  /// `nil` where the record does not say.
  package let model: PathBytes?
  /// The folder to which a relative path of the model belongs.
  package var modelFolder: PathBytes? { rowFolders.first }

  /// The folders to which relative paths of rows belong: those in which runs were started.
  package var rowFolders: [PathBytes] {
    var folders: [PathBytes] = []
    for part in parts where !folders.contains(part.part.folder) { folders.append(part.part.folder) }
    return folders
  }

  /// The number of parts.
  public var partCount: Int { parts.count }

  let parts: [PartReader]
  /// The number of each part's first row, and behind them ``count``.
  private let starts: [Int]
  private let index = Locked<PathIndex?>(nil)

  /// Opens a store.
  ///
  /// - Throws: ``StoreError`` for a folder without a record, for records that cannot be read or do not go
  ///   together, and for parts that do not fit their record.
  public convenience init(_ path: PathBytes) throws(StoreError) {
    try self.init(path, checksParts: true)
  }

  /// Opens a store, whose parts may be damaged where they are not looked at.
  package init(_ path: PathBytes, checksParts: Bool) throws(StoreError) {
    self.path = path
    let layout = StoreLayout(path: path)
    let records = try Self.records(in: layout)
    var parts: [PartReader] = []
    for record in records {
      let heads = record.heads
      for part in record.parts {
        parts.append(
          PartReader(
            part: part, layout: layout, type: record.type, heads: heads,
            isRenaming: record.isRenaming || record.fileVersion == 1))
      }
    }
    parts.sort { $0.part.number < $1.part.number }
    if checksParts {
      for part in parts { try part.check(allBytes: false) }
    }
    // Of runs that were ended before their first part nothing is there.
    let record = records.first { !$0.parts.isEmpty } ?? records[0]
    for other in records where !other.parts.isEmpty {
      guard other.fingerprint == record.fingerprint || other.fileVersion != record.fileVersion,
        other.type == record.type, other.heads.map(\.dimension) == record.heads.map(\.dimension)
      else {
        throw .otherFingerprint(
          path: path.description, record: layout.record(other.shard).description)
      }
    }
    fingerprint = record.fingerprint
    settingsText = record.settings.description
    type = record.type
    model = record.details.first { $0.0 == "model" }?.1.text.map { PathBytes($0) }
    heads = record.heads.map { Head(name: $0.name, dimension: $0.dimension) }
    var starts = [0]
    for part in parts { starts.append(starts[starts.count - 1] + part.part.rowCount) }
    self.starts = starts
    self.parts = parts
    count = starts[starts.count - 1]
  }

  private static func records(in layout: StoreLayout) throws(StoreError) -> [StoreRecord] {
    var records = try StoreRecord.all(in: layout)
    guard !records.isEmpty else {
      guard let names = try listing(of: layout.path) else {
        throw .notAStore(path: layout.path.description, found: "there is no such folder")
      }
      throw .notAStore(
        path: layout.path.description,
        found: "it holds \(names.count) files and folders and no run.json")
    }
    for index in records.indices where records[index].fileVersion == 1 {
      try records[index].findPartsOfFirstVersion(in: layout)
    }
    return records
  }

  // MARK: Rows

  /// What the store says of a row beside its vectors.
  ///
  /// - Parameter number: The row, from 0.
  /// - Returns: The path and what else is known of the image.
  /// - Throws: ``StoreError`` where there is no such row, or its part was damaged meanwhile.
  public func row(at number: Int) throws(StoreError) -> StoredRow {
    let (part, row) = try place(of: number)
    let lines = try lineStarts(of: part)
    let reader = parts[part]
    let path = reader.files[reader.heads.count]
    let file = try StoredFile(path)
    guard file.byteCount == reader.part.metadata.byteCount else {
      throw .damaged(path: path.description, reason: "its size has changed")
    }
    var bytes = [UInt8](repeating: 0, count: lines[row + 1] - lines[row] - 1)
    try file.read(into: &bytes, at: lines[row])
    guard let result = StoredRow(line: bytes) else {
      throw .damaged(path: path.description, reason: "line \(row + 1) names no image")
    }
    return result
  }

  /// A row's vector.
  ///
  /// - Parameters:
  ///   - number: The row, from 0.
  ///   - head: The head, from 0.
  /// - Returns: Floats for stored floats of either size, signed bytes for quantized vectors.
  /// - Throws: ``StoreError`` where there is no such row, or its part was damaged meanwhile.
  public func vector(at number: Int, head: Int = 0) throws(StoreError) -> FeatureVector {
    try vectors(in: number..<number + 1, head: head)[0]
  }

  /// The vectors of consecutive rows.
  ///
  /// - Parameters:
  ///   - range: The rows, from 0.
  ///   - head: The head, from 0.
  /// - Returns: A vector a row.
  /// - Throws: ``StoreError`` where there are no such rows, or a part was damaged meanwhile.
  public func vectors(
    in range: Range<Int>, head: Int = 0
  ) throws(StoreError) -> [FeatureVector] {
    guard heads.indices.contains(head) else { throw .noHead(index: head, count: heads.count) }
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw .noRow(
        index: range.lowerBound < 0 ? range.lowerBound : range.upperBound - 1, count: count)
    }
    var result: [FeatureVector] = []
    result.reserveCapacity(range.count)
    var next = range.lowerBound
    while next < range.upperBound {
      let (part, row) = try place(of: next)
      // A few megabytes at a time.
      let most = max(1, (4 << 20) / (heads[head].dimension * type.byteCount))
      let rowCount = min(range.upperBound - next, parts[part].part.rowCount - row, most)
      let bytes = try parts[part].rows(row..<row + rowCount, head: head)
      let size = bytes.count / rowCount
      for start in stride(from: 0, to: bytes.count, by: size) {
        result.append(type.vector(from: bytes[start..<start + size]))
      }
      next += rowCount
    }
    return result
  }

  /// The rows of an image.
  ///
  /// The first call reads all metadata, and keeps some 20 bytes a row.
  ///
  /// - Parameter path: The image's path, spelled in whatever way; a relative one belongs to the working
  ///   directory.
  /// - Returns: The numbers of its rows, in order: more than one where it was named more than once.
  /// - Throws: ``StoreError`` where metadata was damaged meanwhile.
  public func rows(of path: PathBytes) throws(StoreError) -> [Int] {
    let sought = path.absolute(in: .currentFolder)
    let index = try self.index.withLock { index throws(StoreError) -> PathIndex in
      if let index { return index }
      let made = try PathIndex(of: self)
      index = made
      return made
    }
    var rows: [Int] = []
    for candidate in index.rows(of: sought) where try absolutePath(at: candidate) == sought {
      rows.append(candidate)
    }
    return rows
  }

  /// The path by which a row's image is known: absolute, without `.`, `..` and doubled slashes.
  ///
  /// - Throws: ``StoreError`` as ``row(at:)``.
  public func absolutePath(at number: Int) throws(StoreError) -> PathBytes {
    let (part, _) = try place(of: number)
    return try row(at: number).path.absolute(in: parts[part].part.folder)
  }

  private func place(of number: Int) throws(StoreError) -> (part: Int, row: Int) {
    guard number >= 0, number < count else { throw .noRow(index: number, count: count) }
    var (low, high) = (0, parts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= number { low = middle } else { high = middle }
    }
    return (low, number - starts[low])
  }

  /// The number of a part's first row.
  func start(ofPart part: Int) -> Int { starts[part] }

  private let lines = Locked<[Int: [Int]]>([:])

  /// Where each line of a part's metadata begins, and where the last one ends.
  private func lineStarts(of part: Int) throws(StoreError) -> [Int] {
    if let known = lines.withLock({ $0[part] }) { return known }
    let reader = parts[part]
    let path = reader.files[reader.heads.count]
    var starts = [0]
    let isWhole = try StoredFile(path).forEachLine { line throws(StoreError) in
      starts.append(starts[starts.count - 1] + line.count + 1)
    }
    guard isWhole, starts.count == reader.part.rowCount + 1 else {
      throw .damaged(
        path: path.description,
        reason: "it has \(starts.count - 1) lines, and its record says \(reader.part.rowCount)")
    }
    lines.withLock { $0[part] = starts }
    return starts
  }

  // MARK: Verification

  /// Holds every part against its record, all bytes of it.
  ///
  /// - Returns: What is wrong, one error a part; empty where all is as it was written. Parts of 0.1.0,
  ///   whose record has no checksums, are held against what can be known: headers, sizes and rows.
  public func verify() -> [StoreError] {
    var errors: [StoreError] = []
    for part in parts {
      do throws(StoreError) { try part.check(allBytes: true) } catch { errors.append(error) }
    }
    return errors
  }
}

/// The rows of a store by hashes of their absolute paths.
private struct PathIndex: Sendable {
  private var entries: [(hash: Int, row: Int)] = []

  init(of store: EmbeddingStore) throws(StoreError) {
    entries.reserveCapacity(store.count)
    for (number, part) in store.parts.enumerated() {
      var row = store.start(ofPart: number)
      try part.forEachRow { (stored, _) throws(StoreError) in
        entries.append((stored.path.absolute(in: part.part.folder).hashValue, row))
        row += 1
      }
    }
    entries.sort { ($0.hash, $0.row) < ($1.hash, $1.row) }
  }

  func rows(of path: PathBytes) -> [Int] {
    let hash = path.hashValue
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].hash < hash { low = middle + 1 } else { high = middle }
    }
    return entries[low...].prefix { $0.hash == hash }.map(\.row)
  }
}
