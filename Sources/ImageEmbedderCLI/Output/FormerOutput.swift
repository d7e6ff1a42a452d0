import EmbedderPlatform
import EmbeddingStore
import ImageEmbedding

/// What lies under the name of an output: replaced only where it is an output of ours, by its ending and its
/// content.
///
/// `embed --output *.jpg`, in which the shell puts the first photograph behind the option, must not cost
/// that photograph.
struct FormerOutput {
  let path: PathBytes
  let format: OutputFormat

  /// Throws where the output, or a file beside it, would replace what is not ours.
  func check(headCount: Int) throws {
    try check(path, isOurs: format.begins)
    try check(PathBytes(path.bytes + Array(".run.json".utf8))) {
      $0.starts(with: #"{"fingerprint":"#.utf8)
    }
    guard format == .npy else { return }
    try check(NPYWriter.rowsPath(path)) { $0.starts(with: #"{"row":"#.utf8) }
    for head in 1..<max(1, headCount) {
      try check(NPYWriter.arrayPath(path, head: head), isOurs: format.begins)
    }
  }

  /// Throws where a page would replace what is not one of ours.
  static func checkPage(_ path: PathBytes) throws {
    try check(path, endings: ["html", "htm"], holding: "page") {
      $0.starts(with: Page.beginning.utf8)
    }
  }

  /// Throws where a list of duplicates would replace what is not one.
  static func checkDuplicates(_ path: PathBytes) throws {
    try check(path, endings: ["jsonl", "json", "txt"], holding: "list of duplicates") { start in
      let line = String(decoding: start.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      let isObject = line.hasPrefix("{") && line.contains(#""tier":""#)
      return isObject || DuplicateTable.beginnings.contains { line.contains($0) }
    }
  }

  private func check(_ path: PathBytes, isOurs: ([UInt8]) -> Bool) throws {
    try Self.check(
      path, endings: ["jsonl", "csv", "npy", "json"], holding: "vectors", isOurs: isOurs)
  }

  private static func check(
    _ path: PathBytes, endings: [String], holding content: String, isOurs: ([UInt8]) -> Bool
  ) throws {
    guard fileStatus(of: path, followsLinks: false) != nil else { return }
    guard let file = fileStatus(of: path) else {
      throw Failure(
        "cannot write \(quoted(path.description)): it is a link that leads nowhere; remove it, or give"
          + " another name")
    }
    guard file.st_mode & S_IFMT == S_IFREG, file.st_size > 0 else { return }
    let ending = path.ending
    let isNamed = ending.map(endings.contains) ?? true
    guard isNamed, isOurs(try start(of: path)) else {
      throw Failure(
        "cannot write \(quoted(path.description)): it is there and holds no \(content) that this program"
          + " wrote, so it is not replaced; give another name, or remove it")
    }
  }

  /// A file's first bytes.
  private static func start(of path: PathBytes) throws -> [UInt8] {
    let descriptor = unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw Failure.system("open", path.description) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    guard count >= 0 else { throw Failure.system("read", path.description) }
    return Array(bytes.prefix(count))
  }
}

extension OutputFormat {
  /// Whether some bytes are how our files of the format begin.
  fileprivate func begins(_ bytes: [UInt8]) -> Bool {
    switch self {
    case .jsonl: bytes.starts(with: #"{"path":"#.utf8)
    case .csv: bytes.starts(with: CSVWriter.columns.joined(separator: ",").utf8)
    case .npy: NPYHeader.isMagic(bytes)
    }
  }
}
