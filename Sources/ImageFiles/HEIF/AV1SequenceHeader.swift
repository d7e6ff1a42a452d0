/// What the sequence headers in an AV1 picture's data say, before a decoder takes memory for it.
struct AV1SequenceHeader {
  private(set) var width = 0
  private(set) var height = 0

  /// Whether the decoder may have to add film grain.
  private(set) var hasFilmGrain = false

  /// Whether values go from 0 to the largest, in place of 16 to 235.
  private(set) var isFullRange = true

  /// Whether there was any.
  private(set) var isFound = false

  /// The frames in the data; a still picture has one, or one for each of its layers.
  private(set) var frameCount = 0

  /// Reads all sequence headers of some data.
  ///
  /// The largest size and any film grain count, as each header holds for the frames behind it.
  /// Returns false where the data is none that libaom would decode.
  mutating func read(all data: Range<Int>, in bytes: RawSpan) -> Bool {
    var offset = data.lowerBound
    while offset < data.upperBound {
      let head = bytes.byte(at: offset)
      // Zeros may fill up the data.
      if head == 0 {
        offset += 1
        continue
      }
      let (type, hasExtension, hasSize) = (head >> 3 & 15, head & 4 != 0, head & 2 != 0)
      offset += hasExtension ? 2 : 1
      // Without its size libaom refuses it as well.
      guard head & 0x80 == 0, hasSize,
        let size = Self.variableLength(&offset, before: data.upperBound, in: bytes),
        size <= data.upperBound - offset
      else { return false }
      if type == 1 {
        guard read(offset..<offset + size, in: bytes) else { return false }
        isFound = true
      }
      // A frame's header, or a whole frame.
      if type == 3 || type == 6 { frameCount += 1 }
      offset += size
    }
    return true
  }

  /// A number of seven bits a byte.
  private static func variableLength(
    _ offset: inout Int, before end: Int, in bytes: RawSpan
  ) -> Int? {
    var value = 0
    for index in 0..<8 {
      guard offset < end else { return nil }
      let byte = bytes.byte(at: offset)
      offset += 1
      value |= Int(byte & 0x7f) << (7 * index)
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  /// Reads one header; the AV1 specification's section 5.5 has the order of its fields.
  private mutating func read(_ range: Range<Int>, in bytes: RawSpan) -> Bool {
    var bits = BitReader(range, in: bytes)
    let profile = bits.next(3)
    _ = bits.next(1)
    let isReduced = bits.flag()
    if isReduced {
      _ = bits.next(5)
    } else {
      readOperatingPoints(&bits)
    }
    let (widthBits, heightBits) = (bits.next(4) + 1, bits.next(4) + 1)
    width = max(width, bits.next(widthBits) + 1)
    height = max(height, bits.next(heightBits) + 1)
    if !isReduced, bits.flag() { _ = bits.next(7) }  // Frame numbers.
    _ = bits.next(3)
    if !isReduced { readInterTools(&bits) }
    _ = bits.next(3)
    readColors(&bits, profile: profile)
    if bits.flag() { hasFilmGrain = true }
    return !bits.isOverrun
  }

  private func readOperatingPoints(_ bits: inout BitReader) {
    var delayBits = 0
    var hasDecoderModel = false
    if bits.flag() {
      _ = bits.next(32)
      _ = bits.next(32)
      if bits.flag() { _ = bits.nextExponential() }
      hasDecoderModel = bits.flag()
      if hasDecoderModel {
        delayBits = bits.next(5) + 1
        _ = bits.next(32)
        _ = bits.next(10)
      }
    }
    let hasDisplayDelay = bits.flag()
    for _ in 0..<bits.next(5) + 1 {
      _ = bits.next(12)
      if bits.next(5) > 7 { _ = bits.next(1) }
      if hasDecoderModel, bits.flag() {
        _ = bits.next(delayBits)
        _ = bits.next(delayBits)
        _ = bits.next(1)
      }
      if hasDisplayDelay, bits.flag() { _ = bits.next(4) }
    }
  }

  private func readInterTools(_ bits: inout BitReader) {
    _ = bits.next(4)
    let hasOrder = bits.flag()
    if hasOrder { _ = bits.next(2) }
    let choosesScreenContent = bits.flag()
    let allowsScreenContent = choosesScreenContent ? true : bits.flag()
    if allowsScreenContent, !bits.flag() { _ = bits.next(1) }
    if hasOrder { _ = bits.next(3) }
  }

  private mutating func readColors(_ bits: inout BitReader, profile: Int) {
    let isDeep = bits.flag()
    let isTwelveBits = profile == 2 && isDeep ? bits.flag() : false
    let isMonochrome = profile == 1 ? false : bits.flag()
    var kinds = (2, 2, 2)
    if bits.flag() { kinds = (bits.next(8), bits.next(8), bits.next(8)) }
    if isMonochrome {
      isFullRange = bits.flag()
      return
    }
    if kinds == (1, 13, 0) {
      isFullRange = true
    } else {
      isFullRange = bits.flag()
      var (halvesWidth, halvesHeight) = (profile == 0 || profile == 2, profile == 0)
      if profile == 2, isTwelveBits {
        halvesWidth = bits.flag()
        halvesHeight = halvesWidth ? bits.flag() : false
      }
      if halvesWidth && halvesHeight { _ = bits.next(2) }
    }
    _ = bits.next(1)
  }
}

/// Reads bits, the high one of a byte first.
struct BitReader: ~Escapable {
  private let bytes: RawSpan
  private let end: Int
  private var place: Int
  /// Whether the two bytes 0 0 before a byte 3 make that byte none of the data, as in HEVC.
  private let skipsEmulation: Bool

  /// Whether more bits were asked for than there are; those were 0.
  private(set) var isOverrun = false

  @_lifetime(copy bytes)
  init(_ range: Range<Int>, in bytes: RawSpan, skipsEmulation: Bool = false) {
    self.bytes = bytes
    place = range.lowerBound * 8
    end = min(range.upperBound, bytes.byteCount)
    first = range.lowerBound
    self.skipsEmulation = skipsEmulation
  }

  private let first: Int

  /// The next bits as a number; at most 32.
  @_lifetime(self: copy self)
  mutating func next(_ count: Int) -> Int {
    var value = 0
    for _ in 0..<count {
      let byte = place / 8
      if skipsEmulation, place.isMultiple(of: 8), byte >= first + 2, byte < end,
        bytes.byte(at: byte) == 3, bytes.byte(at: byte - 1) == 0, bytes.byte(at: byte - 2) == 0
      {
        place += 8
      }
      guard place / 8 < end else {
        isOverrun = true
        return 0
      }
      value = value << 1 | Int(bytes.byte(at: place / 8) >> (7 - place % 8) & 1)
      place += 1
    }
    return value
  }

  @_lifetime(self: copy self)
  mutating func flag() -> Bool { next(1) == 1 }

  /// A number by exponential Golomb code without sign; at most 32 bits.
  @_lifetime(self: copy self)
  mutating func nextExponential() -> Int {
    var zeros = 0
    while zeros < 32, !isOverrun, !flag() { zeros += 1 }
    return (1 << zeros) - 1 + next(min(zeros, 32))
  }
}
