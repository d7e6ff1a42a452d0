/// Which bits of a stored number are red, green, blue and opacity.
///
/// Channels of fewer than 8 bits are widened by repeating them, as the reference does it.
struct BMPChannels {
  /// One channel of a number.
  struct Channel {
    let mask: UInt32
    private let shift: UInt32

    /// The 8-bit value of each number that is left after the shift.
    private let values: [UInt8]

    /// A channel, or `nil` where the bits of the mask do not follow each other.
    init?(mask: UInt32) {
      guard mask != 0 else { return nil }
      let bitCount = mask.nonzeroBitCount
      guard 32 - mask.leadingZeroBitCount - mask.trailingZeroBitCount == bitCount else {
        return nil
      }
      let keptCount = min(bitCount, 8)
      self.mask = mask
      shift = UInt32(mask.trailingZeroBitCount + bitCount - keptCount)
      values = (0..<1 << keptCount).map { value in
        let repeated = stride(from: 8 - keptCount, to: -keptCount, by: -keptCount).reduce(0) {
          $0 | ($1 >= 0 ? value << $1 : value >> -$1)
        }
        return UInt8(repeated)
      }
    }

    subscript(number: UInt32) -> UInt8 { values[Int((number & mask) >> shift)] }
  }

  let red: Channel
  let green: Channel
  let blue: Channel
  let alpha: Channel?

  /// Whether opacity that is 0 throughout means that there is none.
  let ignoresEmptyAlpha: Bool

  /// Which byte of a number each channel is, red first, or `nil` where one is no whole byte.
  var places: [Int]? {
    let places = [red, green, blue, alpha].compactMap { $0 }.compactMap { channel in
      [0xff, 0xff00, 0xff_0000, 0xff00_0000].firstIndex(of: channel.mask)
    }
    return places.count == (alpha == nil ? 3 : 4) ? places : nil
  }

  /// The channels of the given masks, red first, or `nil` where they make no sense.
  ///
  /// Without masks they are 5 bits each of 16, else 8, and the rest of 32 may be opacity or nothing.
  init?(bitsPerPixel: Int, masks: [UInt32]) {
    let all = bitsPerPixel == 32 ? UInt32.max : UInt32(1) << UInt32(bitsPerPixel) - 1
    guard masks.allSatisfy({ $0 & ~all == 0 }) else { return nil }
    let usual: [UInt32] =
      bitsPerPixel == 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff_0000, 0xff00, 0xff, 0xff00_0000 & all]
    let masks = masks.isEmpty ? usual : masks
    guard let red = Channel(mask: masks[0]), let green = Channel(mask: masks[1]),
      let blue = Channel(mask: masks[2]), Set(masks[..<3]).count > 1
    else { return nil }
    (self.red, self.green, self.blue) = (red, green, blue)
    let alphaMask = masks.count > 3 ? masks[3] : 0
    alpha = Channel(mask: alphaMask)
    if alphaMask != 0, alpha == nil { return nil }
    ignoresEmptyAlpha = masks == usual
  }
}
