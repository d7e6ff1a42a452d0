/// The rows that may be among the nearest to a query, by the bounds of their cosines.
struct Candidates: Sendable {
  struct Candidate: Sendable {
    let row: Int
    /// The cosine is not larger.
    let upperBound: Double
  }

  /// No row whose cosine is less can be an answer.
  private(set) var floor: Double
  private(set) var candidates: [Candidate] = []
  private var lowerBounds: BoundedHeap
  private var limit = 1 << 12

  init(count: Int, minCosine: Double) {
    floor = minCosine
    lowerBounds = BoundedHeap(capacity: count)
  }

  /// Adds a row whose upper bound reaches the floor.
  mutating func add(_ row: Int, lowerBound: Double, upperBound: Double) {
    candidates.append(Candidate(row: row, upperBound: upperBound))
    lowerBounds.add(lowerBound)
    raiseFloor()
    if candidates.count >= limit {
      prune()
      limit = max(limit, 2 * candidates.count)
    }
  }

  /// Adds what another thread found.
  mutating func add(_ other: Candidates) {
    candidates += other.candidates
    lowerBounds.add(other.lowerBounds)
    raiseFloor()
    prune()
  }

  private mutating func raiseFloor() {
    if let least = lowerBounds.least, least > floor { floor = least }
  }

  private mutating func prune() {
    candidates.removeAll { $0.upperBound < floor }
  }
}
