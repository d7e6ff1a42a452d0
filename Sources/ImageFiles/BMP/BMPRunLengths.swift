import EmbedderStorage

/// The runs of pixels that a BMP file is compressed to, of 4, 8 or 24 bits.
struct BMPRunLengths: ~Escapable {
  /// What reading the runs came to.
  struct Outcome {
    /// How many pixels they brought.
    var pixelCount = 0
    /// Whether the bytes ended before the mark for the end.
    var endsEarly = false
    /// Whether some reached beyond the end of their row or the last row.
    var isTooLong = false
    /// Whether a pixel's colour is not in the palette.
    var isOutsidePalette = false
  }

  private let bytes: RawSpan
  private let header: BMPHeader

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ header: BMPHeader) {
    self.bytes = bytes
    self.header = header
  }

  /// Calls `draw` with the column, the stored row and the colour of each pixel that the runs bring.
  func read(_ draw: (Int, Int, BMPColor) -> Void) -> Outcome {
    var outcome = Outcome()
    var (offset, x, y) = (header.startOfPixels, 0, 0)

    func next() -> UInt8? {
      guard offset < bytes.byteCount else { return nil }
      defer { offset += 1 }
      return bytes.byte(at: offset)
    }
    func put(_ color: BMPColor?) {
      defer { x += 1 }
      guard x < header.width, y < header.height else {
        outcome.isTooLong = true
        return
      }
      guard let color else {
        outcome.isOutsidePalette = true
        return
      }
      outcome.pixelCount += 1
      draw(x, y, color)
    }
    func color(_ index: UInt8) -> BMPColor? {
      Int(index) < header.palette.count ? header.palette[Int(index)] : nil
    }
    /// Puts `count` pixels: equal ones, or two in turn, from the bytes at hand.
    func putRun(_ count: Int, first: UInt8) -> Bool {
      switch header.bitsPerPixel {
      case 4:
        let pair = [color(first >> 4), color(first & 15)]
        for index in 0..<count { put(pair[index & 1]) }
      case 8:
        let only = color(first)
        for _ in 0..<count { put(only) }
      default:
        guard let green = next(), let red = next() else { return false }
        for _ in 0..<count { put(BMPColor(red: red, green: green, blue: first)) }
      }
      return true
    }
    /// Puts `count` pixels that follow one by one, padded to an even number of bytes.
    func putEach(_ count: Int) -> Bool {
      let start = offset
      var left = count
      while left > 0 {
        guard let first = next() else { return false }
        let taken = header.bitsPerPixel == 4 ? min(left, 2) : 1
        guard putRun(taken, first: first) else { return false }
        left -= taken
      }
      if !(offset - start).isMultiple(of: 2) { offset += 1 }
      return true
    }

    while y < header.height {
      guard let count = next(), let value = next() else {
        outcome.endsEarly = true
        return outcome
      }
      var isThere = true
      switch (count, value) {
      case (0, 0): (x, y) = (0, y + 1)
      case (0, 1): return outcome
      case (0, 2):
        let right = next()
        let up = next()
        isThere = up != nil
        x += Int(right ?? 0)
        y += Int(up ?? 0)
      case (0, _): isThere = putEach(Int(value))
      default: isThere = putRun(Int(count), first: value)
      }
      guard isThere else {
        outcome.endsEarly = true
        return outcome
      }
    }
    outcome.endsEarly = !(next() == 0 && next() == 1)
    return outcome
  }
}
