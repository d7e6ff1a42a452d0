import EmbedderStorage

/// Going on with what 0.1.0 wrote: its record names no parts, its part names have no zeros in front, and its
/// relative paths belong to the folder in which it ran.
extension StoreWriter {
  /// Takes over the finished parts of a run of 0.1.0; their files are renamed after the record names them.
  func continueFirstVersion(_ former: StoreRecord, _ files: PartNames) throws(StoreError) {
    var example: PathBytes?
    var isResolved = false
    for number in Self.numbersOfFirstVersion(files, former.shard) {
      let names = StoreLayout.namesOfFirstVersion(part: number, headCount: content.heads.count)
      let paths = names.map(layout.file)
      // Metadata got its name last: what has none was never finished.
      guard let metadata = paths.last, exists(metadata) else { continue }
      var rowCount = 0
      _ = try StoredFile(metadata).forEachLine { line throws(StoreError) in
        rowCount += 1
        guard !isResolved, let path = StoredRow(line: line)?.path, path.bytes.first != 0x2f else {
          return
        }
        example = example ?? path
        if case .there = FilePresence(of: path.absolute(in: folder)) { isResolved = true }
      }
      var seals: [FileSeal] = []
      for path in paths {
        // One that is missing is found missing when the parts are checked.
        guard exists(path) else {
          seals.append(FileSeal(byteCount: 0, sha256: String(repeating: "0", count: 64)))
          continue
        }
        let file = try StoredFile(path)
        seals.append(FileSeal(byteCount: file.byteCount, sha256: try file.digest().description))
      }
      record.parts.append(
        StoreRecord.Part(
          number: number, rowCount: max(1, rowCount), folder: folder,
          arrays: Array(seals.dropLast()), metadata: seals[seals.count - 1]))
    }
    if let example, !isResolved {
      throw .unresolvedPaths(
        path: layout.path.description, example: example.description, folder: folder.description)
    }
    record.isRenaming = true
  }

  /// Gives the parts' files their names of today, pair by pair; what was half done is finished.
  func finishRenaming() throws(StoreError) {
    let headCount = record.heads.count
    for part in record.parts {
      let names = StoreLayout.namesOfFirstVersion(part: part.number, headCount: headCount)
      for (name, file) in zip(names, layout.files(part: part.number, headCount: headCount)) {
        let former = layout.file(name)
        if !exists(file), exists(former) { try rename(former, to: file) }
      }
    }
    let files = try PartNames(in: layout, headCount: headCount)
    let own = Set(record.parts.map(\.number))
    for number in Self.numbersOfFirstVersion(files, content.shard) where !own.contains(number) {
      let names = StoreLayout.namesOfFirstVersion(part: number, headCount: headCount)
      for name in names where exists(layout.file(name)) { try setAside(layout.file(name)) }
    }
    for head in 0..<headCount { try flushFolder(layout.file(StoreLayout.arrayFolder(head))) }
    try flushFolder(layout.file(StoreLayout.metadataFolder))
    record.isRenaming = false
    try writeRecord()
  }

  /// The numbers of a shard's parts of 0.1.0, in order.
  static func numbersOfFirstVersion(_ files: PartNames, _ shard: Shard?) -> [Int] {
    // From 100,000 on the names have not changed.
    let numbers = Set(files.partsOfFirstVersion.keys).union(
      files.parts.keys.filter { $0 >= 100_000 })
    return numbers.filter { shard?.takes($0) ?? true }.sorted()
  }

  /// Reads which images another shard of 0.1.0 has dealt with.
  func readKnownImagesOfFirstVersion(_ other: StoreRecord) throws(StoreError) {
    let files = try PartNames(in: layout, headCount: content.heads.count)
    for number in Self.numbersOfFirstVersion(files, other.shard) {
      let names = StoreLayout.namesOfFirstVersion(part: number, headCount: 1)
      let metadata = layout.file(names[1])
      guard exists(metadata) else { continue }
      _ = try StoredFile(metadata).forEachLine { line throws(StoreError) in
        guard let row = StoredRow(line: line) else { return }
        known.add(row.path.absolute(in: folder), row.stamp)
      }
    }
  }
}
