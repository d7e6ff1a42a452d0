import EmbedderFrameBuffers

/// What was found of two small pictures, as it is kept in a file.
struct ProofRecord: Hashable, Sendable {
  /// The two small pictures and how they were compared.
  struct Key: Hashable, Comparable, Sendable {
    /// The digest of the picture that is laid under the other one.
    let under: SIMD2<UInt64>
    /// The digest of the other one.
    let over: SIMD2<UInt64>
    /// Whether crops were looked for.
    let triesCrops: Bool

    static func < (first: Key, second: Key) -> Bool {
      if first.under != second.under { return precedes(first.under, second.under) }
      if first.over != second.over { return precedes(first.over, second.over) }
      return !first.triesCrops && second.triesCrops
    }

    private static func precedes(_ first: SIMD2<UInt64>, _ second: SIMD2<UInt64>) -> Bool {
      (first[0], first[1]) < (second[0], second[1])
    }
  }

  let key: Key
  /// What is said of the second as it lies over the first; `nil` where nothing goes together.
  let proof: PictureProof?

  /// The first half of the SHA-256 of all that a proof reads of a picture: its small picture and its size.
  static func digest(_ pixels: [UInt8], _ width: Int, _ height: Int) -> SIMD2<UInt64> {
    var bytes = pixels
    for value in [width, height] {
      for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    let words = StoredDigest(of: bytes).words
    return SIMD2(words[0], words[1])
  }
}

// MARK: In a file

extension ProofRecord {
  /// The bytes of a record.
  static let byteCount = 80

  /// The bytes of a record, little-endian; `nil` for a proof that they cannot hold.
  ///
  /// Two digests of 16 bytes; a byte each: whether crops were looked for, the verdict, the orientation, the
  /// blocks that are textured, agree and contradict, what the last numbers are, and zero; nine numbers of
  /// four bytes: two correlations, the gain, the lightening, the overlaid share and a window; four zeros.
  var bytes: [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    func add(_ value: UInt64, _ count: Int = 8) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    for digest in [key.under, key.over] {
      add(digest[0])
      add(digest[1])
    }
    bytes.append(key.triesCrops ? 1 : 0)
    if let proof {
      let (agreement, transform) = (proof.agreement, proof.transform)
      let isOfSecond = transform.secondWindow != .full
      let window = isOfSecond ? transform.secondWindow : transform.firstWindow
      bytes += [
        Self.number(of: proof.verdict), transform.orientation.rawValue,
        UInt8(clamping: agreement.texturedCount), UInt8(clamping: agreement.agreeingCount),
        UInt8(clamping: agreement.contradictingCount),
        (agreement.overlaidShare == nil ? 0 : 1) + (isOfSecond ? 2 : 0), 0,
      ]
      for number in [
        agreement.correlation, agreement.agreeingCorrelation, agreement.gain, agreement.lightening,
        agreement.overlaidShare ?? 0, window.x, window.y, window.width, window.height,
      ] { add(UInt64(number.bitPattern), 4) }
    }
    bytes += [UInt8](repeating: 0, count: Self.byteCount - bytes.count)
    return ProofRecord(bytes, at: 0) == self ? bytes : nil
  }

  /// Reads a record; `nil` for bytes that are none.
  init?(_ bytes: [UInt8], at start: Int) {
    guard bytes[start + 32] <= 1, bytes[start + 39] == 0,
      littleEndian(bytes, start + 76, 4) == 0
    else { return nil }
    key = Self.key(bytes, at: start)
    guard bytes[start + 33] > 0 else {
      guard bytes[start + 34..<start + 76].allSatisfy({ $0 == 0 }) else { return nil }
      proof = nil
      return
    }
    let numbers = (0..<9).map {
      Float(bitPattern: UInt32(truncatingIfNeeded: littleEndian(bytes, start + 40 + 4 * $0, 4)))
    }
    let counts = bytes[start + 35..<start + 38].map { Int($0) }
    let flags = bytes[start + 38]
    let window = PictureTransform.Window(
      x: numbers[5], y: numbers[6], width: numbers[7], height: numbers[8])
    guard let verdict = Self.verdict(of: bytes[start + 33]),
      let orientation = Orientation(rawValue: bytes[start + 34]), flags <= 3,
      numbers.allSatisfy(\.isFinite), counts[1] <= counts[0],
      numbers[5...].allSatisfy({ (0...1).contains($0) })
    else { return nil }
    let agreement = BlockAgreement(
      correlation: numbers[0], agreeingCorrelation: numbers[1], texturedCount: counts[0],
      agreeingCount: counts[1], contradictingCount: counts[2], gain: numbers[2],
      lightening: numbers[3], overlaidShare: flags & 1 == 0 ? nil : numbers[4])
    let isOfSecond = flags & 2 != 0
    proof = PictureProof(
      verdict: verdict, correlation: agreement.correlation,
      transform: PictureTransform(
        orientation: orientation, firstWindow: isOfSecond ? .full : window,
        secondWindow: isOfSecond ? window : .full),
      agreement: agreement)
  }

  /// The key of a record.
  static func key(_ bytes: [UInt8], at start: Int) -> Key {
    func number(_ offset: Int) -> UInt64 { littleEndian(bytes, start + offset, 8) }
    return Key(
      under: SIMD2(number(0), number(8)), over: SIMD2(number(16), number(24)),
      triesCrops: bytes[start + 32] == 1)
  }

  private static func number(of verdict: PictureProof.Verdict) -> UInt8 {
    switch verdict {
    case .disproven: 1
    case .unsure: 2
    case .proven: 3
    }
  }

  private static func verdict(of number: UInt8) -> PictureProof.Verdict? {
    switch number {
    case 1: .disproven
    case 2: .unsure
    case 3: .proven
    default: nil
    }
  }
}

extension BlockAgreement {
  /// What was found before.
  fileprivate init(
    correlation: Float, agreeingCorrelation: Float, texturedCount: Int, agreeingCount: Int,
    contradictingCount: Int, gain: Float, lightening: Float, overlaidShare: Float?
  ) {
    self.correlation = correlation
    self.agreeingCorrelation = agreeingCorrelation
    self.texturedCount = texturedCount
    self.agreeingCount = agreeingCount
    self.contradictingCount = contradictingCount
    self.gain = gain
    self.lightening = lightening
    self.overlaidShare = overlaidShare
  }
}
