package import EmbedderStorage

extension EmbeddingStore {
  /// Calls `body` with the path of each row as it was given, in order.
  ///
  /// - Throws: ``StoreError`` where metadata was damaged meanwhile.
  package func forEachPath(
    _ body: (_ row: Int, _ path: PathBytes) throws(StoreError) -> Void
  ) throws(StoreError) {
    for (number, part) in parts.enumerated() {
      var row = start(ofPart: number)
      try part.forEachLine { line throws(StoreError) in
        guard let path = StoredRow.path(ofLine: line) else { return false }
        try body(row, path)
        row += 1
        return true
      }
    }
  }

  /// The rows of an image, for who asks only once.
  ///
  /// Gives what ``rows(of:)`` does without making an index: only lines that hold the file's name are
  /// understood, and the rest is passed over at the speed of reading.
  ///
  /// - Parameter path: The image's path, spelled in whatever way.
  /// - Returns: The numbers of its rows, in order.
  /// - Throws: ``StoreError`` where metadata was damaged meanwhile.
  package func rowsByReading(of path: PathBytes) throws(StoreError) -> [Int] {
    let sought = path.absolute(in: .currentFolder)
    // However a stored path is spelled, it ends in the image's name, and this is how the name was written.
    let text = JSONValue.string(sought.name.description).description.utf8
    let name = Array(text.dropFirst().dropLast())
    var rows: [Int] = []
    for (number, part) in parts.enumerated() {
      var row = start(ofPart: number)
      try part.forEachLine { line throws(StoreError) in
        defer { row += 1 }
        guard line.contains(name) else { return true }
        guard let path = StoredRow.path(ofLine: line) else { return false }
        if path.absolute(in: part.part.folder) == sought { rows.append(row) }
        return true
      }
    }
    return rows
  }
}

extension PartReader {
  /// Calls `body` with each line of the metadata; one that it does not understand is an error.
  fileprivate func forEachLine(
    _ body: (ArraySlice<UInt8>) throws(StoreError) -> Bool
  ) throws(StoreError) {
    let path = files[heads.count]
    var number = 0
    let isWhole = try StoredFile(path).forEachLine { line throws(StoreError) in
      number += 1
      guard try body(line) else {
        throw .damaged(path: path.description, reason: "line \(number) names no image")
      }
    }
    guard isWhole, number == part.rowCount else {
      throw .damaged(
        path: path.description,
        reason: "it has \(number) lines, and its record says \(part.rowCount)")
    }
  }
}

extension StoredRow {
  /// The path in a line, which of most lines is known without reading the rest; `nil` for a line that
  /// names no image.
  static func path(ofLine line: ArraySlice<UInt8>) -> PathBytes? {
    let start = Array(#"{"path":""#.utf8)
    if line.starts(with: start) {
      let rest = line.dropFirst(start.count)
      if let end = rest.firstIndex(of: UInt8(ascii: "\"")),
        !rest[..<end].contains(UInt8(ascii: "\\")),
        rest[end...].starts(with: #"","width":"#.utf8)
      {
        return PathBytes(rest[..<end])
      }
    }
    return StoredRow(line: line)?.path
  }
}

extension ArraySlice<UInt8> {
  /// Whether some bytes are in here, one after another; of none the answer is yes.
  fileprivate func contains(_ sought: [UInt8]) -> Bool {
    guard let first = sought.first else { return true }
    var rest = self
    while let start = rest.firstIndex(of: first) {
      if rest[start...].starts(with: sought) { return true }
      rest = rest[(start + 1)...]
    }
    return false
  }
}
