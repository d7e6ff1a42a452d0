import EmbedderStorage

/// The names in a store's folder, in the layout of the field's tools (clip-retrieval, autofaiss):
/// `img_emb/img_emb_000000.npy` and `metadata/metadata_000000.jsonl`, row for row; later heads in
/// `img_emb_headK`.
///
/// Six digits, since those tools sort by name.
struct StoreLayout: Hashable, Sendable {
  let path: PathBytes

  static let metadataFolder = "metadata"

  static func arrayFolder(_ head: Int) -> String { head == 0 ? "img_emb" : "img_emb_head\(head)" }

  private static func digits(_ part: Int) -> String {
    let digits = "\(part)"
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }

  /// The name of a part's array below the store's folder.
  static func arrayName(part: Int, head: Int) -> String {
    "\(arrayFolder(head))/img_emb_\(digits(part)).npy"
  }

  static func metadataName(part: Int) -> String {
    "\(metadataFolder)/metadata_\(digits(part)).jsonl"
  }

  /// A part's files, as of 0.1.0, whose names have no zeros in front.
  static func namesOfFirstVersion(part: Int, headCount: Int) -> [String] {
    (0..<headCount).map { "\(arrayFolder($0))/img_emb_\(part).npy" }
      + ["\(metadataFolder)/metadata_\(part).jsonl"]
  }

  /// A part's files below the store's folder: its arrays, then its metadata.
  static func names(part: Int, headCount: Int) -> [String] {
    (0..<headCount).map { arrayName(part: part, head: $0) } + [metadataName(part: part)]
  }

  func file(_ name: String) -> PathBytes { path.appending(name) }

  func files(part: Int, headCount: Int) -> [PathBytes] {
    Self.names(part: part, headCount: headCount).map(file)
  }

  private static func suffix(_ shard: Shard?) -> String {
    shard.map { ".\($0.number)-of-\($0.count)" } ?? ""
  }

  /// The log of what failed; the only file that grows under its name, line by line.
  func failures(_ shard: Shard?) -> PathBytes { file("failures\(Self.suffix(shard)).jsonl") }

  func record(_ shard: Shard?) -> PathBytes { file("run\(Self.suffix(shard)).json") }

  var lock: PathBytes { file(".lock") }

  /// The shard whose record or log has that name, `.some(nil)` for that of an undivided run.
  static func shard(ofName name: String, stem: String, ending: String) -> Shard?? {
    guard name.hasPrefix(stem), name.hasSuffix(ending),
      name.utf8.count >= stem.utf8.count + ending.utf8.count
    else { return nil }
    let middle = name.dropFirst(stem.count).dropLast(ending.count)
    if middle.isEmpty { return .some(nil) }
    let parts = middle.dropFirst().split(separator: "-", omittingEmptySubsequences: false)
    guard middle.first == ".", parts.count == 3, parts[1] == "of", let number = Int(parts[0]),
      let count = Int(parts[2]), count >= 1, (1...count).contains(number),
      "\(number)-of-\(count)" == middle.dropFirst()
    else { return nil }
    return Shard(number: number, count: count)
  }

  static func shard(ofRecord name: String) -> Shard?? {
    shard(ofName: name, stem: "run", ending: ".json")
  }

  static func shard(ofLog name: String) -> Shard?? {
    shard(ofName: name, stem: "failures", ending: ".jsonl")
  }

  /// The number of the part whose array or metadata has that very name.
  static func part(ofName name: String, stem: String, ending: String) -> Int? {
    guard let part = number(inName: name, stem: stem, ending: ending),
      name == stem + digits(part) + ending
    else { return nil }
    return part
  }

  /// The number in a part's name, with or without zeros in front.
  static func number(inName name: String, stem: String, ending: String) -> Int? {
    guard name.hasPrefix(stem), name.hasSuffix(ending),
      name.utf8.count > stem.utf8.count + ending.utf8.count
    else { return nil }
    let digits = name.dropFirst(stem.count).dropLast(ending.count)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(digits)
  }
}
