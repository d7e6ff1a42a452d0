import EmbedderStorage
public import EmbeddingStore

/// Why a store cannot be searched.
@nonexhaustive
public enum SearchError: Error, Hashable, Sendable {
  /// The store cannot be read.
  case store(StoreError)
  /// A file beside the store cannot be read or written.
  case file(FileError)
  /// A file that is not ours has the name of the one beside the store.
  case foreignFile(path: String)
  /// A query has another number of components than the rows.
  case otherDimension(found: Int, needed: Int)
  /// The query is quantized and the rows are not.
  case otherKind
  /// The query has no direction: it is all zeros, or has components that are no numbers.
  case noDirection
  /// Answers were asked for whose number is not 1 or more.
  case invalidCount(Int)
  /// A cosine to hold answers against is no number.
  case invalidCosine
  /// There was no memory.
  case outOfMemory(OutOfMemory)
  /// The task that waited was cancelled.
  case cancelled
}

extension SearchError: CustomStringConvertible {
  /// A sentence that names what was found and what is needed.
  public var description: String {
    switch self {
    case .store(let error): error.description
    case .file(let error): error.description
    case .foreignFile(let path):
      "\(quoted(path)) was not made by a search, and is left alone; move it away, so that searches can"
        + " keep their file there"
    case .otherDimension(let found, let needed):
      "the query has \(found) components and the store's rows have \(needed); embed it with the model"
        + " that made the store"
    case .otherKind:
      "the query is quantized and the store's rows are floats; embed it with the options that made the"
        + " store"
    case .noDirection:
      "the query is all zeros or has components that are no numbers, so that nothing is near it; another"
        + " one is needed"
    case .invalidCount(let count):
      "\(count) answers were asked for, and 1 or more are needed"
    case .invalidCosine:
      "the least cosine is not a number; one in [-1, 1] is needed"
    case .outOfMemory(let error): error.description
    case .cancelled: "the search was cancelled before its end"
    }
  }
}
