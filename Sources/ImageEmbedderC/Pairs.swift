// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderStorage
import EmbeddingSearch
import ImageEmbedding

/// A search for pairs that goes on when C asks.
final class PairsHandle: Handle {
  private struct State: Sendable {
    var search: PairSearch
    /// What was found and did not fit.
    var rest: ArraySlice<EmbeddingIndex.Pair> = []
    var isAtEnd = false
  }

  private let state: Locked<State>

  init(_ search: PairSearch) {
    state = Locked(State(search: search))
  }

  /// Looks for the next pairs.
  ///
  /// - Parameters:
  ///   - most: The most pairs.
  ///   - seconds: How long to look; negative without end.
  /// - Returns: Pairs, none at the end.
  /// - Throws: ``CallError`` where none came in time, or the store was damaged meanwhile.
  func next(_ most: Int, withinSeconds seconds: Double) throws -> ArraySlice<EmbeddingIndex.Pair> {
    let start = ContinuousClock.now
    return try state.withLock { state in
      while state.rest.isEmpty, !state.isAtEnd {
        let found = try searching { () throws(SearchError) in try state.search.step() }
        state.isAtEnd = found == nil
        state.rest = found?[...] ?? []
        guard state.rest.isEmpty, !state.isAtEnd, seconds >= 0 else { continue }
        if (ContinuousClock.now - start) / .seconds(1) >= seconds {
          throw CallError(
            code: .deadlineExceeded, "no pair came within \(seconds) seconds; one may come later")
        }
      }
      defer { state.rest = state.rest.dropFirst(most) }
      return state.rest.prefix(most)
    }
  }
}

@c @implementation
public func ie_index_pairs(
  _ index: OpaquePointer?, _ options: UnsafePointer<ie_search_options>?,
  _ pairs: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(pairs, "pairs", error) {
    let index = try unsafe IndexHandle.get(index, "index").index
    let options =
      try unsafe options == nil ? ie_search_options() : ie_search_options(options, "options")
    let rows = try unsafe options.rowSet()
    let minCosine = unsafe options.has_min_cosine ? options.min_cosine : -.infinity
    return PairsHandle(
      try searching { () throws(SearchError) in
        try index.pairSearch(minCosine: minCosine, among: rows)
      })
  }
}

@c @implementation
public func ie_pairs_next(
  _ pairs: OpaquePointer?, _ timeout: Double, _ places: UnsafeMutablePointer<ie_pair>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe count?.pointee = 0
  return unsafe perform(error) {
    guard let places = unsafe places else { throw CallError.null("places") }
    guard let count = unsafe count else { throw CallError.null("count") }
    guard capacity > 0 else {
      throw CallError.invalid("capacity", UInt(bitPattern: capacity), needed: "1 or more")
    }
    guard !timeout.isNaN else {
      throw CallError.invalid("timeout_seconds", timeout, needed: "a number of seconds")
    }
    let found = try unsafe PairsHandle.get(pairs, "pairs")
      .next(capacity, withinSeconds: timeout)
    for (place, pair) in found.enumerated() {
      unsafe places[place] = ie_pair(first: pair.first, second: pair.second, cosine: pair.cosine)
    }
    unsafe count.pointee = found.count
  }
}

@c @implementation
public func ie_pairs_close(_ pairs: OpaquePointer?) {
  _ = unsafe PairsHandle.take(pairs)
}
