import EmbedderStorage

extension StoreRecord {
  /// Completes a record of 0.1.0, which names no parts: those that are there by their names and have
  /// metadata count.
  mutating func findPartsOfFirstVersion(in layout: StoreLayout) throws(StoreError) {
    var headCount = 0
    while exists(layout.file(StoreLayout.arrayFolder(headCount))) { headCount += 1 }
    let files = try PartNames(in: layout, headCount: headCount)
    for number in StoreWriter.numbersOfFirstVersion(files, shard) {
      let names = StoreLayout.namesOfFirstVersion(part: number, headCount: headCount)
      let paths = names.map(layout.file)
      guard let metadata = paths.last, exists(metadata) else { continue }
      var headers: [NPYHeader] = []
      var seals: [FileSeal] = []
      for path in paths {
        let file = try StoredFile(path)
        if headers.count < headCount { headers.append(try NPYHeader(of: file)) }
        seals.append(FileSeal(byteCount: file.byteCount, sha256: Self.unknownDigest))
      }
      guard let first = headers.first else { continue }
      if heads.isEmpty { heads = headers.map { Head(name: nil, dimension: $0.dimension) } }
      parts.append(
        Part(
          number: number, rowCount: first.rowCount, folder: .currentFolder,
          arrays: Array(seals.dropLast()), metadata: seals[seals.count - 1]))
    }
    if heads.isEmpty { heads = [Head(name: nil, dimension: 1)] }
  }

  /// What stands for the checksum of a file whose record has none.
  static let unknownDigest = ""
}
