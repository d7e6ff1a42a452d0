public import EmbedderEmbeddings
public import EmbedderStorage

/// Writes a store: a folder of embeddings that nothing loses, mixes up or takes for another's.
///
/// Rows are written part by part. A part counts when the record names it, with its size and checksum, and
/// everything has reached the disk before that: whatever ends the process, or the machine, what counts is
/// whole. One process at a time writes a store, or one for each shard; the lock goes with the object.
/// Used from one thread.
public final class StoreWriter {
  /// What is to become of what the folder holds.
  public enum Mode: Hashable, Sendable {
    /// There must be nothing.
    case new
    /// Goes on with it; `retriesFailures` says whether images that failed are tried again.
    case resume(retriesFailures: Bool)
    /// Goes on with it, and rows may be removed.
    case synchronize(retriesFailures: Bool)

    var retriesFailures: Bool {
      switch self {
      case .new: false
      case .resume(let retries), .synchronize(let retries): retries
      }
    }

    var mayRemoveRows: Bool {
      if case .synchronize = self { true } else { false }
    }
  }

  /// What makes the vectors, and how they are stored.
  public struct Content: Sendable {
    /// What makes the vectors.
    public var fingerprint: Fingerprint
    /// How components are stored.
    public var type: ComponentType
    /// The name and the number of components of each head.
    public var heads: [(name: String?, dimension: Int)]
    /// Which of the inputs are this writer's, or `nil` for all.
    public var shard: Shard?
    /// The most rows of one part.
    public var rowsPerPart = 10_000
    /// The fingerprint as 0.1.0 computed it, for going on with what it wrote.
    package var fingerprintOfFirstVersion: Fingerprint?

    /// Describes what is to be stored.
    public init(
      fingerprint: Fingerprint, type: ComponentType, heads: [(name: String?, dimension: Int)]
    ) {
      self.fingerprint = fingerprint
      self.type = type
      self.heads = heads
    }
  }

  /// The images that are dealt with, in this store and not by this writer.
  package internal(set) var known = KnownImages()
  /// The rows that earlier writers finished.
  public internal(set) var earlierRowCount = 0
  /// The failures of earlier writers that still are some.
  package var earlierFailureCount: Int { settledFailures.count + pendingFailures.count }
  /// What a person should hear, one sentence each.
  package internal(set) var notices: [String] = []
  /// What the record says beside what the store needs.
  package var details: [(String, JSONValue)] = []

  let layout: StoreLayout
  let content: Content
  let lock: StoreLock
  let folder = PathBytes.currentFolder
  var record: StoreRecord
  /// The records of other shards.
  var others: [StoreRecord] = []
  /// The shards whose records and logs are part of this writer's from now on, or stood for nothing.
  var superseded: [Shard?] = []
  /// Lines of failures that are not tried again.
  var settledFailures: [FailureLog.Line] = []
  /// Lines of failures that end when their image is met, by absolute path.
  var pendingFailures: [PathBytes: FailureLog.Line] = [:]
  /// The rows of damaged parts whose names could not be read.
  package internal(set) var unnamedLostRowCount = 0

  private var newFailures: [FailureLog.Line] = []
  private var log: FailureLog?
  private var part: PartWriter?
  private var nextNumber = 0

  /// Opens a store for writing.
  ///
  /// - Parameters:
  ///   - path: The folder; it is made if it is missing, in a folder that exists.
  ///   - content: What is to be stored.
  ///   - mode: What is to become of what is there.
  /// - Throws: ``StoreError``; nothing was changed then, unless the disk failed.
  public convenience init(
    _ path: PathBytes, content: Content, mode: Mode = .new
  ) throws(StoreError) {
    try self.init(path, content: content, mode: mode, details: [])
  }

  package init(
    _ path: PathBytes, content: Content, mode: Mode, details: [(String, JSONValue)]
  ) throws(StoreError) {
    layout = StoreLayout(path: path)
    var content = content
    // One shard of one is an undivided run.
    if content.shard?.count == 1 { content.shard = nil }
    self.content = content
    self.details = details
    record = StoreRecord(
      fingerprint: content.fingerprint.description, settings: content.fingerprint.settings,
      type: content.type,
      heads: content.heads.map { StoreRecord.Head(name: $0.name, dimension: $0.dimension) },
      shard: content.shard)
    try Self.checkOwner(layout)
    try makeFolder(path)
    lock = try StoreLock(layout)
    try lock.beginRegistering()
    do throws(StoreError) {
      try lock.register(content.shard)
      let files = try PartNames(in: layout, headCount: content.heads.count)
      let records = try StoreRecord.all(in: layout)
      try takeOver(try checked(records, mode), files)
      notices += files.notices(for: records + [record])
      try register()
      try lock.endRegistering()
    } catch {
      try? lock.endRegistering()
      throw error
    }
    try recover()
    if mode != .new { try checkParts() }
    try readKnownImages()
    try openLog(retriesAll: mode.retriesFailures)
  }

  /// Registers: from here on the folder is ours, and the next part may appear.
  private func register() throws(StoreError) {
    nextNumber = firstFreeNumber()
    record.announced = Array(Set(record.announced + [nextNumber])).sorted()
    try writeRecord()
    for shard in superseded where shard != content.shard { try remove(layout.record(shard)) }
    for head in content.heads.indices {
      try makeFolder(layout.file(StoreLayout.arrayFolder(head)))
    }
    try makeFolder(layout.file(StoreLayout.metadataFolder))
  }

  private func firstFreeNumber() -> Int {
    let numbers =
      record.parts.map(\.number) + record.retired + record.damaged
    guard let last = numbers.max() else { return content.shard.map { $0.number - 1 } ?? 0 }
    return last + (content.shard?.count ?? 1)
  }

  /// Writes the record, on the disk when this returns.
  func writeRecord() throws(StoreError) {
    try lock.checkFolder()
    record.details = details
    try WholeFile.write(record.text, to: layout.record(content.shard))
  }

  // MARK: Writing

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - row: What is said of the image.
  ///   - vectors: Its vectors, one a head.
  /// - Throws: ``StoreError`` for vectors that are not the store's, and when the disk fails.
  public func append(_ row: StoredRow, _ vectors: [FeatureVector]) throws(StoreError) {
    guard vectors.map(\.count) == content.heads.map(\.dimension),
      vectors.allSatisfy(content.type.stores)
    else {
      throw .wrongVectors(
        found: "of \(vectors.map(\.count)) components",
        needed:
          "\(content.type) of \(content.heads.map(\.dimension)) components")
    }
    var row = row
    if content.type == .float16, vectors.contains(where: \.exceedsFloat16) {
      row.warnings.append("the feature vector has components that are infinite as float16")
    }
    let part = if let begun = self.part { begun } else { try begin() }
    self.part = part
    try part.append(row.line.utf8, vectors)
    if !pendingFailures.isEmpty {
      pendingFailures[row.path.absolute(in: folder)] = nil
    }
    if part.rowCount == content.rowsPerPart { try finishPart() }
  }

  /// Notes that an image could not be embedded.
  package func appendFailure(
    of path: PathBytes, code: String, message: String, stamp: FileStamp? = nil
  ) throws(StoreError) {
    let line = failureLine(path, code, message, stamp)
    try log?.append(line.text)
    newFailures.append(line)
    pendingFailures[path.absolute(in: folder)] = nil
  }

  /// Notes that what failed under a path has turned out to be no image.
  package func endFailure(of path: PathBytes) {
    pendingFailures[path.absolute(in: folder)] = nil
  }

  /// Notes that an archive was read to its end and nothing was wrong with it.
  ///
  /// - Parameters:
  ///   - archive: Its absolute path.
  ///   - andMembersNotMet: Whether all of it was looked at, so that a member that was not met is gone.
  package func endFailures(ofArchive archive: PathBytes, andMembersNotMet: Bool) {
    pendingFailures[archive] = nil
    settledFailures.removeAll { $0.path.absolute(in: $0.folder ?? folder) == archive }
    guard andMembersNotMet else { return }
    for path in pendingFailures.keys where path.isWithin(archive) { pendingFailures[path] = nil }
  }

  func failureLine(
    _ path: PathBytes, _ code: String, _ message: String, _ stamp: FileStamp? = nil
  ) -> FailureLog.Line {
    let isRelative = path.bytes.first != 0x2f
    let object = JSONValue.object(
      pathMembers(path) + [
        ("status", .string("failed")), ("error_code", .string(code)),
        ("error_message", .string(message)),
      ] + (stamp?.members ?? []) + (isRelative ? pathMembers(folder, name: "folder") : []))
    return FailureLog.Line(path: path, code: code, text: object.description)
  }

  /// Begins the next part, whose relative paths belong to `folder`.
  func begin(folder: PathBytes? = nil) throws(StoreError) -> PartWriter {
    if !record.announced.contains(nextNumber) {
      record.announced.append(nextNumber)
      try writeRecord()
    }
    return try PartWriter(
      nextNumber, in: layout, type: content.type, heads: record.heads,
      folder: folder ?? self.folder)
  }

  /// Has the rows so far count, together with the announcement of the next part: one record a part.
  private func finishPart() throws(StoreError) {
    guard let part else { return }
    self.part = nil
    record.parts.append(try part.finish())
    announceNext()
    try writeRecord()
  }

  /// Goes on to the next part, which the next record announces.
  func announceNext() {
    nextNumber += content.shard?.count ?? 1
    record.announced = [nextNumber]
  }

  /// Completes the part that is being written and the record.
  public func finish() throws(StoreError) {
    // The log last: a lost row stays on it until the part that has it again counts.
    if let part {
      self.part = nil
      record.parts.append(try part.finish())
    }
    record.announced = []
    try writeRecord()
    try finishLog()
  }

  /// Gives up the part that is being written, and completes the record.
  package func abandon() throws(StoreError) {
    part = nil
    try writeRecord()
  }

  // MARK: Failures

  private func openLog(retriesAll: Bool) throws(StoreError) {
    let path = layout.failures(content.shard)
    let lines = try FailureLog.lines(of: path)
    var all = lines
    let former = superseded.filter { $0 != content.shard }.map(layout.failures)
    for log in former { all += try FailureLog.lines(of: log) }
    try sortFailures(all, retriesAll: retriesAll)
    let kept = settledFailures.map(\.text) + pendingFailures.values.map(\.text).sorted()
    // Also where the last line is torn.
    if kept != lines.map(\.text) || lines.isEmpty && exists(path) { try replaceLog(kept) }
    for log in former { try remove(log) }
    log = try FailureLog(appendingTo: path)
  }

  /// Tells failures that stay from those that end when their image is met, and forgets those that are over.
  private func sortFailures(
    _ lines: [FailureLog.Line], retriesAll: Bool
  ) throws(StoreError) {
    var last: [PathBytes: FailureLog.Line] = [:]
    var order: [PathBytes] = []
    for line in lines {
      let path = line.path.absolute(in: line.folder ?? folder)
      if last.updateValue(line, forKey: path) == nil { order.append(path) }
    }
    for path in order {
      guard let line = last[path], known.knowledge(of: path, nil) == .unknown else { continue }
      switch FilePresence(of: path) {
      case .gone, .folder: continue
      case .there, .unknown: break
      }
      if retriesAll || line.mayPass || line.isOfAnotherFile(at: path) {
        pendingFailures[path] = line
      } else {
        settledFailures.append(line)
      }
    }
    try addSettledFailures()
  }

  /// Has images known whose failures are not tried again.
  func addSettledFailures() throws(StoreError) {
    for line in settledFailures { known.add(line.path.absolute(in: line.folder ?? folder), nil) }
    for other in others {
      for line in try FailureLog.lines(of: layout.failures(other.shard)) where !line.mayPass {
        known.add(line.path.absolute(in: line.folder ?? folder), nil)
      }
    }
    known.sort()
  }

  /// Removes from the log what is over, and has it reach the disk.
  private func finishLog() throws(StoreError) {
    let path = layout.failures(content.shard)
    let lines =
      settledFailures.map(\.text) + pendingFailures.values.map(\.text).sorted()
      + newFailures.map(\.text)
    if try FailureLog.lines(of: path).map(\.text) != lines {
      try replaceLog(lines)
      log = try FailureLog(appendingTo: path)
    } else {
      try log?.flush()
    }
  }

  private func replaceLog(_ lines: [String]) throws(StoreError) {
    log = nil
    try WholeFile.write(
      lines.map { "\($0)\n" }.joined(), to: layout.failures(content.shard))
  }

  /// The images whose rows were lost with a damaged part and could not be made again.
  package var lostPaths: [PathBytes] {
    pendingFailures.values.filter { $0.code == lostRowCode }.map(\.path).sorted()
  }
}

extension FailureLog.Line {
  /// The folder to which a relative path belongs.
  var folder: PathBytes? {
    JSONValue(parsing: text.utf8).flatMap { EmbedderStorage.path(in: $0, name: "folder") }
  }

  /// Whether the file, as far as the line says which it was, has changed since it failed.
  func isOfAnotherFile(at path: PathBytes) -> Bool {
    guard let stamp = JSONValue(parsing: text.utf8).flatMap(FileStamp.init(in:)),
      let now = FileStamp(of: path)
    else { return false }
    return now != stamp
  }

  /// Whether the failure says nothing of the image itself, so that it may be over the next time.
  var mayPass: Bool {
    switch code {
    case "NOT_FOUND", "PERMISSION_DENIED", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED",
      "CANCELLED", "ABORTED", lostRowCode:
      true
    default: false
    }
  }
}

extension FeatureVector {
  fileprivate var exceedsFloat16: Bool {
    floats?.contains { $0.isFinite && !Float16($0).isFinite } ?? false
  }
}
