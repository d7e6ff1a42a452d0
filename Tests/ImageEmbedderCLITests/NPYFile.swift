import EmbedderTestSupport
import Testing

/// An array file of NumPy, version 1.0, read by the format's specification (NEP 1).
struct NPYFile {
  let descr: String
  let shape: [Int]
  /// The elements as numbers, row by row.
  let values: [Float]

  init(contentsOf path: String) throws {
    let bytes = try contents(of: path)
    try #require(bytes.count >= 10)
    try #require(Array(bytes[..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
    let headerEnd = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    try #require(headerEnd.isMultiple(of: 64), "the data is aligned")
    try #require(bytes.count >= headerEnd)
    let header = String(decoding: bytes[10..<headerEnd], as: UTF8.self)
    let match = try #require(
      header.wholeMatch(
        of: /\{'descr': '(.{3})', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n/))
    descr = String(match.1)
    let (rows, columns) = (try #require(Int(match.2)), try #require(Int(match.3)))
    shape = [rows, columns]
    let data = bytes[headerEnd...]
    switch descr {
    case "<f4":
      try #require(data.count == rows * columns * 4)
      values = stride(from: headerEnd, to: bytes.count, by: 4).map { start in
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
      }
    case "|i1":
      try #require(data.count == rows * columns)
      values = data.map { Float(Int8(bitPattern: $0)) }
    default:
      throw UnknownType(descr: descr)
    }
  }

  struct UnknownType: Error {
    let descr: String
  }

  /// One row, empty where there is none.
  func row(_ index: Int) -> [Float] {
    guard (0..<shape[0]).contains(index) else { return [] }
    return Array(values[index * shape[1]..<(index + 1) * shape[1]])
  }
}
