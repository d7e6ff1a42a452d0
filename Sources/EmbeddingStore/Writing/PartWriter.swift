import EmbedderEmbeddings
import EmbedderStorage

/// A NumPy array `[images, components]` on its way to a file.
final class ArrayFile {
  private let file: WholeFile
  private let type: ComponentType
  private let dimension: Int
  private var rowCount = 0

  init(_ path: PathBytes, type: ComponentType, dimension: Int) throws(StoreError) {
    self.type = type
    self.dimension = dimension
    file = try WholeFile(path)
    try file.write(NPYHeader.bytes(type: type, rowCount: 0, dimension: dimension))
  }

  func append(_ vector: FeatureVector) throws(StoreError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(dimension * type.byteCount)
    type.append(vector, to: &bytes)
    try append(bytes)
  }

  /// Adds a row's bytes.
  func append(_ row: [UInt8]) throws(StoreError) {
    try file.write(row)
    rowCount += 1
  }

  /// Has all of it on the disk, with the number of rows; the file does not have its name yet.
  func complete() throws(StoreError) -> FileSeal {
    try file.overwriteStart(
      NPYHeader.bytes(type: type, rowCount: rowCount, dimension: dimension))
    try file.flush()
    return try file.seal()
  }

  func finish() throws(StoreError) { try file.finish() }
}

/// A part of a store that is being written: its arrays and its metadata, row for row.
final class PartWriter {
  let number: Int
  private(set) var rowCount = 0
  private let layout: StoreLayout
  private let arrays: [ArrayFile]
  private let metadata: WholeFile
  private let folder: PathBytes

  init(
    _ number: Int, in layout: StoreLayout, type: ComponentType, heads: [StoreRecord.Head],
    folder: PathBytes
  ) throws(StoreError) {
    self.number = number
    self.layout = layout
    self.folder = folder
    var arrays: [ArrayFile] = []
    for (index, head) in heads.enumerated() {
      let path = layout.file(StoreLayout.arrayName(part: number, head: index))
      arrays.append(try ArrayFile(path, type: type, dimension: head.dimension))
    }
    self.arrays = arrays
    metadata = try WholeFile(layout.file(StoreLayout.metadataName(part: number)))
  }

  func append(_ line: some Sequence<UInt8>, _ vectors: [FeatureVector]) throws(StoreError) {
    for (array, vector) in zip(arrays, vectors) { try array.append(vector) }
    try append(line)
  }

  func append(_ line: some Sequence<UInt8>, _ rows: [[UInt8]]) throws(StoreError) {
    for (array, row) in zip(arrays, rows) { try array.append(row) }
    try append(line)
  }

  private func append(_ line: some Sequence<UInt8>) throws(StoreError) {
    try metadata.write(Array(line) + [0x0a])
    rowCount += 1
  }

  /// Has the part's files get their names; it counts only when a record says so.
  func finish() throws(StoreError) -> StoreRecord.Part {
    var seals: [FileSeal] = []
    for array in arrays { seals.append(try array.complete()) }
    try metadata.flush()
    let seal = try metadata.seal()
    for array in arrays { try array.finish() }
    try metadata.finish()
    for head in arrays.indices {
      try flushFolder(layout.file(StoreLayout.arrayFolder(head)))
    }
    try flushFolder(layout.file(StoreLayout.metadataFolder))
    return StoreRecord.Part(
      number: number, rowCount: rowCount, folder: folder, arrays: seals, metadata: seal)
  }
}
