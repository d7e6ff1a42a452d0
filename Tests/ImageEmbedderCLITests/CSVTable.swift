/// Comma-separated values, read by RFC 4180 with LF or CR LF between the rows.
struct CSVTable {
  /// The rows, each of cells; the first holds the names of the columns.
  private(set) var rows: [[String]] = []

  init(_ text: String) {
    var cell: [UInt8] = []
    var row: [String] = []
    var isQuoted = false
    var bytes = Array(text.utf8)[...]
    func finished(_ cell: [UInt8]) -> String { String(decoding: cell, as: UTF8.self) }
    while let byte = bytes.popFirst() {
      switch (byte, isQuoted) {
      case (UInt8(ascii: "\""), true) where bytes.first == UInt8(ascii: "\""):
        cell.append(byte)
        bytes.removeFirst()
      case (UInt8(ascii: "\""), _):
        isQuoted.toggle()
      case (UInt8(ascii: ","), false):
        row.append(finished(cell))
        cell = []
      case (UInt8(ascii: "\n"), false):
        row.append(finished(cell))
        rows.append(row)
        (cell, row) = ([], [])
      default:
        cell.append(byte)
      }
    }
    // A last line without a newline is half a line.
    if !cell.isEmpty || !row.isEmpty { rows.append(row + [finished(cell), "(no newline)"]) }
  }

  /// The cells of a column, without its name; a row that is too short has none.
  subscript(name: String) -> [String?] {
    guard let column = rows.first?.firstIndex(of: name) else { return [] }
    return rows.dropFirst().map { $0.indices.contains(column) ? $0[column] : nil }
  }
}
