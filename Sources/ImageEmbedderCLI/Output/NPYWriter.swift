import ImageEmbedding

/// NumPy arrays `[images, components]`: one file a head, and the rows' names beside the first.
///
/// The first head's file has the name that was given, `vectors.npy`; further heads go to
/// `vectors.head1.npy` and so on, the names to `vectors.npy.rows.jsonl`. Only images that were embedded
/// have a row.
struct NPYWriter: RowWriter {
  private var arrays: [OutputStream]
  private let dimensions: [Int]
  private let isQuantized: Bool
  private var names: OutputStream
  private var rowCount = 0

  init(to path: String, dimensions: [Int], isQuantized: Bool) throws {
    let stem = path.hasSuffix(".npy") ? String(path.dropLast(4)) : path
    arrays = try dimensions.indices.map { head in
      try OutputStream(replacing: head == 0 ? path : "\(stem).head\(head).npy", needsSeeking: true)
    }
    names = try OutputStream(replacing: "\(path).rows.jsonl")
    self.dimensions = dimensions
    self.isQuantized = isQuantized
    for head in dimensions.indices {
      try arrays[head].write(header(head))
    }
  }

  mutating func write(_ row: Row) throws {
    guard case .embedded(let image) = row else { return }
    for (head, embedding) in image.embeddings.enumerated() {
      switch embedding.featureVector {
      case .float(let values):
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values {
          let bits = value.bitPattern.littleEndian
          unsafe withUnsafeBytes(of: bits) { unsafe bytes.append(contentsOf: $0) }
        }
        try arrays[head].write(bytes)
      case .quantized(let values):
        try arrays[head].write(values.map(UInt8.init(bitPattern:)))
      }
    }
    let name = JSONValue.object([("row", .integer(rowCount)), ("path", .string(image.path))])
    try names.write("\(name)\n")
    rowCount += 1
  }

  mutating func finish() throws {
    // Everything is written out before the first file gets its name: a full disk leaves what was there.
    for head in dimensions.indices {
      try arrays[head].overwriteStart(header(head))
    }
    try names.flush()
    try names.finish()
    for head in dimensions.indices.reversed() {
      try arrays[head].finish()
    }
  }

  /// The format's header, version 1.0; always as long, whatever the number of rows.
  private func header(_ head: Int) -> [UInt8] {
    let type = isQuantized ? "|i1" : "<f4"
    var text =
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rowCount), \(dimensions[head])), }"
    let byteCount = 118
    text += String(repeating: " ", count: byteCount - 1 - text.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(byteCount), 0] + Array(text.utf8)
  }
}
