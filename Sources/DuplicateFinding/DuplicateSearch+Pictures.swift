import EmbedderImageFiles
import EmbedderStorage
import EmbeddingSearch
import EmbeddingStore

// The steps that hold pictures against each other.

extension DuplicateSearch {
  // MARK: Pixels

  /// Finds pictures with the same upright pixels, which decodes those in full that look the same.
  mutating func comparePixels() throws(DuplicateError) {
    var bySize: [SIMD2<Int>: [Int]] = [:]
    for number in report.pictures.indices where isCompared(number) {
      guard let record = library.records[number] else { continue }
      bySize[SIMD2(record.width, record.height), default: []].append(number)
    }
    var looksTheSame = Set<Int>()
    for numbers in bySize.values where numbers.count > 1 {
      try findLookalikes(numbers, &looksTheSame)
    }
    let candidates = looksTheSame.sorted()
    try digestPixels(candidates)
    var first: [StoredDigest: Int] = [:]
    for number in candidates {
      guard let digest = library.records[number]?.pixelDigest else { continue }
      if let known = first[digest] {
        leader[number] = known
      } else {
        first[digest] = number
      }
    }
    // A picture that is another's by its bytes is also that of whose pixels the other's are.
    for number in leader.indices { leader[number] = leader[leader[number]] }
  }

  /// Adds the pictures of one size that another one looks like to the last level.
  private func findLookalikes(
    _ numbers: [Int], _ found: inout Set<Int>
  ) throws(DuplicateError) {
    let sums = numbers.map { number in
      library.coarse[number]?.pixels.reduce(0) { $0 + Int($1) } ?? 0
    }
    // Pictures that differ by so little have nearly the same sum.
    let order = numbers.indices.sorted { (sums[$0], numbers[$0]) < (sums[$1], numbers[$1]) }
    let most = Self.lookalikeLevels * CoarsePicture.count
    for (position, index) in order.enumerated() {
      if position.isMultiple(of: 256), isCancelled() { throw .cancelled }
      for other in order[(position + 1)...] {
        guard sums[other] - sums[index] <= most else { break }
        let (a, b) = (numbers[index], numbers[other])
        if found.contains(a), found.contains(b) { continue }
        if looksTheSame(a, b) {
          found.insert(a)
          found.insert(b)
        }
      }
    }
  }

  /// The levels by which a coarse pixel may differ where a file was decoded by an eighth and another in full.
  private static let lookalikeLevels = 2

  private func looksTheSame(_ a: Int, _ b: Int) -> Bool {
    guard let first = library.coarse[a], let second = library.coarse[b] else { return false }
    // Files of one format are decoded in one way, and the same pixels are the same then.
    if library.records[a]?.format == library.records[b]?.format {
      return library.records[a]?.check == library.records[b]?.check
    }
    return zip(first.pixels, second.pixels).allSatisfy {
      abs(Int($0) - Int($1)) <= Self.lookalikeLevels
    }
  }

  private mutating func digestPixels(_ numbers: [Int]) throws(DuplicateError) {
    let unknown = numbers.filter { library.records[$0]?.pixelDigest == nil }
      .map { ($0, report.pictures[$0].absolutePath) }
    var doneCount = 0
    let decoding = decoding
    try forEachInOrder(unknown, threadCount: threadCount, isCancelled: isCancelled) {
      (item) -> (Int, StoredDigest?, String?) in
      do throws(DecodingError) {
        return (item.0, try decoding.pixelDigest(of: item.1), nil)
      } catch {
        return (item.0, nil, "it cannot be decoded: \(error)")
      }
    } _: { (number, digest, problem) throws(DuplicateError) in
      doneCount += 1
      progress(.pixels, doneCount, unknown.count)
      if let digest { library.setPixelDigest(digest, of: number) }
      if let problem { report.pictures[number].problem = problem }
    }
  }

  // MARK: Turned pictures

  /// Finds whole pictures that are copies in any of the eight orientations, without vectors.
  mutating func compareTurned() throws(DuplicateError) {
    let numbers = report.pictures.indices.filter { isCompared($0) && !library.isFlat[$0] }
      .filter { library.coarse[$0] != nil }
    let candidates = TurnFreeCandidates(
      numbers.compactMap { library.coarse[$0].map(TurnFreeDescriptor.init) })
    var queue = ProofQueue(triesCrops: false)
    let (isCancelled, progress) = (isCancelled, progress)
    var doneCount = 0
    try forEachInOrder(
      candidates.blocks, threadCount: threadCount, isCancelled: isCancelled
    ) {
      candidates.pairs(of: $0)
    } _: { (block) throws(DuplicateError) in
      for pair in block {
        try add(numbers[Int(pair.x)], numbers[Int(pair.y)], cosine: nil, to: &queue)
      }
      doneCount += 1
      progress(.proofs, doneCount, 2 * candidates.blocks.count)
    }
    try prove(&queue)
  }

  // MARK: Vectors

  /// Finds copies and similar pictures among the pairs whose vectors are near each other.
  mutating func compareVectors() throws(DuplicateError) {
    guard case .store(let store, let head) = source, store.count > 1 else { return }
    let progress = progress
    let (least, similar) = (options.candidateCosine, options.similarCosine)
    var queue = ProofQueue(triesCrops: true)
    // Equal pictures are what their leader is, also where they were turned and their vectors are others.
    let leaders = RowSet(
      report.pictures.indices.filter { isCompared($0) && !library.isFlat[$0] })
    do {
      let index = try EmbeddingIndex(
        store, head: head, threadCount: options.threadCount,
        progress: { progress(.vectors, $0, $1) }, isCancelled: isCancelled)
      var lastRow = -1
      try index.forEachPair(
        minCosine: wantsCopies ? least : similar, among: leaders, threadCount: threadCount
      ) { first, second, cosine in
        if first != lastRow {
          lastRow = first
          try tell(.proofs, store.count + first, 2 * store.count)
        }
        try add(first, second, cosine: cosine, to: &queue)
      }
    } catch let error as DuplicateError {
      throw error
    } catch SearchError.store(let error) {
      throw .store(error)
    } catch SearchError.outOfMemory(let error) {
      throw .outOfMemory(error)
    } catch SearchError.cancelled {
      throw .cancelled
    } catch {
      throw .search(path: store.path.description, reason: "\(error)")
    }
    try prove(&queue)
  }

  // MARK: Proofs

  /// Pairs that wait to be held against each other.
  struct ProofQueue {
    fileprivate let triesCrops: Bool
    fileprivate var pairs: [(key: PictureLinks.Key, cosine: Double?)] = []

    /// Enough to keep all cores busy, and always as many, so that the result does not depend on them.
    fileprivate static let length = 1 << 14

    init(triesCrops: Bool) {
      self.triesCrops = triesCrops
    }
  }

  private mutating func add(
    _ a: Int, _ b: Int, cosine: Double?, to queue: inout ProofQueue
  ) throws(DuplicateError) {
    guard crowd[a] == nil, crowd[b] == nil, !library.isFlat[a], !library.isFlat[b] else { return }
    queue.pairs.append((PictureLinks.Key(a, b), cosine))
    if queue.pairs.count >= ProofQueue.length { try prove(&queue) }
  }

  private mutating func prove(_ queue: inout ProofQueue) throws(DuplicateError) {
    let (library, proofs, triesCrops) = (library, proofs, queue.triesCrops)
    let links = links
    let comparesPixels = wantsCopies && !decoding.isRaw
    let batches = stride(from: 0, to: queue.pairs.count, by: 128).map {
      Array(queue.pairs[$0..<min($0 + 128, queue.pairs.count)])
    }
    queue.pairs.removeAll(keepingCapacity: true)
    try forEachInOrder(batches, threadCount: threadCount, isCancelled: isCancelled) { batch in
      batch.map { pair in
        let proof =
          !comparesPixels || links.isProven(pair.key)
          ? nil
          : proofs.proof(of: pair.key, in: library, triesCrops: triesCrops)
        return (pair, proof)
      }
    } _: { (results) throws(DuplicateError) in
      for (pair, proof) in results { note(pair.key, proof, cosine: pair.cosine) }
    }
  }

  private mutating func note(_ key: PictureLinks.Key, _ proof: PictureProof?, cosine: Double?) {
    guard crowd[key.a] == nil, crowd[key.b] == nil else { return }
    let isSimilar =
      options.tiers.contains(.similar) && cosine ?? -1 >= options.similarCosine
    links.note(key, proof, cosine: cosine, isSimilar: isSimilar)
    guard let proof, proof.isNearlyEqual else { return }
    crowdCounts[key.a, default: 0] += 1
    if crowdCounts[key.a, default: 0] > DuplicateFinder.largestListedGroup {
      crowd[key.b] = key.a
    }
  }
}
