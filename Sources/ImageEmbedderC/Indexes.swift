// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderPlatform
import EmbedderStorage
import EmbeddingSearch
import ImageEmbedding

/// A store that is searched, with the text that C asks of it.
final class IndexHandle: Handle {
  let index: EmbeddingIndex
  let warning: CText?

  init(_ index: EmbeddingIndex) {
    self.index = index
    warning = index.fileError.map { CText("\($0)") }
  }
}

extension SearchError {
  /// The canonical code of the error.
  fileprivate var code: StatusCode {
    switch self {
    case .store(let error): error.code
    case .file(.system(_, _, EACCES, _)): .permissionDenied
    case .foreignFile: .failedPrecondition
    case .otherDimension, .otherKind, .noDirection, .invalidCount, .invalidCosine: .invalidArgument
    case .outOfMemory: .resourceExhausted
    case .cancelled: .cancelled
    default: .unknown
    }
  }
}

/// Calls `body` and gives an error of a search its code.
func searching<Result>(
  _ body: () throws(SearchError) -> Result
) throws(CallError) -> Result {
  do throws(SearchError) {
    return try body()
  } catch {
    throw CallError(code: error.code, error.description)
  }
}

@c @implementation
public func ie_index_open(
  _ store: OpaquePointer?, _ options: UnsafePointer<ie_index_options>?,
  _ index: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(index, "index", error) {
    let store = try unsafe StoreHandle.get(store, "store").store
    let options =
      try unsafe options == nil ? ie_index_options() : ie_index_options(options, "options")
    guard options.reserved == 0 else {
      throw CallError.invalid("reserved of options", options.reserved, needed: "0")
    }
    guard options.thread_count >= 0 else {
      throw CallError.invalid("thread_count", options.thread_count, needed: "0 or more")
    }
    return IndexHandle(
      try searching { () throws(SearchError) in
        try EmbeddingIndex(
          store, head: options.head,
          threadCount: options.thread_count == 0 ? nil : Int(options.thread_count))
      })
  }
}

@c @implementation
public func ie_index_warning(_ index: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe IndexHandle.find(index)?.warning?.pointer
}

@c @implementation
public func ie_index_search(
  _ index: OpaquePointer?, _ queries: UnsafePointer<ie_vector>?, _ queryCount: Int, _ count: Int,
  _ options: UnsafePointer<ie_search_options>?, _ answers: UnsafeMutablePointer<ie_answer>?,
  _ answerCounts: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe perform(error) {
    let index = try unsafe IndexHandle.get(index, "index").index
    guard queryCount >= 0 else {
      throw CallError.invalid("query_count", queryCount, needed: "a number of queries")
    }
    guard queryCount > 0 else { return }
    guard !queryCount.multipliedReportingOverflow(by: count).overflow else {
      throw CallError.invalid("count", count, needed: "the number of places for a query")
    }
    guard let queries = unsafe queries else { throw CallError.null("queries") }
    guard let answers = unsafe answers else { throw CallError.null("answers") }
    guard let answerCounts = unsafe answerCounts else { throw CallError.null("answer_counts") }
    let options =
      try unsafe options == nil ? ie_search_options() : ie_search_options(options, "options")
    let vectors = try (0..<queryCount).map { number in
      try unsafe queries[number].vector("queries[\(number)]")
    }
    let rows = try unsafe options.rowSet()
    let found = try searching { () throws(SearchError) in
      try unsafe index.nearest(
        count, toEach: vectors, minCosine: options.has_min_cosine ? options.min_cosine : nil,
        among: rows)
    }
    for (number, found) in found.enumerated() {
      unsafe answerCounts[number] = found.count
      for (place, answer) in found.enumerated() {
        unsafe answers[number * count + place] = ie_answer(row: answer.row, cosine: answer.cosine)
      }
    }
  }
}

@c @implementation
public func ie_index_close(_ index: OpaquePointer?) {
  _ = unsafe IndexHandle.take(index)
}

extension ie_vector {
  /// The components, copied.
  fileprivate func vector(_ name: String) throws -> FeatureVector {
    try unsafe validate(name)
    if let quantized = unsafe quantized {
      return unsafe .quantized(Array(UnsafeBufferPointer(start: quantized, count: count)))
    }
    return unsafe .float(Array(UnsafeBufferPointer(start: floats, count: count)))
  }
}

extension ie_search_options {
  /// The rows that may be answers.
  func rowSet() throws -> RowSet? {
    guard unsafe reserved == 0 else {
      throw unsafe CallError.invalid("reserved of options", reserved, needed: "0")
    }
    guard let rows = unsafe rows else {
      guard unsafe row_count == 0 else { throw CallError.null("rows of options") }
      return nil
    }
    guard unsafe row_count >= 0 else {
      throw CallError.invalid(
        "row_count of options", unsafe UInt(bitPattern: row_count), needed: "a smaller number")
    }
    return unsafe RowSet(UnsafeBufferPointer(start: rows, count: row_count))
  }
}
