package import EmbedderStorage

extension StoreWriter {
  /// A row's place: its part's number and its own in there.
  package struct Place: Hashable, Sendable {
    let part: Int
    let row: Int
  }

  /// Calls `body` with every row of this writer's, and its image's absolute path.
  package func forEachRow(
    _ body: (Place, StoredRow, PathBytes) throws(StoreError) -> Void
  ) throws(StoreError) {
    for part in record.parts {
      var number = 0
      try reader(of: part).forEachRow { (row, _) throws(StoreError) in
        try body(Place(part: part.number, row: number), row, row.path.absolute(in: part.folder))
        number += 1
      }
    }
  }

  /// Removes rows, before any is added.
  ///
  /// A part that loses some is written anew under the next number, with the rows that stay; one record says
  /// that the new one counts and the old one does not, so that a row is never there twice and never gone.
  package func removeRows(at places: Set<Place>) throws(StoreError) {
    for part in record.parts {
      let removed = Set(places.filter { $0.part == part.number }.map(\.row))
      guard !removed.isEmpty else { continue }
      let kept = try rewrite(part, without: removed)
      record.parts.removeAll { $0.number == part.number }
      if let kept { record.parts.append(kept) }
      record.retired = [part.number]
      if kept != nil { announceNext() }
      try writeRecord()
      for file in layout.files(part: part.number, headCount: record.heads.count) {
        try remove(file)
      }
      record.retired = []
    }
    known = KnownImages()
    try readKnownImages()
    try addSettledFailures()
  }

  private func rewrite(
    _ part: StoreRecord.Part, without removed: Set<Int>
  ) throws(StoreError) -> StoreRecord.Part? {
    guard removed.count < part.rowCount else { return nil }
    let reader = reader(of: part)
    let writer = try begin(folder: part.folder)
    var number = 0
    try reader.forEachRow { (_, line) throws(StoreError) in
      defer { number += 1 }
      guard !removed.contains(number) else { return }
      var rows: [[UInt8]] = []
      for head in reader.heads.indices {
        rows.append(try reader.rows(number..<number + 1, head: head))
      }
      try writer.append(line, rows)
    }
    return try writer.finish()
  }
}
