import Storage

/// The blocks of a GIF file, walked through to see whether they are all there.
struct GIFStructure {
  enum State {
    /// The file has all its blocks, and the first frame all its pixels.
    case complete
    /// The bytes end before the file does.
    case truncated(String)
    /// The blocks, or the first frame's data, contradict the format.
    case damaged(String)
  }

  /// The canvas.
  private(set) var width: Int?
  private(set) var height: Int?

  /// Whether the first frame's data has begun.
  private(set) var hasPixels = false

  private(set) var state = State.complete

  init(_ bytes: RawSpan) {
    guard let width = bytes.integer(at: 6, byteCount: 2, .littleEndian),
      let height = bytes.integer(at: 8, byteCount: 2, .littleEndian),
      let flags = bytes.integer(at: 10, byteCount: 1, .littleEndian)
    else {
      state = .truncated("its header ends early")
      return
    }
    self.width = width
    self.height = height
    state = walk(bytes, from: 13 + Self.paletteByteCount(flags))
  }

  private enum Block {
    static let `extension`: UInt8 = 0x21
    static let image: UInt8 = 0x2c
    static let trailer: UInt8 = 0x3b
  }

  private static func paletteByteCount(_ flags: Int) -> Int {
    flags & 0x80 != 0 ? 3 << (flags & 7 + 1) : 0
  }

  private mutating func walk(_ bytes: RawSpan, from start: Int) -> State {
    var offset = start
    while offset < bytes.byteCount {
      switch bytes.byte(at: offset) {
      case Block.trailer:
        return hasPixels ? .complete : .damaged("it holds no picture")
      case Block.extension:
        guard let end = Self.endOfChain(in: bytes, from: offset + 2) else {
          return .truncated("an extension ends early")
        }
        offset = end
      case Block.image:
        guard let frameWidth = bytes.integer(at: offset + 5, byteCount: 2, .littleEndian),
          let frameHeight = bytes.integer(at: offset + 7, byteCount: 2, .littleEndian),
          let flags = bytes.integer(at: offset + 9, byteCount: 1, .littleEndian)
        else {
          return .truncated("a frame's header ends early")
        }
        let data = offset + 10 + Self.paletteByteCount(flags)
        let isFirst = !hasPixels
        hasPixels = hasPixels || data + 1 < bytes.byteCount
        guard let end = Self.endOfChain(in: bytes, from: data + 1) else {
          return .truncated("a frame's data ends early")
        }
        if isFirst {
          var data = GIFData(bytes, from: data)
          let needed = frameWidth * frameHeight
          guard let count = data.countPixels(upTo: needed) else {
            return .damaged("its first frame's data has no meaning")
          }
          guard count == needed else {
            return .truncated("its first frame has \(count) of \(needed) pixels")
          }
        }
        offset = end
      default:
        return .damaged("a block of it is of an unknown kind")
      }
    }
    return .truncated("its last block is missing")
  }

  /// Where a chain of data blocks ends, each with its length in front and the last one empty.
  private static func endOfChain(in bytes: RawSpan, from start: Int) -> Int? {
    var offset = start
    while offset < bytes.byteCount {
      let length = Int(bytes.byte(at: offset))
      offset += 1 + length
      if length == 0 { return offset }
    }
    return nil
  }
}

/// A frame's compressed data, read only for how many pixels it stands for.
private struct GIFData: ~Escapable {
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
