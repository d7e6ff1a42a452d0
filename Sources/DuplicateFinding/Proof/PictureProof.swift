import EmbedderFrameBuffers

/// What the small pictures of two photographs say about whether one was made from the other.
package struct PictureProof: Hashable, Sendable {
  /// Proof, disproof, or neither.
  package enum Verdict: Sendable {
    case proven
    case unsure
    case disproven
  }

  /// What the pictures say.
  package let verdict: Verdict
  /// The normalized correlation of all that the best alignment lays over each other, -1 to 1.
  package let correlation: Float
  /// The alignment: how the second is brought onto the first.
  package let transform: PictureTransform
  /// The textured blocks that agree, and how many there are.
  let agreement: BlockAgreement

  /// A picture, as far as a proof needs it.
  struct Subject {
    let coarse: CoarsePicture
    /// The width of the upright picture.
    let width: Int
    /// Its height.
    let height: Int
    /// The pixels of the small picture; `nil` where they can no longer be read.
    let pixels: () -> [UInt8]?

    /// Whether this picture is laid under the other one, whichever is named first, so that the order does
    /// not matter: the larger one, or else the one whose pixels come first.
    func isUnder(_ other: Subject) -> Bool {
      let sizes = [(width * height, width), (other.width * other.height, other.width)]
      if sizes[0] != sizes[1] { return sizes[0] > sizes[1] }
      if coarse != other.coarse {
        return coarse.pixels.lexicographicallyPrecedes(other.coarse.pixels)
      }
      guard let pixels = pixels(), let others = other.pixels() else { return true }
      return !others.lexicographicallyPrecedes(pixels)
    }

    /// The width by the height.
    var aspect: Float { Float(width) / Float(height) }
    /// Whether the small picture has less than two pixels of the picture in each of its own, so that it
    /// depends on how these lie.
    var isSmall: Bool { min(width, height) < 2 * LumaPicture.side }
  }

  // What is proof was chosen on the set of Benchmarks/copies, whose figures are in docs/duplicates.md.

  /// The share of textured blocks that agree from which a picture is proven, and below which it is disproven.
  static let provenShare: Float = 0.7
  static let disprovenShare: Float = 0.45
  /// The correlation that the agreeing blocks of a proof have together.
  static let provenCorrelation: Float = 0.97
  /// The correlation of whole pictures that nothing was done to but saving and scaling; leaves in the wind
  /// have less.
  static let sharpCorrelation: Float = 0.9975
  /// The part of a side from which a window is no crop: a camera that was held in a hand has moved.
  static let nearlyWhole: Float = 0.95
  /// How much of what contradicts has to be explained by something laid over a picture.
  static let provenOverlay: Float = 0.75
  /// The textured blocks that a proof needs.
  static let leastTexture = 6
  /// The coarse correlation from which whole pictures, and crops, are looked at more closely.
  private static let promisingWhole: Float = 0.5
  private static let promisingCrop: Float = 0.7
  /// The correlation that a crop's window reaches at half the size of the small pictures.
  private static let promisingHalf: Float = 0.8
  private static let closerLookCount = 3
  /// The blocks that can tell whether something has moved.
  private static let leastMotionCount = 4

  init(
    verdict: Verdict, correlation: Float, transform: PictureTransform, agreement: BlockAgreement
  ) {
    self.verdict = verdict
    self.correlation = correlation
    self.transform = transform
    self.agreement = agreement
  }

  // Sharp is what lies on the other to the pixel if it is a copy.
  private init(
    _ agreement: BlockAgreement, _ transform: PictureTransform, isSharp: Bool,
    hasMoved: () -> Bool = { false }
  ) {
    self.agreement = agreement
    self.transform = transform
    correlation = agreement.correlation
    if agreement.texturedCount >= Self.leastTexture, agreement.share >= Self.provenShare,
      agreement.agreeingCorrelation >= Self.provenCorrelation,
      agreement.overlaidShare ?? 1 >= Self.provenOverlay,
      !isSharp || agreement.overlaidShare != nil || (agreement.gain - 1).magnitude > 0.05
        || agreement.agreeingCorrelation >= Self.sharpCorrelation,
      !hasMoved()
    {
      verdict = .proven
    } else if agreement.share < Self.disprovenShare || agreement.agreeingCorrelation < 0.9 {
      verdict = .disproven
    } else {
      verdict = .unsure
    }
  }

  /// Whether the pictures are the same but for what saving them again changes.
  var isNearlyEqual: Bool {
    verdict == .proven && transform == PictureTransform() && agreement.contradictingCount == 0
      && correlation >= 0.995
  }

  /// Compares two pictures in the eight orientations, and as crops of each other.
  ///
  /// In the other order they give the same verdict, and the inverse transform.
  ///
  /// - Parameters:
  ///   - a: The first picture.
  ///   - b: The second picture.
  ///   - triesCrops: Whether parts are looked for where the wholes are no proof.
  /// - Returns: The best that can be said of them; `nil` where nothing of them goes together at a glance.
  static func compare(_ a: Subject, _ b: Subject, triesCrops: Bool) -> PictureProof? {
    a.isUnder(b)
      ? compareInOrder(a, b, triesCrops: triesCrops)
      : compareInOrder(b, a, triesCrops: triesCrops)?.inverse
  }

  /// What is said of the pictures in the other order.
  var inverse: PictureProof {
    PictureProof(
      verdict: verdict, correlation: correlation, transform: transform.inverse, agreement: agreement
    )
  }

  /// Compares two pictures of which the first is laid under the second.
  ///
  /// Whatever changes what this returns needs another ``ProofFile/version``.
  static func compareInOrder(
    _ a: Subject, _ b: Subject, triesCrops: Bool
  ) -> PictureProof? {
    let wholes = CoarseMatch.ofWholes(a.coarse, b.coarse)
      .filter { $0.correlation >= promisingWhole }
      .sorted { $0.correlation > $1.correlation }
      .prefix(closerLookCount)
    var best: PictureProof?
    var pictures: (a: ProofPicture, b: ProofPicture)?
    func loaded() -> (a: ProofPicture, b: ProofPicture)? {
      if pictures == nil, let first = a.pixels(), let second = b.pixels() {
        pictures = (
          ProofPicture(first, aspect: a.aspect), ProofPicture(second, aspect: b.aspect)
        )
      }
      return pictures
    }
    for match in wholes {
      guard let (first, second) = loaded() else { return nil }
      let proof = ofWholes(
        first, second, match.transform.orientation, isSmooth: a.isSmall || b.isSmall)
      if proof.isBetter(than: best) { best = proof }
      if proof.verdict == .proven { return proof }
    }
    guard triesCrops else { return best }
    for match in crops(a, b) {
      guard let (first, second) = loaded() else { return nil }
      guard let proof = refined(match, first, second) else { continue }
      if proof.isBetter(than: best) { best = proof }
      if proof.verdict == .proven { return proof }
    }
    return best
  }

  private func isBetter(than other: PictureProof?) -> Bool {
    guard let other else { return true }
    return (rank, agreement.share, correlation)
      > (other.rank, other.agreement.share, other.correlation)
  }

  private var rank: Int {
    switch verdict {
    case .proven: 2
    case .unsure: 1
    case .disproven: 0
    }
  }

  private static func ofWholes(
    _ a: ProofPicture, _ b: ProofPicture, _ orientation: Orientation, isSmooth: Bool
  ) -> PictureProof {
    let side = ProofPicture.fineSide
    let first = Grid(values: a.fine, width: side, height: side)
    let second = Grid(values: b.turned(by: orientation).fine, width: side, height: side)
    let (x, y) = isSmooth ? (first.smoothed(), second.smoothed()) : (first, second)
    let agreement = BlockAgreement(x, y)
    return PictureProof(
      agreement, PictureTransform(orientation: orientation), isSharp: !isSmooth,
      hasMoved: { hasMoved(x, y, agreement, isSmooth: isSmooth, isWindow: false) })
  }

  /// Whether aligned pictures differ as two shots of a burst do, or show too little to tell.
  private static func hasMoved(
    _ x: Grid, _ y: Grid, _ agreement: BlockAgreement, isSmooth: Bool, isWindow: Bool
  ) -> Bool {
    let motion = BlockMotion(x, y)
    guard motion.count >= leastMotionCount else { return true }
    // Windows were smoothed before, which leaves less of a difference.
    let leastDifference: Float = isWindow ? 0.065 : 0.08
    // Where one picture was made brighter, its lightest colours are cut off, which looks like a shift of
    // some blocks and leaves much that no shift explains.
    let isOtherwiseLit =
      (agreement.gain - 1).magnitude > 0.1 || agreement.lightening.magnitude >= 6
    if isOtherwiseLit { return motion.clearness >= 12 }
    return motion.movedShare >= (isSmooth ? 0.3 : 0.15)
      || motion.difference >= leastDifference
  }

  /// Where one picture may be a part of the other, upright or mirrored, the most promising first.
  private static func crops(_ a: Subject, _ b: Subject) -> ArraySlice<CoarseMatch> {
    var matches: [CoarseMatch] = []
    for orientation in [Orientation.topLeft, .topRight] {
      let second = CoarseMatch.turned(b.coarse, by: orientation)
      let shape = b.aspect / a.aspect
      for (window, correlation) in CoarseMatch.windows(
        of: second, in: a.coarse.pixels, shape: shape)
      {
        matches.append(
          CoarseMatch(
            transform: PictureTransform(orientation: orientation, firstWindow: window),
            correlation: correlation))
      }
      for (window, correlation) in CoarseMatch.windows(
        of: a.coarse.pixels, in: second, shape: 1 / shape)
      {
        matches.append(
          CoarseMatch(
            transform: PictureTransform(orientation: orientation, secondWindow: window),
            correlation: correlation))
      }
    }
    return matches.filter { $0.correlation >= promisingCrop }
      .sorted { $0.correlation > $1.correlation }
      .prefix(closerLookCount)
  }

  /// Moves and scales the window of a crop until the pictures correlate best; `nil` where they do not enough
  /// at half the size for a look at the whole one, which takes four times as long.
  private static func refined(
    _ match: CoarseMatch, _ a: ProofPicture, _ b: ProofPicture
  ) -> PictureProof? {
    let turned = b.turned(by: match.transform.orientation)
    let isSecondPart = match.transform.secondWindow == .full
    let (whole, part) = isSecondPart ? (a, turned) : (turned, a)
    var window = isSecondPart ? match.transform.firstWindow : match.transform.secondWindow
    let (halfSide, fineSide) = (ProofPicture.halfSide, ProofPicture.fineSide)
    var search = WindowSearch(whole: whole.half, side: halfSide, part: part.half, window)
    window = search.climb(steps: [1 / 32])
    guard search.correlation >= promisingHalf - 0.1 else { return nil }
    window = search.climb(steps: [1 / 64, 1 / 128])
    guard search.correlation >= promisingHalf else { return nil }
    search = WindowSearch(whole: whole.fine, side: fineSide, part: part.fine, window)
    window = search.climb(steps: [1 / 128, 1 / 256, 1 / 512])
    let (found, template) = search.grids(window)
    var transform = match.transform
    if isSecondPart { transform.firstWindow = window } else { transform.secondWindow = window }
    let (smoothFound, smoothTemplate) = (found.smoothed(), template.smoothed())
    let (x, y) = isSecondPart ? (smoothFound, smoothTemplate) : (smoothTemplate, smoothFound)
    let agreement = BlockAgreement(x, y)
    let isSharp = min(window.width, window.height) > Self.nearlyWhole
    return PictureProof(
      agreement, transform, isSharp: isSharp,
      hasMoved: { isSharp && hasMoved(x, y, agreement, isSmooth: false, isWindow: true) })
  }
}

/// Climbs to the window of a picture that correlates best with all of another.
private struct WindowSearch {
  private let whole: [Float]
  private let side: Int
  private let template: Grid
  private var window: PictureTransform.Window
  /// The best correlation that was climbed to.
  private(set) var correlation: Float = 0

  init(whole: [Float], side: Int, part: [Float], _ window: PictureTransform.Window) {
    self.whole = whole
    self.side = side
    self.window = window
    template = Grid(values: part, width: side, height: side).averaged(
      width: max(8, Int((window.width * Float(side)).rounded())),
      height: max(8, Int((window.height * Float(side)).rounded())))
  }

  func grids(_ window: PictureTransform.Window) -> (found: Grid, template: Grid) {
    let found = Grid.sampled(
      whole, side: side, in: window, width: template.width, height: template.height)
    return (found, template)
  }

  private func correlation(of window: PictureTransform.Window) -> Float {
    grids(window).found.correlation(with: template)
  }

  mutating func climb(steps: [Float]) -> PictureTransform.Window {
    var best = correlation(of: window)
    defer { correlation = best }
    for step in steps {
      // A slope that goes on and on has no summit worth the time.
      for _ in 0..<6 {
        var next: PictureTransform.Window?
        for candidate in neighbours(step) {
          let value = correlation(of: candidate)
          if value > best {
            best = value
            next = candidate
          }
        }
        guard let next else { break }
        window = next
      }
    }
    return window
  }

  /// The window moved, made wider or narrower about its middle, and both ways larger or smaller.
  private func neighbours(_ step: Float) -> [PictureTransform.Window] {
    let changes: [(x: Float, y: Float, width: Float, height: Float)] = [
      (step, 0, 0, 0), (-step, 0, 0, 0), (0, step, 0, 0), (0, -step, 0, 0),
      (0, 0, step, 0), (0, 0, -step, 0), (0, 0, 0, step), (0, 0, 0, -step),
      (0, 0, step, step), (0, 0, -step, -step),
    ]
    return changes.compactMap { change in
      let width = min(1, window.width + change.width)
      let height = min(1, window.height + change.height)
      guard width >= 0.3, height >= 0.3 else { return nil }
      let x = window.x + change.x - (width - window.width) / 2
      let y = window.y + change.y - (height - window.height) / 2
      return PictureTransform.Window(
        x: min(max(0, x), 1 - width), y: min(max(0, y), 1 - height), width: width, height: height)
    }
  }
}
