import EmbedderStorage

/// A frame's compressed data, read only for how many pixels it stands for.
///
/// giflib takes a code that stands for nothing as if it stood for something, and goes on.
struct GIFData: ~Escapable {
  private let bytes: RawSpan
  private let codeBitCountAtStart: Int
  private var offset: Int
  private var leftInBlock = 0
  private var bits = 0
  private var bitCount = 0

  /// - Parameters:
  ///   - bytes: The file.
  ///   - start: Where the data begins: the size of its first codes, then a chain of blocks.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, from start: Int) {
    self.bytes = bytes
    codeBitCountAtStart = start < bytes.byteCount ? Int(bytes.byte(at: start)) : 0
    offset = start + 1
  }

  /// The pixels up to the end or to `limit`, or `nil` where a code has no meaning.
  @_lifetime(self: copy self)
  mutating func countPixels(upTo limit: Int) -> Int? {
    guard (1...11).contains(codeBitCountAtStart) else { return nil }
    let clear = 1 << codeBitCountAtStart
    let mostCodes = 4096
    // How many pixels each code stands for.
    var lengths = [Int](repeating: 1, count: mostCodes)
    var (next, codeBitCount, last, count) = (clear + 2, codeBitCountAtStart + 1, -1, 0)
    while count < limit, let code = readCode(bitCount: codeBitCount), code != clear + 1 {
      if code == clear {
        (next, codeBitCount, last) = (clear + 2, codeBitCountAtStart + 1, -1)
        continue
      }
      let isNext = code == next && last >= 0
      guard code < next || isNext else { return nil }
      if last >= 0, next < mostCodes {
        lengths[next] = lengths[last] + 1
        next += 1
        if next == 1 << codeBitCount, next < mostCodes { codeBitCount += 1 }
      }
      count += lengths[code]
      last = code
    }
    return min(count, limit)
  }

  @_lifetime(self: copy self)
  private mutating func readCode(bitCount wanted: Int) -> Int? {
    while bitCount < wanted {
      if leftInBlock == 0 {
        guard offset < bytes.byteCount, bytes.byte(at: offset) != 0 else { return nil }
        leftInBlock = Int(bytes.byte(at: offset))
        offset += 1
      }
      guard offset < bytes.byteCount else { return nil }
      bits |= Int(bytes.byte(at: offset)) << bitCount
      bitCount += 8
      offset += 1
      leftInBlock -= 1
    }
    let code = bits & ((1 << wanted) - 1)
    bits >>= wanted
    bitCount -= wanted
    return code
  }
}
