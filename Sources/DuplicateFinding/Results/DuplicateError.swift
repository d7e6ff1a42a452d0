public import EmbedderStorage
public import EmbeddingStore

/// Why duplicates cannot be looked for.
public enum DuplicateError: Error, Sendable {
  /// The store cannot be read.
  case store(StoreError)
  /// The store's vectors cannot be compared.
  case search(path: String, reason: String)
  /// A file cannot be read or written.
  case file(FileError)
  /// A file that is not ours has the name of one that would be written.
  case foreignFile(path: String)
  /// A line of a list of pictures that are no duplicates names none.
  case unreadableRefusal(path: String, line: Int)
  /// There was no memory or no thread.
  case outOfMemory(OutOfMemory)
  /// The search was ended before its end.
  case cancelled
}

extension DuplicateError: CustomStringConvertible {
  /// A sentence that names what was found and what is needed.
  public var description: String {
    switch self {
    case .store(let error): error.description
    case .search(let path, let reason):
      "the vectors of \(quoted(path)) cannot be compared: \(reason)"
    case .file(let error): error.description
    case .foreignFile(let path):
      "\(quoted(path)) was not written by image-embedder and is not replaced; move it away or give"
        + " another name"
    case .unreadableRefusal(let path, let line):
      "line \(line) of \(quoted(path)) names no pictures; a JSON object with \"a\" and \"b\", as"
        + " duplicates --json writes it, or with \"members\" is needed"
    case .outOfMemory(let error): error.description
    case .cancelled: "the search for duplicates was ended"
    }
  }
}
