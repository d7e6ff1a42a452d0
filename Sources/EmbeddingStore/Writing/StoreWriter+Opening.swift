import EmbedderEmbeddings
import EmbedderStorage

extension StoreWriter {
  /// Throws where a folder holds something and has no record; nothing in it is touched then.
  static func checkOwner(_ layout: StoreLayout) throws(StoreError) {
    guard exists(layout.path) else { return }
    guard isFolder(layout.path) else { throw .notAFolder(path: layout.path.description) }
    let names = try listing(of: layout.path) ?? []
    guard try StoreRecord.all(in: layout).isEmpty else { return }
    for name in names where try isForeign(name, layout) {
      throw .notAStore(
        path: layout.path.description, found: "it holds \(quoted(name)) and no run.json")
    }
  }

  /// Whether a name in a folder without a record shows that the folder is somebody's: anything but hidden
  /// files, what a run leaves that was killed in its first moments, and what a file system has by itself.
  private static func isForeign(_ name: String, _ layout: StoreLayout) throws(StoreError) -> Bool {
    if name.hasPrefix(".") || name == "lost+found" { return false }
    if name.hasPrefix("run"), name.hasSuffix(".partial") { return false }
    let isOfParts = name == StoreLayout.metadataFolder || name.hasPrefix("img_emb")
    guard isOfParts, isFolder(layout.file(name)) else { return true }
    return try listing(of: layout.file(name))?.isEmpty == false
  }

  /// Throws where the folder holds what this writer would spoil.
  ///
  /// - Returns: The records that count; the others are of runs that were ended before their first part.
  func checked(_ records: [StoreRecord], _ mode: Mode) throws(StoreError) -> [StoreRecord] {
    let path = layout.path.description
    var used: [StoreRecord] = []
    for other in records {
      let isOther = other.shard != content.shard
      let isRunning = isOther ? try lock.isHeld(by: other.shard) : false
      if !isRunning, try isUnused(other) {
        superseded.append(other.shard)
        record.announced += other.announced
        record.retired += other.retired
        continue
      }
      used.append(other)
      let count = other.shard?.count ?? 1
      guard mode.mayRemoveRows || count == content.shard?.count ?? 1 else {
        throw .otherShardCount(path: path, found: count, asked: content.shard?.count ?? 1)
      }
      let own =
        other.fileVersion == 1
        ? content.fingerprintOfFirstVersion?.description : content.fingerprint.description
      guard other.fingerprint == own else {
        throw .otherFingerprint(path: path, record: layout.record(other.shard).description)
      }
      guard other.type == content.type else {
        throw .otherLayout(path: path, found: "\(other.type)", needed: "\(content.type)")
      }
      guard other.fileVersion == 1 || other.heads.map(\.dimension) == content.heads.map(\.dimension)
      else {
        throw .otherLayout(
          path: path, found: "vectors of \(other.heads.map(\.dimension)) components",
          needed: "\(content.heads.map(\.dimension))")
      }
      let isOwn = content.shard == nil || other.shard == content.shard
      if mode == .new, isOwn { throw .taken(path: path) }
    }
    return used
  }

  /// Whether a record stands for nothing that could be lost: a run that was ended before its first part.
  private func isUnused(_ record: StoreRecord) throws(StoreError) -> Bool {
    guard record.parts.isEmpty, record.damaged.isEmpty else { return false }
    guard try FailureLog.lines(of: layout.failures(record.shard)).isEmpty else { return false }
    guard record.fileVersion == 1 else { return true }
    let files = try PartNames(in: layout, headCount: content.heads.count)
    return files.parts.isEmpty && files.partsOfFirstVersion.isEmpty
  }

  /// Makes what earlier runs left this writer's own.
  func takeOver(_ records: [StoreRecord], _ files: PartNames) throws(StoreError) {
    try files.checkOwners(records + [record])
    for other in records {
      // What 0.1.0 called shard 1 of 1 is an undivided run.
      guard other.shard == content.shard || content.shard == nil else {
        others.append(other)
        continue
      }
      if other.shard != content.shard { superseded.append(other.shard) }
      if other.fileVersion == 1 {
        try continueFirstVersion(other, files)
        continue
      }
      let own = Set(record.parts.map(\.number))
      record.parts += other.parts.filter { !own.contains($0.number) }
      record.announced += other.announced
      record.retired += other.retired
      record.damaged += other.damaged
      record.isRenaming = record.isRenaming || other.isRenaming
    }
    // A run that was ended early may have announced what is another's by now.
    let finished = (others + [record]).flatMap { $0.parts.map(\.number) }
    let taken = Set(finished + others.flatMap(\.announced))
    record.announced.removeAll { taken.contains($0) }
    record.retired.removeAll { taken.contains($0) }
    record.parts.sort { $0.number < $1.number }
  }

  /// Finishes what an earlier run had begun and not finished.
  func recover() throws(StoreError) {
    if record.isRenaming { try finishRenaming() }
    for part in record.damaged { try setAside(part) }
    for part in record.retired + record.announced {
      for file in layout.files(part: part, headCount: record.heads.count) {
        try remove(WholeFile.temporaryPath(file))
        try remove(file)
      }
    }
    record.damaged = []
    record.retired = []
  }

  /// Holds every part against its record; those that do not fit are set aside.
  func checkParts() throws(StoreError) {
    var damaged: [StoreRecord.Part] = []
    for part in record.parts {
      do throws(StoreError) {
        try reader(of: part).check(allBytes: true)
      } catch .damaged(let path, let reason) {
        damaged.append(part)
        notices.append(
          "part \(part.number) of \(quoted(layout.path.description)) is damaged and set aside, and its"
            + " images are embedded again as far as they are among the inputs: \(quoted(path)): \(reason)"
        )
      }
    }
    guard !damaged.isEmpty else { return }
    // Before the part stops counting its rows have to be on the list of what is missing.
    let log = try FailureLog(appendingTo: layout.failures(content.shard))
    for part in damaged {
      let paths = reader(of: part).readablePaths()
      unnamedLostRowCount += max(0, part.rowCount - paths.count)
      for path in paths {
        let absolute = path.absolute(in: part.folder)
        let message = "its row was lost with a damaged part, \(part.number)"
        try log.append(
          failureLine(
            path.bytes.first == 0x2f || part.folder == folder ? path : absolute, lostRowCode,
            message
          )
          .text)
      }
    }
    try log.flush()
    let numbers = Set(damaged.map(\.number))
    record.parts.removeAll { numbers.contains($0.number) }
    record.damaged = numbers.sorted()
    try writeRecord()
    for part in record.damaged { try setAside(part) }
    record.damaged = []
  }

  private func setAside(_ part: Int) throws(StoreError) {
    for file in layout.files(part: part, headCount: record.heads.count) where exists(file) {
      try setAside(file)
    }
  }

  /// Gives a file a name that no reader takes.
  func setAside(_ file: PathBytes) throws(StoreError) {
    var target = file.adding(suffix: ".damaged")
    var number = 2
    while exists(target) {
      target = file.adding(suffix: ".damaged-\(number)")
      number += 1
    }
    try rename(file, to: target)
    try flushFolder(file.parent)
  }

  func reader(of part: StoreRecord.Part, _ record: StoreRecord? = nil) -> PartReader {
    PartReader(
      part: part, layout: layout, type: content.type, heads: self.record.heads,
      isRenaming: (record ?? self.record).isRenaming)
  }

  /// Reads which images have rows.
  func readKnownImages() throws(StoreError) {
    earlierRowCount = record.parts.reduce(0) { $0 + $1.rowCount }
    let otherCount = others.flatMap(\.parts).reduce(0) { $0 + $1.rowCount }
    known.reserve(earlierRowCount + otherCount)
    for part in record.parts {
      try reader(of: part).forEachRow { (row, _) throws(StoreError) in
        known.add(row.path.absolute(in: part.folder), row.stamp)
      }
    }
    for other in others {
      guard other.fileVersion > 1 else {
        try readKnownImagesOfFirstVersion(other)
        continue
      }
      for part in other.parts {
        // A part that its own shard will find damaged is no reason to stop here.
        try? reader(of: part, other).forEachRow { (row, _) throws(StoreError) in
          known.add(row.path.absolute(in: part.folder), row.stamp)
        }
      }
    }
    known.sort()
  }
}
