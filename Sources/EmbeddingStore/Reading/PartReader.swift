import EmbedderStorage

/// A finished part of a store, as its record describes it.
struct PartReader: Sendable {
  let part: StoreRecord.Part
  let layout: StoreLayout
  let type: ComponentType
  let heads: [StoreRecord.Head]
  /// Whether the files may still have the names of 0.1.0.
  let isRenaming: Bool

  /// The files that hold the part: its arrays, then its metadata.
  var files: [PathBytes] {
    let paths = layout.files(part: part.number, headCount: heads.count)
    guard isRenaming else { return paths }
    let former = StoreLayout.namesOfFirstVersion(part: part.number, headCount: heads.count)
    return zip(paths, former).map { exists($0) ? $0 : layout.file($1) }
  }

  /// Holds the files against the record: sizes and headers, and all bytes if that is asked for.
  ///
  /// - Throws: ``StoreError`` that says what is wrong with which file.
  func check(allBytes: Bool) throws(StoreError) {
    for (index, (path, seal)) in zip(files, part.seals).enumerated() {
      guard exists(path) else {
        throw .damaged(path: path.description, reason: "it is missing")
      }
      let file = try StoredFile(path)
      guard file.byteCount == seal.byteCount else {
        throw .damaged(
          path: path.description,
          reason: "it has \(file.byteCount) bytes, and its record says \(seal.byteCount)")
      }
      if index < heads.count { _ = try header(of: file, head: index) }
      if allBytes, seal.sha256 != StoreRecord.unknownDigest,
        try file.digest().description != seal.sha256
      {
        throw .damaged(path: path.description, reason: "its bytes are not those that were written")
      }
    }
    guard allBytes else { return }
    var count = 0
    try forEachRow { (_, _) throws(StoreError) in count += 1 }
    guard count == part.rowCount else {
      throw .damaged(
        path: files[heads.count].description,
        reason: "it has \(count) rows, and its record says \(part.rowCount)")
    }
  }

  /// The bytes of consecutive rows of an array.
  func rows(_ range: Range<Int>, head: Int) throws(StoreError) -> [UInt8] {
    try rows(range, head: head, of: array(head: head))
  }

  /// The file of an array.
  func array(head: Int) throws(StoreError) -> StoredFile {
    try StoredFile(files[head])
  }

  /// The bytes of consecutive rows of an array that is open.
  func rows(
    _ range: Range<Int>, head: Int, of file: borrowing StoredFile
  ) throws(StoreError) -> [UInt8] {
    let size = heads[head].dimension * type.byteCount
    let start = part.arrays[head].byteCount - part.rowCount * size
    guard file.byteCount == part.arrays[head].byteCount, start >= 0 else {
      throw .damaged(path: file.path.description, reason: "its size has changed")
    }
    var bytes = [UInt8](repeating: 0, count: range.count * size)
    try file.read(into: &bytes, at: start + range.lowerBound * size)
    return bytes
  }

  /// Reads an array's header and holds it against the record.
  func header(of file: borrowing StoredFile, head: Int) throws(StoreError) -> NPYHeader {
    let header = try NPYHeader(of: file)
    guard header.type == type, header.rowCount == part.rowCount,
      header.dimension == heads[head].dimension
    else {
      throw .damaged(
        path: file.path.description,
        reason:
          "it holds \(header.rowCount) rows of \(header.dimension) \(header.type), and its record"
          + " says \(part.rowCount) rows of \(heads[head].dimension) \(type)")
    }
    return header
  }

  /// Calls `body` with each row and its line.
  ///
  /// - Throws: ``StoreError`` for a line that is none, and what `body` throws.
  func forEachRow(
    _ body: (StoredRow, ArraySlice<UInt8>) throws(StoreError) -> Void
  ) throws(StoreError) {
    let path = files[heads.count]
    var number = 0
    let isWhole = try StoredFile(path).forEachLine { line throws(StoreError) in
      number += 1
      guard let row = StoredRow(line: line) else {
        throw .damaged(path: path.description, reason: "line \(number) names no image")
      }
      try body(row, line)
    }
    guard isWhole else {
      throw .damaged(path: path.description, reason: "its last line is cut short")
    }
  }

  /// The paths that can be read, however damaged the metadata is.
  func readablePaths() -> [PathBytes] {
    var paths: [PathBytes] = []
    _ = try? StoredFile(files[heads.count]).forEachLine { line throws(StoreError) in
      if let row = StoredRow(line: line) { paths.append(row.path) }
    }
    return paths
  }
}

extension NPYHeader {
  init(of file: borrowing StoredFile) throws(StoreError) {
    var start = [UInt8](repeating: 0, count: min(file.byteCount, NPYHeader.longestByteCount))
    try file.read(into: &start, at: 0)
    do throws(Defect) {
      try self.init(reading: start, fileByteCount: file.byteCount)
    } catch {
      throw .damaged(path: file.path.description, reason: error.description)
    }
  }
}
