import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// NumPy arrays `[images, components]`: one file a head, and the rows' names beside the first.
///
/// The first head's file has the name that was given, `vectors.npy`; further heads go to
/// `vectors.head1.npy` and so on, the names to `vectors.npy.rows.jsonl`. Only images that were embedded
/// have a row.
final class NPYWriter: FileWriter {
  private let path: PathBytes
  private let arrays: [NPYFile]
  private let names: OutputStream
  private var rowCount = 0

  static func arrayPath(_ path: PathBytes, head: Int) -> PathBytes {
    guard head > 0 else { return path }
    let isNamed = path.ending == "npy"
    return PathBytes(
      path.bytes.dropLast(isNamed ? 4 : 0) + Array(".head\(head).npy".utf8))
  }

  static func rowsPath(_ path: PathBytes) -> PathBytes {
    PathBytes(path.bytes + Array(".rows.jsonl".utf8))
  }

  init(to path: PathBytes, dimensions: [Int], type: ComponentType) throws {
    self.path = path
    arrays = try dimensions.enumerated().map { head, dimension in
      try NPYFile(
        replacing: Self.arrayPath(path, head: head), dimension: dimension, type: type)
    }
    names = try OutputStream(replacing: Self.rowsPath(path))
  }

  func write(_ image: EmbeddingResult, of path: PathBytes, _ stamp: FileStamp?) throws {
    for (array, embedding) in zip(arrays, image.embeddings) {
      try array.append(embedding.featureVector)
    }
    let name = JSONValue.object([("row", .integer(rowCount))] + pathMembers(path))
    try names.write("\(name)\n")
    rowCount += 1
  }

  func write(_ error: EmbedderError, of path: PathBytes) {}

  func flush() throws { try names.flush() }

  func finish() throws {}

  func finish(record: String) throws {
    // Everything is on the disk before the first file gets its name: a full disk leaves what was there.
    for array in arrays { try array.complete() }
    try names.flushToDisk()
    let recordPath = PathBytes(path.bytes + Array(".run.json".utf8))
    let recordFile = try OutputStream(replacing: recordPath)
    try recordFile.write(record)
    try recordFile.flushToDisk()
    // Arrays cannot get their names together with those of their rows. So the former names go first, and the
    // new ones come last: whatever ends this in between, no array lies beside names of another run.
    let former = [Self.rowsPath(path), recordPath].map(FormerFile.init)
    var asides: [FormerFile] = []
    do {
      for file in former where try file.putAside() { asides.append(file) }
      for array in arrays.reversed() { try array.finish() }
    } catch {
      if arrays.allSatisfy({ !$0.isFinished }) { for file in asides { file.bringBack() } }
      throw error
    }
    try names.finish()
    try recordFile.finish()
    for file in former { file.remove() }
  }
}
