import BatchEmbedding
import ImageEmbedding

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The places in a folder of embeddings, in the layout of the field's tools (clip-retrieval, autofaiss):
/// `img_emb/img_emb_N.npy` and `metadata/metadata_N.jsonl`, row for row; later heads in `img_emb_headK`.
///
/// A part is complete when its metadata has its name, which it gets last. Shards write into one folder:
/// shard I of M makes the parts I − 1, I − 1 + M, and so on, and has its own log and record.
struct EmbeddingFolder {
  let path: String
  let shard: Shard?

  func array(part: Int, head: Int) -> String {
    "\(path)/\(Self.arrayFolder(head))/img_emb_\(part).npy"
  }

  func metadata(part: Int) -> String { "\(path)/metadata/metadata_\(part).jsonl" }

  /// The log of what failed; the only file that grows under its name, line by line.
  var failures: String { "\(path)/failures\(suffix).jsonl" }

  /// The record of the run.
  var record: String { "\(path)/run\(suffix).json" }

  private var lock: String { "\(path)/.lock\(suffix)" }

  private var suffix: String { shard.map { ".\($0.number)-of-\($0.count)" } ?? "" }

  private static func arrayFolder(_ head: Int) -> String {
    head == 0 ? "img_emb" : "img_emb_head\(head)"
  }

  /// The numbers of the parts that are this shard's, in order.
  func partNumber(_ ordinal: Int) -> Int {
    guard let shard else { return ordinal }
    return shard.number - 1 + ordinal * shard.count
  }

  /// Makes the folder, where it is missing, and keeps other runs out for as long as this process lives.
  func lockForWriting() throws {
    try makeFolder(path)
    let descriptor = unsafe open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure.system("write", lock) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      defer { close(descriptor) }
      guard errno == EWOULDBLOCK else { throw Failure.system("lock", lock) }
      throw Failure("\(quoted(path)) is being written by another run; wait for it or end it first")
    }
  }

  /// Makes the folders inside that are missing.
  func makeFolders(headCount: Int) throws {
    for name in (0..<headCount).map(Self.arrayFolder) + ["metadata"] {
      try makeFolder("\(path)/\(name)")
    }
  }

  private func makeFolder(_ path: String) throws {
    guard unsafe mkdir(path, 0o777) != 0 else { return }
    guard errno == EEXIST else { throw Failure.system("make the folder", path) }
    guard isFolder(path) else {
      throw Failure(
        "\(quoted(path)) is a file, and a folder is needed; give another name or remove the file")
    }
  }

  /// The records of all runs that wrote here.
  func records() throws -> [String] {
    try names(in: path).filter { $0.hasPrefix("run") && $0.hasSuffix(".json") }
      .map { "\(path)/\($0)" }.sorted()
  }

  /// Whether there is something that a run would write over.
  func holdsEmbeddings() throws -> Bool {
    let own = try names(in: path).filter { name in
      name == "img_emb" || name == "metadata" || name.hasPrefix("failures")
        || name.hasPrefix("run") && name.hasSuffix(".json")
    }
    return !own.isEmpty
  }

  /// Removes what an earlier run of this shard left unfinished: temporary files, and arrays whose
  /// metadata never got its name.
  func removeUnfinished(headCount: Int) throws {
    for folder in ["metadata"] + (0..<headCount).map(Self.arrayFolder) {
      for name in try names(in: "\(path)/\(folder)") {
        guard let part = partNumber(inName: name), isOwn(part: part) else { continue }
        let isComplete =
          !name.hasSuffix(".partial") && (folder == "metadata" || isComplete(part: part))
        if !isComplete { unsafe unlink("\(path)/\(folder)/\(name)") }
      }
    }
  }

  /// Removes a part, its metadata first.
  func remove(part: Int, headCount: Int) {
    unsafe unlink(metadata(part: part))
    for head in 0..<headCount { unsafe unlink(array(part: part, head: head)) }
  }

  /// Whether a part is there as a whole.
  func isComplete(part: Int) -> Bool { exists(metadata(part: part)) }

  /// The complete parts of this shard, in order.
  func completeParts() throws -> [Int] {
    try names(in: "\(path)/metadata").filter { $0.hasSuffix(".jsonl") }
      .compactMap(partNumber(inName:)).filter(isOwn).sorted()
  }

  /// The files that name what other shards have dealt with: metadata of their parts, logs of failures.
  func recordsOfOtherShards() throws -> [String] {
    guard shard != nil else { return [] }
    let parts = try names(in: "\(path)/metadata").filter { name in
      name.hasSuffix(".jsonl") && partNumber(inName: name).map { !isOwn(part: $0) } ?? false
    }
    let logs = try names(in: path).filter { $0.hasPrefix("failures.") }.map { "\(path)/\($0)" }
    return parts.map { "\(path)/metadata/\($0)" } + logs.filter { $0 != failures }
  }

  private func isOwn(part: Int) -> Bool {
    guard let shard else { return true }
    return part % shard.count == shard.number - 1
  }

  /// The number in `img_emb_12.npy`, `metadata_12.jsonl` and the temporary names of both.
  private func partNumber(inName name: String) -> Int? {
    let stem = name.split(separator: ".").first ?? ""
    return stem.split(separator: "_").last.flatMap { Int($0) }
  }

  /// The names in a folder; none where there is no such folder.
  private func names(in folder: String) throws -> [String] {
    guard let stream = unsafe opendir(folder) else {
      if errno == ENOENT { return [] }
      throw Failure.system("list the folder", folder)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

/// Every `count`-th input, from number `number` on, counted from 1.
struct Shard: Hashable {
  let number: Int
  let count: Int

  /// Whether the input with this number, counted from 0, is the shard's.
  func takes(_ index: Int) -> Bool { index % count == number - 1 }
}
