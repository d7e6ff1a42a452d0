public import EmbedderStorage

/// Why a store cannot be opened, read or written.
public enum StoreError: Error, Hashable, Sendable {
  /// The system refused `operation` (such as `write`) with an error number.
  case system(path: String, operation: String, errno: Int32, reason: String)
  /// There is a file where the store's folder should be.
  case notAFolder(path: String)
  /// The folder has no record, so nobody knows whose its files are.
  case notAStore(path: String, found: String)
  /// A record cannot be understood.
  case unreadableRecord(path: String)
  /// A record is of a later version of the store.
  case newerRecord(path: String, version: Int, supported: Int)
  /// The store's vectors were made by something else.
  case otherFingerprint(path: String, record: String)
  /// The store's components have another type, or its vectors other sizes.
  case otherLayout(path: String, found: String, needed: String)
  /// The store was divided in another way.
  case otherShardCount(path: String, found: Int, asked: Int)
  /// The store holds vectors, and going on with them was not asked for.
  case taken(path: String)
  /// Somebody else is writing the store.
  case busy(path: String)
  /// A file has the name of a part that the store never announced.
  case foreignFile(path: String)
  /// The folder is not the one any longer in which writing began.
  case replaced(path: String)
  /// The relative paths of a store of 0.1.0 lead nowhere from the current folder.
  case unresolvedPaths(path: String, example: String, folder: String)
  /// The store is of 0.1.0, whose record names no parts.
  case firstVersion(path: String)
  /// A file of the store does not hold what its record says.
  case damaged(path: String, reason: String)
  /// The store has no such row.
  case noRow(index: Int, count: Int)
  /// The store has no such head.
  case noHead(index: Int, count: Int)
  /// Vectors that were given do not have the store's heads and sizes.
  case wrongVectors(found: String, needed: String)
  /// There was no memory.
  case outOfMemory(OutOfMemory)
}

extension StoreError: CustomStringConvertible {
  /// A sentence that names what was found and what is needed.
  public var description: String {
    switch self {
    case .system(let path, let operation, _, let reason):
      "cannot \(operation) \(quoted(path)): \(reason)"
    case .notAFolder(let path):
      "\(quoted(path)) is a file, and a folder is needed; give another name or remove the file"
    case .notAStore(let path, let found):
      "\(quoted(path)) is no store of image-embedder: \(found); a folder that embed --output wrote is"
        + " needed, or for writing another folder or a new name"
    case .unreadableRecord(let path):
      "\(quoted(path)) is no record that can be read, and without it nobody knows what made the"
        + " vectors; bring it back from a copy, or use another folder"
    case .newerRecord(let path, let version, let supported):
      "\(quoted(path)) is of version \(version) of the store, and this program knows versions up to"
        + " \(supported); a newer image-embedder is needed"
    case .otherFingerprint(let path, let record):
      "\(quoted(path)) holds vectors made with another model or other options (see"
        + " \(quoted(record))); vectors that differ in that cannot be mixed, so the same options or"
        + " another folder are needed"
    case .otherLayout(let path, let found, let needed):
      "\(quoted(path)) holds vectors made with other options: \(found), and this run makes \(needed);"
        + " the same options or another folder are needed"
    case .otherShardCount(let path, let found, let asked):
      "\(quoted(path)) holds a run in \(found) parts and this is one in \(asked); the same --shard I/N"
        + " is needed, or another folder"
    case .taken(let path):
      "\(quoted(path)) holds the vectors of another run; give --resume to go on with it, or another"
        + " folder"
    case .busy(let path):
      "\(quoted(path)) is being written by another run; wait for it or end it first"
    case .foreignFile(let path):
      "\(quoted(path)) has the name of a part and is not ours: no record names it; move it away, or use"
        + " another folder"
    case .replaced(let path):
      "\(quoted(path)) was removed or replaced while it was written; what was stored there is gone,"
        + " so the run has to be started again"
    case .unresolvedPaths(let path, let example, let folder):
      "\(quoted(path)) names its images relative to the folder in which it was made, and"
        + " \(quoted(example)) is not in \(quoted(folder)); go on from the folder where it was made"
    case .firstVersion(let path):
      "\(quoted(path)) was written by 0.1.0, whose record does not name its parts; go on with it once"
        + " (image-embedder embed --resume), and then try again"
    case .damaged(let path, let reason):
      "\(quoted(path)) is damaged: \(reason); --resume makes its rows again"
    case .noRow(let index, let count):
      "there is no row \(index); the store has \(count) rows, counted from 0"
    case .noHead(let index, let count):
      "there is no head \(index); the store has \(count) \(count == 1 ? "head" : "heads"), counted from 0"
    case .wrongVectors(let found, let needed):
      "the vectors are \(found), and the store holds \(needed)"
    case .outOfMemory(let error):
      error.description
    }
  }
}
