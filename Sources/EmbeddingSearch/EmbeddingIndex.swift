public import EmbedderEmbeddings
public import EmbeddingStore

/// Exact search among the vectors of a store: the rows whose cosine to a query is largest.
///
/// Cosines are those of `cosineSimilarity` with the stored components, to the last bit, and the same on
/// every run. May be used from many threads at once. What counted when the store was opened is searched.
///
/// ```swift
/// let index = try EmbeddingIndex(EmbeddingStore("embeddings"))
/// for answer in try index.nearest(10, to: vector) {
///   print(answer.cosine, try index.store.row(at: answer.row).path)
/// }
/// ```
public final class EmbeddingIndex: Sendable {
  /// A row and how near it is.
  public struct Answer: Hashable, Sendable {
    /// The row, from 0.
    public let row: Int
    /// Its cosine to the query.
    public let cosine: Double

    /// Makes an answer of its parts.
    public init(row: Int, cosine: Double) {
      self.row = row
      self.cosine = cosine
    }
  }

  /// The store that is searched.
  public let store: EmbeddingStore
  /// The head whose vectors are compared, from 0.
  public let head: Int
  /// The number of rows.
  public var count: Int { store.count }
  /// The number of components of a row.
  public var dimension: Int { store.heads[head].dimension }

  /// Prepares for searching a store.
  ///
  /// - Parameters:
  ///   - store: The store.
  ///   - head: The head whose vectors are compared, from 0.
  ///   - threadCount: The threads that search; `nil` for one a processor.
  ///   - progress: Called while the file beside the store is made, with the rows that are done and all rows.
  /// - Throws: ``SearchError`` where there is no such head, or the store cannot be read.
  public init(
    _ store: EmbeddingStore, head: Int = 0, threadCount: Int? = nil,
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(SearchError) {
    guard store.heads.indices.contains(head) else {
      throw .store(.noHead(index: head, count: store.heads.count))
    }
    self.store = store
    self.head = head
  }

  /// The rows that have no direction, in order: all zeros, or with components that are no numbers. They
  /// are never answers.
  ///
  /// - Throws: ``SearchError`` where the store was damaged meanwhile.
  public func incomparableRows() throws(SearchError) -> [Int] {
    var rows: [Int] = []
    try forEachRow { row, vector in
      if !vector.hasDirection { rows.append(row) }
    }
    return rows
  }

  /// The rows that are nearest to a query.
  ///
  /// - Parameters:
  ///   - count: The most answers, 1 or more.
  ///   - query: A vector of the store's kind and dimension. Floats are compared with a store of quantized
  ///     vectors too, for sums of several vectors.
  ///   - minCosine: The least cosine of an answer.
  ///   - rows: The rows that may be answers; `nil` for all.
  /// - Returns: The rows with the largest cosines, best first, equal ones in the order of the rows.
  /// - Throws: ``SearchError`` for a query that cannot be compared with the rows, and where the store was
  ///   damaged meanwhile.
  public func nearest(
    _ count: Int, to query: FeatureVector, minCosine: Double? = nil, among rows: RowSet? = nil
  ) throws(SearchError) -> [Answer] {
    try nearest(count, toEach: [query], minCosine: minCosine, among: rows)[0]
  }

  /// The rows that are nearest to each of some queries, in one pass over the rows.
  ///
  /// - Returns: The answers of each query, as ``nearest(_:to:minCosine:among:)`` gives them.
  public func nearest(
    _ count: Int, toEach queries: [FeatureVector], minCosine: Double? = nil,
    among rows: RowSet? = nil
  ) throws(SearchError) -> [[Answer]] {
    guard count >= 1 else { throw .invalidCount(count) }
    if let minCosine, minCosine.isNaN { throw .invalidCosine }
    for query in queries { try check(query) }
    var answers: [[Answer]] = queries.map { _ in [] }
    try forEachRow { row, vector in
      guard rows?.contains(row) ?? true, vector.hasDirection else { return }
      for number in queries.indices {
        let cosine = queries[number].cosine(to: vector)
        if cosine >= minCosine ?? -.infinity {
          answers[number].append(Answer(row: row, cosine: cosine))
        }
      }
    }
    return answers.map { Array($0.sorted(by: Answer.isBetter).prefix(count)) }
  }

  /// Calls `body` with every pair of rows whose cosine is at least `minCosine`, in the order of the first
  /// row and then of the second, which is the larger one.
  ///
  /// - Parameters:
  ///   - minCosine: The least cosine.
  ///   - threadCount: The threads that search; `nil` for as many as the index has.
  ///   - body: Called on the caller's thread.
  /// - Throws: ``SearchError`` where the store was damaged meanwhile, and what `body` throws.
  public func forEachPair(
    minCosine: Double, threadCount: Int? = nil,
    _ body: (_ first: Int, _ second: Int, _ cosine: Double) throws -> Void
  ) throws {
    guard !minCosine.isNaN else { throw SearchError.invalidCosine }
    for first in 0..<count {
      let vector = try store.vector(at: first, head: head)
      guard vector.hasDirection else { continue }
      for second in first + 1..<count {
        let other = try store.vector(at: second, head: head)
        guard other.hasDirection else { continue }
        let cosine = vector.cosine(to: other)
        if cosine >= minCosine { try body(first, second, cosine) }
      }
    }
  }

  private func check(_ query: FeatureVector) throws(SearchError) {
    guard count > 0 else { return }
    guard query.count == dimension else {
      throw .otherDimension(found: query.count, needed: dimension)
    }
    if case .quantized = query, store.type != .int8 { throw .otherKind }
    guard query.hasDirection else { throw .noDirection }
  }

  private func forEachRow(_ body: (Int, FeatureVector) -> Void) throws(SearchError) {
    for start in stride(from: 0, to: count, by: 256) {
      let vectors: [FeatureVector]
      do throws(StoreError) {
        vectors = try store.vectors(in: start..<min(start + 256, count), head: head)
      } catch {
        throw .store(error)
      }
      for (number, vector) in vectors.enumerated() { body(start + number, vector) }
    }
  }
}

extension EmbeddingIndex.Answer {
  static func isBetter(_ first: Self, _ second: Self) -> Bool {
    (second.cosine, first.row) < (first.cosine, second.row)
  }
}
