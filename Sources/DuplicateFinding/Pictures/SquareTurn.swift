package import EmbedderFrameBuffers

/// Where the pixels of a turned or mirrored square come from.
package enum SquareTurn {
  /// The place, in a square of pixels, of each pixel of the same square after its correction.
  package static func places(_ orientation: Orientation, side: Int) -> [UInt16] {
    let (turns, mirrors) = orientation.correction
    var result: [UInt16] = []
    result.reserveCapacity(side * side)
    let last = side - 1
    for row in 0..<side {
      for column in 0..<side {
        // Backwards: out of the mirror, then out of the turns.
        var (y, x) = (row, mirrors ? last - column : column)
        // A pixel at row y, column x of a square turned counter-clockwise was at row x, column last - y.
        for _ in 0..<turns { (y, x) = (x, last - y) }
        result.append(UInt16(y * side + x))
      }
    }
    return result
  }
}
