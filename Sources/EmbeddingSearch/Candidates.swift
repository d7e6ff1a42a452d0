/// The rows that may be among the nearest to a query: some by their exact cosines, others by bounds.
struct Candidates: Sendable {
  typealias Answer = EmbeddingIndex.Answer

  struct Candidate: Sendable {
    let row: Int
    /// The cosine is not larger.
    let upperBound: Double
  }

  private let count: Int
  private let minCosine: Double
  /// No row whose cosine is less can be an answer.
  private(set) var floor: Double
  /// Rows that are known by their bounds alone.
  private var open: [Candidate] = []
  /// The best of the rows whose cosines were computed, best first.
  private(set) var answers: [Answer] = []
  private var lowerBounds: BoundedHeap

  init(count: Int, minCosine: Double) {
    self.count = count
    self.minCosine = minCosine
    floor = minCosine
    lowerBounds = BoundedHeap(capacity: count)
  }

  /// Adds a row whose upper bound reaches the floor.
  mutating func add(_ row: Int, lowerBound: Double, upperBound: Double) {
    open.append(Candidate(row: row, upperBound: upperBound))
    lowerBounds.add(lowerBound)
    raiseFloor()
  }

  /// Adds rows by their cosines.
  mutating func add(_ found: [Answer]) {
    let last = answers.count == count ? answers.last : nil
    answers += found.filter { answer in
      answer.cosine >= minCosine && (last.map { Answer.isBetter(answer, $0) } ?? true)
    }
    answers.sort(by: Answer.isBetter)
    answers.removeLast(max(0, answers.count - count))
    raiseFloor()
  }

  /// Adds what another thread found.
  mutating func add(_ other: Candidates) {
    open += other.open
    lowerBounds.add(other.lowerBounds)
    add(other.answers)
  }

  /// Takes all rows whose cosines have to be computed now, in their order; none while there are few.
  ///
  /// Where very many rows are as good as equal, bounds do not tell them apart, and memory must not grow
  /// with their number.
  mutating func takeIfMany() -> [Int] {
    let limit = max(1 << 14, 2 * count)
    guard open.count >= limit else { return [] }
    open.removeAll { $0.upperBound < floor }
    guard open.count >= limit / 2 else { return [] }
    defer { open = [] }
    return open.map(\.row)
  }

  /// Takes all rows that are known by their bounds, those that may be nearest first.
  mutating func takeAll() -> [Candidate] {
    defer { open = [] }
    return open.filter { $0.upperBound >= floor }
      .sorted { ($1.upperBound, $0.row) < ($0.upperBound, $1.row) }
  }

  private mutating func raiseFloor() {
    if let least = lowerBounds.least, least > floor { floor = least }
    if answers.count == count, let last = answers.last, last.cosine > floor { floor = last.cosine }
  }
}
