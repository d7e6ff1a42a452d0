import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("EXIF orientation")
struct ExifOrientationTests {
  @Test("is read in both byte orders", arguments: UInt16(1)...8, [false, true])
  func values(value: UInt16, isLittleEndian: Bool) {
    let block = ExifBlock.orientation(value, isLittleEndian: isLittleEndian)
    #expect(orientation(block)?.rawValue == UInt8(value))
  }

  @Test(
    "says nothing for other values", arguments: [0, 9, 10, 255, 256, 257, 65_535] as [UInt16],
    [false, true])
  func otherValues(value: UInt16, isLittleEndian: Bool) {
    let block = ExifBlock.orientation(value, isLittleEndian: isLittleEndian)
    #expect(orientation(block) == nil)
  }

  @Test("says nothing wherever the data is cut short", arguments: [false, true])
  func truncation(isLittleEndian: Bool) {
    let block = ExifBlock.orientation(6, isLittleEndian: isLittleEndian)
    // The orientation is the second of three entries: header 8, count 2, entries of 12.
    let needed = 8 + 2 + 12 + 10
    for count in block.indices {
      let expected: Orientation? = count >= needed ? .rightTop : nil
      #expect(orientation(Array(block[..<count])) == expected, "\(count) bytes")
    }
  }

  @Test("never traps, for any byte that is wrong", arguments: [false, true])
  func everyByte(isLittleEndian: Bool) {
    let block = ExifBlock.orientation(6, isLittleEndian: isLittleEndian)
    for place in block.indices {
      for mask in UInt8(1)...255 {
        var damaged = block
        damaged[place] ^= mask
        let found = orientation(damaged)
        if place >= 34 { #expect(found == .rightTop, "byte \(place)") }
        if place < 2 { #expect(found == nil, "byte \(place)") }
      }
    }
  }

  @Test("never traps, for random data behind a sound header", arguments: 0..<3)
  func randomData(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    var foundCount = 0
    for _ in 0..<2000 {
      let content = generator.bytes(Int.random(in: 0...100, using: &generator))
      let header: [UInt8] =
        Bool.random(using: &generator)
        ? [0x49, 0x49, 42, 0, 8, 0, 0, 0] : [0x4d, 0x4d, 0, 42, 0, 0, 0, 8]
      if orientation(header + content) != nil { foundCount += 1 }
    }
    #expect(foundCount < 10)
  }

  @Test(
    "does not follow a directory that lies outside",
    arguments: [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 1000] as [UInt32])
  func farDirectory(offset: UInt32) {
    var block = ExifBlock.orientation(6, isLittleEndian: false)
    for index in 0..<4 { block[4 + index] = UInt8(truncatingIfNeeded: offset >> (24 - 8 * index)) }
    #expect(orientation(block) == nil)
  }

  @Test("is found anywhere in the block that the header points to")
  func laterDirectory() {
    let block = ExifBlock.orientation(5, isLittleEndian: false)
    let moved = block[..<4] + [0, 0, 0, 108] + Array(repeating: 0xee, count: 100) + block[8...]
    #expect(orientation(Array(moved)) == .leftTop)
  }

  @Test(
    "is read as any integer",
    arguments: [(1, 1), (3, 2), (4, 4), (6, 1), (8, 2), (9, 4)], [false, true])
  func integers(type: (code: Int, byteCount: Int), isLittleEndian: Bool) {
    let value = number(6, type.byteCount, isLittleEndian)
    let field = value + Array(repeating: 0, count: 4 - value.count)
    #expect(
      orientation(block(type: type.code, count: 1, field, isLittleEndian)) == .rightTop)
  }

  @Test(
    "is not read as text, fractions, floats or bytes without a meaning",
    arguments: [0, 2, 5, 7, 10, 11, 12, 13, 0xffff], [false, true])
  func otherTypes(code: Int, isLittleEndian: Bool) {
    let field = number(6, 4, isLittleEndian)
    #expect(orientation(block(type: code, count: 1, field, isLittleEndian)) == nil)
  }

  @Test("is the first of several values, wherever they lie", arguments: [false, true])
  func severalValues(isLittleEndian: Bool) {
    let (short, end) = (3, 8 + 2 + 12 + 4)
    let two = number(6, 2, isLittleEndian) + number(1, 2, isLittleEndian)
    #expect(orientation(block(type: short, count: 2, two, isLittleEndian)) == .rightTop)
    let behind = block(type: short, count: 3, number(end, 4, isLittleEndian), isLittleEndian)
    #expect(orientation(behind + two + number(1, 2, isLittleEndian)) == .rightTop)
    // Values that lie outside are none.
    #expect(orientation(behind) == nil)
    // The count alone is wrong.
    for count in [3, 255, 0x4000_0000, 0xffff_ffff] {
      #expect(orientation(block(type: short, count: count, two, isLittleEndian)) == .rightTop)
    }
  }

  @Test("says nothing for a value that only its low byte would make sensible")
  func largeValues() {
    for value in [0x1_0006, 0x106, 0xffff_fffe] {
      #expect(orientation(block(type: 4, count: 1, number(value, 4, true), true)) == nil)
      #expect(orientation(block(type: 9, count: 1, number(value, 4, false), false)) == nil)
    }
  }

  @Test("says nothing where there is no such entry, or no data at all")
  func missingEntry() {
    var block = ExifBlock.orientation(6, isLittleEndian: true)
    block[8] = 1
    #expect(orientation(block) == nil)
    #expect(orientation([]) == nil)
    #expect(orientation(Array("II*\0".utf8)) == nil)
    #expect(orientation(Array("garbage data".utf8)) == nil)
  }

  @Test("makes no JPEG file undecodable, wherever its data is cut short or wrong")
  func damagedInJPEG() throws {
    let block = ExifBlock.orientation(6, isLittleEndian: true)
    let expected = try decode(SmallJPEG.baseline).pixels
    for count in block.indices {
      let cut = try decode(
        ExifBlock.inserted(Array(block[..<count]), intoJPEG: SmallJPEG.baseline))
      #expect(cut.pixels == expected)
      var damaged = block
      damaged[count] ^= 0xff
      let wrong = try decode(ExifBlock.inserted(damaged, intoJPEG: SmallJPEG.baseline))
      #expect(wrong.pixels == expected)
    }
  }

  private func number(_ value: Int, _ byteCount: Int, _ isLittleEndian: Bool) -> [UInt8] {
    let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isLittleEndian ? bytes : bytes.reversed()
  }

  /// A block with nothing but an orientation, whose value or its place is `field`.
  private func block(
    type: Int, count: Int, _ field: [UInt8], _ isLittleEndian: Bool
  ) -> [UInt8] {
    func number(_ value: Int, _ byteCount: Int) -> [UInt8] {
      self.number(value, byteCount, isLittleEndian)
    }
    return Array((isLittleEndian ? "II" : "MM").utf8) + number(42, 2) + number(8, 4)
      + number(1, 2) + number(0x0112, 2) + number(type, 2) + number(count, 4) + field + number(0, 4)
  }

  private func orientation(_ block: [UInt8]) -> Orientation? {
    Orientation(exif: unsafe block.span.bytes)
  }
}
