import EmbedderEmbeddings
import EmbedderStorage
import EmbeddingStore

// The last step: what was found out becomes pairs, groups and advice.

extension DuplicateSearch {
  /// What groups are made of: equal pictures stand together, behind the first of them.
  private struct Classes {
    var members: [Int: [Int]] = [:]
    /// Pairs of classes of which somebody has refused a pair of members.
    var refused: Set<PictureLinks.Key> = []
  }

  mutating func writeReport() throws(DuplicateError) {
    let classes = makeClasses()
    let duplicates = try duplicateGroups(classes)
    var groups: [DuplicateReport.Group] = []
    var grouped: [Int: Int] = [:]
    var pairs: [DuplicateReport.Pair] = []
    for nodes in duplicates {
      let members = nodes.flatMap { classes.members[$0] ?? [] }.sorted()
      let tier = tier(of: members)
      for member in members { grouped[member] = groups.count }
      append(members, tier, &groups, &pairs)
    }
    for (key, proof) in links.proofs.sorted(by: { $0.key < $1.key }) {
      let isTogether =
        proof.verdict == .proven && grouped[key.a] != nil && grouped[key.a] == grouped[key.b]
      if !isTogether { appendPairs(across: key, classes, &pairs) }
    }
    for nodes in try similarGroups(classes) {
      append(nodes, .similar, &groups, &pairs)
    }
    for key in links.likenesses.keys.sorted() { appendPairs(across: key, classes, &pairs) }
    finish(groups, pairs)
  }

  private mutating func finish(
    _ groups: [DuplicateReport.Group], _ pairs: [DuplicateReport.Pair]
  ) {
    let wanted = wantsCopies ? options.tiers.union([.unsure]) : options.tiers
    var seen = Set<PictureLinks.Key>()
    report.pairs = pairs.filter {
      wanted.contains($0.tier) && seen.insert(PictureLinks.Key($0.a, $0.b)).inserted
    }.sorted { ($0.a, $0.b) < ($1.a, $1.b) }
    report.groups = groups.filter { wanted.contains($0.tier) }.enumerated().map { number, group in
      DuplicateReport.Group(
        number: number + 1, tier: group.tier, members: group.members, keep: group.keep,
        reason: group.reason)
    }
    for number in report.pictures.indices {
      if let digest = fileDigests[number] { report.pictures[number].digest = digest.digest }
      if report.pictures[number].problem != nil {
        report.failed.append(number)
      } else if report.pictures[number].isFlat, !report.pictures[number].isRepeated {
        report.flat.append(number)
      }
    }
    if links.isFull {
      report.warnings.append(
        "there are more than \(PictureLinks.mostLikenesses) pairs of similar pictures, of which only the"
          + " first are told; a greater --similar-cosine finds fewer")
    }
  }

  // MARK: Classes

  private mutating func makeClasses() -> Classes {
    var classes = Classes()
    let numbers = report.pictures.indices.filter {
      report.pictures[$0].problem == nil && !report.pictures[$0].isRepeated
    }
    var refusedPairs: [(Int, Int)] = []
    if !options.refusals.isEmpty {
      let byPath = Dictionary(
        numbers.map { (report.pictures[$0].absolutePath, $0) },
        uniquingKeysWith: { first, _ in first })
      for (first, second) in options.refusals.paths {
        guard let a = byPath[first], let b = byPath[second] else { continue }
        refusedPairs.append((min(a, b), max(a, b)))
      }
      refusedPairs.sort { ($0.0, $0.1) < ($1.0, $1.1) }
      // The second of two equal pictures that are not to be told stands for itself.
      for (a, b) in refusedPairs where classLeader(a) == classLeader(b) { split(b) }
    }
    for number in numbers {
      classes.members[classLeader(number), default: []].append(number)
    }
    for (a, b) in refusedPairs {
      classes.refused.insert(PictureLinks.Key(classLeader(a), classLeader(b)))
    }
    return classes
  }

  /// The picture for which another one stands that is equal to it, or one of too many that nearly are.
  private func classLeader(_ number: Int) -> Int {
    let first = leader[number]
    // One that somebody has split off stands for itself, and so does one whose leader cannot be read.
    return crowd[first] ?? first
  }

  /// Takes a picture out of its class.
  private mutating func split(_ number: Int) {
    leader[number] = number
    crowd[number] = nil
  }

  private func tier(of members: [Int]) -> DuplicateTier {
    if Set(members.map { byteLeader[$0] }).count == 1 { return .bytes }
    return Set(members.map { pixelLeader($0) }).count == 1 ? .pixels : .copies
  }

  private func pixelLeader(_ number: Int) -> Int { leader[byteLeader[number]] }

  // MARK: Groups

  private mutating func duplicateGroups(_ classes: Classes) throws(DuplicateError) -> [[Int]] {
    var linkage = CompleteLinkage()
    let proven = links.proofs.filter { $0.value.verdict == .proven }
      .sorted { ($1.value.correlation, $0.key) < ($0.value.correlation, $1.key) }
    for (key, _) in proven where !classes.refused.contains(key) {
      try linkage.link(key.a, key.b) { (a, b) throws(DuplicateError) in
        try isProven(PictureLinks.Key(a, b), classes)
      }
    }
    var groups = linkage.groups
    let linked = Set(groups.joined())
    groups += classes.members.filter { $0.value.count > 1 && !linked.contains($0.key) }
      .map { [$0.key] }
    return groups.sorted { ($0[0], $0.count) < ($1[0], $1.count) }
  }

  /// Whether two pictures are proven to be copies, which is looked at where nobody had a reason to.
  private mutating func isProven(
    _ key: PictureLinks.Key, _ classes: Classes
  ) throws(DuplicateError) -> Bool {
    guard !classes.refused.contains(key) else { return false }
    if let proof = links.proofs[key] { return proof.verdict == .proven }
    guard wantsCopies, !disproven.contains(key) else { return false }
    if isCancelled() { throw .cancelled }
    guard let proof = proofs.proof(of: key, in: library, triesCrops: true),
      proof.verdict == .proven
    else {
      disproven.insert(key)
      return false
    }
    links.note(key, proof, cosine: links.likenesses[key]?.cosine, isSimilar: false)
    return true
  }

  private mutating func similarGroups(_ classes: Classes) throws(DuplicateError) -> [[Int]] {
    guard options.tiers.contains(.similar) else { return [] }
    var linkage = CompleteLinkage()
    let links = links
    let isCancelled = isCancelled
    var askedCount = 0
    func belongs(_ key: PictureLinks.Key) throws(DuplicateError) -> Bool {
      askedCount += 1
      if askedCount.isMultiple(of: 1024), isCancelled() { throw .cancelled }
      guard !classes.refused.contains(key) else { return false }
      if links.likenesses[key] != nil || links.isProven(key) { return true }
      return links.proofs[key] != nil && links.cosines[key] ?? -1 >= options.similarCosine
    }
    let ordered = links.likenesses.sorted {
      ($1.value.cosine, $0.key) < ($0.value.cosine, $1.key)
    }
    for (key, _) in ordered where !classes.refused.contains(key) {
      try linkage.link(key.a, key.b) { (a, b) throws(DuplicateError) in
        try belongs(PictureLinks.Key(a, b))
      }
    }
    return linkage.groups
  }

  /// Adds a group and the pairs in it.
  private func append(
    _ members: [Int], _ tier: DuplicateTier, _ groups: inout [DuplicateReport.Group],
    _ pairs: inout [DuplicateReport.Pair]
  ) {
    let (keep, reason) = KeepAdvice(preferring: options.preferredFolders)
      .choose(members, among: report.pictures)
    groups.append(
      DuplicateReport.Group(number: 0, tier: tier, members: members, keep: keep, reason: reason))
    guard members.count <= DuplicateFinder.largestListedGroup else {
      for member in members where member != keep { pairs.append(pair(member, keep)) }
      return
    }
    for (index, a) in members.enumerated() {
      for b in members[(index + 1)...] { pairs.append(pair(a, b)) }
    }
  }

  /// Adds the pairs of two classes, or of their leaders alone where they are many.
  private func appendPairs(
    across key: PictureLinks.Key, _ classes: Classes, _ pairs: inout [DuplicateReport.Pair]
  ) {
    guard !classes.refused.contains(key) else { return }
    let first = classes.members[key.a] ?? [key.a]
    let second = classes.members[key.b] ?? [key.b]
    guard first.count * second.count <= DuplicateFinder.largestListedGroup else {
      pairs.append(pair(key.a, key.b))
      return
    }
    for a in first {
      for b in second { pairs.append(pair(a, b)) }
    }
  }

  // MARK: Pairs

  private func pair(_ first: Int, _ second: Int) -> DuplicateReport.Pair {
    let (a, b) = (min(first, second), max(first, second))
    let key = PictureLinks.Key(pixelLeader(a), pixelLeader(b))
    let likeness = links.likenesses[key]
    // Pictures of the same pixels need not have the same vector: turned ones are scaled as they lie. What
    // is similar only is so by the cosine of its leaders, which is told.
    let known =
      likeness?.cosine ?? (key == PictureLinks.Key(a, b) ? links.cosines[key] : nil)
    let cosine = known ?? cosine(a, b)
    func pair(
      _ tier: DuplicateTier, _ correlation: Double?, _ transform: PictureTransform?,
      _ reason: String
    ) -> DuplicateReport.Pair {
      DuplicateReport.Pair(
        a: a, b: b, tier: tier, cosine: cosine, correlation: correlation, transform: transform,
        reason: reason)
    }
    if byteLeader[a] == byteLeader[b] {
      return pair(.bytes, 1, PictureTransform(), "the files hold the same bytes")
    }
    if pixelLeader(a) == pixelLeader(b) {
      return pair(.pixels, 1, PictureTransform(), "the pixels are the same, and the files are not")
    }
    // Of many that are nearly equal, each is held against the one that is kept only here.
    let proof =
      links.proofs[key]
      ?? (likeness == nil && wantsCopies
        ? proofs.proof(of: key, in: library, triesCrops: true) : nil)
    guard let proof, proof.verdict != .disproven else {
      let looked = likeness?.correlation
      return pair(.similar, looked.map { Double($0) }, nil, reason(of: likeness))
    }
    var transform = proof.transform
    if key.a != pixelLeader(a) { transform = transform.inverse }
    let isProven = proof.verdict == .proven
    return pair(
      isProven ? .copies : .unsure, Double(proof.correlation), transform,
      reason(of: proof, a, b))
  }

  private func cosine(_ a: Int, _ b: Int) -> Double? {
    guard case .store(let store, let head) = source, let first = report.pictures[a].row,
      let second = report.pictures[b].row,
      let u = try? store.vector(at: first, head: head),
      let v = try? store.vector(at: second, head: head),
      let cosine = try? cosineSimilarity(u, v), cosine.isFinite
    else { return nil }
    return cosine
  }

  private func reason(of likeness: PictureLinks.Likeness?) -> String {
    guard let likeness, likeness.texturedCount > 0 else {
      return wantsCopies
        ? "the vectors are near each other, and nothing was found that the pictures have in common"
        : "the vectors are near each other; the pictures were not compared"
    }
    return "the vectors are near each other, and only \(likeness.agreeingCount) of"
      + " \(likeness.texturedCount) parts of the pictures agree"
  }

  private func reason(of proof: PictureProof, _ a: Int, _ b: Int) -> String {
    let (first, second) = (report.pictures[a], report.pictures[b])
    let agreement = proof.agreement
    var reason = "\(agreement.agreeingCount) of \(agreement.texturedCount) parts agree"
    if proof.verdict == .unsure {
      reason +=
        agreement.share >= PictureProof.provenShare
        ? "; the others differ as of a burst, or are too blurred" : ", too few for a proof"
    }
    if (first.width, first.height) != (second.width, second.height) {
      reason += "; \(first.width) x \(first.height) and \(second.width) x \(second.height) pixels"
    }
    if first.isGray != second.isGray { reason += "; one is gray and one in colour" }
    return reason
  }
}
