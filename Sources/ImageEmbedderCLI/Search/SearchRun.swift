import ArgumentParser
import EmbedderBatchInputs
import EmbedderPlatform
import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

/// Answers queries one group after another.
struct SearchRun {
  let store: EmbeddingStore
  let head: Int
  let count: Int
  let minCosine: Double?
  /// The cosine to a better answer from which on an answer is left out.
  let distinct: Double?
  let filter: InputFilter
  let threadCount: Int?
  let vectors: QueryVectors

  private var index: EmbeddingIndex?
  private var rows: RowSet?
  /// The number of rows that may be answers.
  private(set) var candidateCount = 0

  init(
    _ store: EmbeddingStore, head: Int, count: Int, minCosine: Double?, distinct: Double?,
    filter: InputFilter, threadCount: Int?, vectors: QueryVectors
  ) {
    self.store = store
    self.head = head
    self.count = count
    self.minCosine = minCosine
    self.distinct = distinct
    self.filter = filter
    self.threadCount = threadCount
    self.vectors = vectors
  }

  /// The answers of some queries, best first, or why one has none.
  ///
  /// - Throws: ``Failure`` where the store cannot be searched.
  mutating func answers(
    to queries: [SearchQuery]
  ) throws -> [Result<[FoundPicture], Failure>] {
    let found: [Result<FeatureVector, Failure>] = try queries.map { query in
      do {
        return .success(try vectors.vector(of: query))
      } catch let failure as Failure {
        return .failure(failure)
      }
    }
    let index = try readyIndex()
    let searched = found.compactMap { try? $0.get() }
    var answers: [[EmbeddingIndex.Answer]]
    do {
      answers = try nearest(searched, index)
    } catch let error as SearchError where searched.count > 1 && error.isOfQuery {
      // One of them cannot be searched for; which one, each tells for itself.
      return try queries.flatMap { try self.answers(to: [$0]) }
    } catch let error as SearchError where error.isOfQuery {
      return zip(queries, found).map { query, vector in
        vector.flatMap { _ in .failure(Failure("\(quoted(query.name)): \(error)")) }
      }
    }
    answers.reverse()
    return try found.map { vector in
      switch vector {
      case .failure(let failure): return .failure(failure)
      case .success:
        let best = answers.popLast() ?? []
        return .success(
          try best.enumerated().map { try FoundPicture($1, rank: $0 + 1, of: store) })
      }
    }
  }

  private func nearest(
    _ queries: [FeatureVector], _ index: EmbeddingIndex
  ) throws -> [[EmbeddingIndex.Answer]] {
    let found = try index.nearest(count, toEach: queries, minCosine: minCosine, among: rows)
    guard let distinct else { return found }
    return try zip(queries, found).map { query, found in
      var answers = DistinctAnswers(distinct, index)
      var (found, wanted) = (found, count)
      while true {
        let kept = try answers.take(found, upTo: count)
        if kept.count == count || found.count < wanted || wanted >= store.count { return kept }
        wanted = wanted > store.count / 4 ? store.count : 4 * wanted
        found = try index.nearest(wanted, to: query, minCosine: minCosine, among: rows)
      }
    }
  }

  private mutating func readyIndex() throws -> EmbeddingIndex {
    if let index { return index }
    var progress = StageProgress(isVerbose: false)
    defer { progress.clear() }
    let made = try EmbeddingIndex(
      store, head: head, threadCount: threadCount,
      progress: { progress.show("preparing the vectors for searching", $0, $1) })
    if let error = made.fileError, !error.isOfReadOnlyFolder {
      progress.clear()
      report("\(error); as long as that is so, each search reads all vectors")
    }
    candidateCount = store.count
    if !filter.takesAll {
      var rows = RowSet()
      var count = 0
      try store.forEachPath { (row, path) throws(StoreError) in
        guard filter.takes(storedPath: path) else { return }
        rows.insert(row)
        count += 1
      }
      self.rows = rows
      candidateCount = count
    }
    index = made
    return made
  }
}

extension SearchError {
  /// Whether the query is at fault, and not the store.
  fileprivate var isOfQuery: Bool {
    switch self {
    case .otherDimension, .otherKind, .noDirection: true
    default: false
    }
  }

  /// Whether a file is not written since the folder is kept as it is, on purpose.
  fileprivate var isOfReadOnlyFolder: Bool {
    guard case .file(.system(_, _, let number, _)) = self else { return false }
    return [EACCES, EPERM, EROFS].contains(number)
  }
}
