/// Images that tests compute instead of keeping.
package enum TestImages {
  /// The pixels of the golden files' `pattern`, packed, `channels` bytes a pixel; the fourth channel
  /// is the golden files' alpha.
  package static func pattern(width: Int, height: Int, channels: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * channels)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<min(channels, 3) {
          let mixed =
            (UInt32(x) &* 73_856_093) ^ (UInt32(y) &* 19_349_663)
            ^ (UInt32(channel) &* 83_492_791)
          bytes.append(UInt8(truncatingIfNeeded: mixed >> 13))
        }
        if channels == 4 { bytes.append(alpha(x, y)) }
      }
    }
    return bytes
  }

  /// Packed RGB with the golden files' alpha added to each pixel.
  package static func addingAlpha(to rgb: [UInt8], width: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rgb.count / 3 * 4)
    for pixel in 0..<rgb.count / 3 {
      bytes += rgb[3 * pixel..<3 * pixel + 3]
      bytes.append(alpha(pixel % width, pixel / width))
    }
    return bytes
  }

  private static func alpha(_ x: Int, _ y: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: x * 7 + y * 13)
  }
}
