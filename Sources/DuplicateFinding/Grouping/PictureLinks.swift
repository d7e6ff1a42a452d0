/// What was found out about pairs of pictures, the smaller number first.
struct PictureLinks: Sendable {
  /// Two pictures, in a word.
  struct Key: Hashable, Comparable, Sendable {
    private let word: UInt64

    init(_ a: Int, _ b: Int) {
      word = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
    }

    var a: Int { Int(word >> 32) }
    var b: Int { Int(word & 0xffff_ffff) }

    static func < (first: Key, second: Key) -> Bool { first.word < second.word }
  }

  /// Two pictures whose vectors are near each other, and that are no copies.
  struct Likeness: Sendable {
    let cosine: Double
    let correlation: Float?
    /// The textured blocks that agree, and how many there are.
    let agreeingCount: UInt8
    let texturedCount: UInt8
  }

  /// The most pairs of similar pictures that are kept, 400 MB of them.
  static let mostLikenesses = 5_000_000

  /// What is proven or unsure.
  private(set) var proofs: [Key: PictureProof] = [:]
  /// The pairs that are similar only.
  private(set) var likenesses: [Key: Likeness] = [:]
  /// The cosines of pairs that are proven or unsure, as far as they are known.
  private(set) var cosines: [Key: Double] = [:]
  /// Whether there were more pairs of similar pictures than are kept.
  private(set) var isFull = false

  func isProven(_ key: Key) -> Bool { proofs[key]?.verdict == .proven }

  /// Notes what a comparison has shown.
  mutating func note(
    _ key: Key, _ proof: PictureProof?, cosine: Double?, isSimilar: Bool
  ) {
    if let cosine, proofs[key] != nil { cosines[key] = cosine }
    if let proof, proof.verdict != .disproven {
      guard proofs[key]?.verdict != .proven else { return }
      proofs[key] = proof
      cosines[key] = cosine
    } else if isSimilar, let cosine, proofs[key] == nil {
      guard likenesses.count < Self.mostLikenesses else {
        isFull = true
        return
      }
      likenesses[key] = Likeness(
        cosine: cosine, correlation: proof?.correlation,
        agreeingCount: UInt8(clamping: proof?.agreement.agreeingCount ?? 0),
        texturedCount: UInt8(clamping: proof?.agreement.texturedCount ?? 0))
    }
  }
}
