import FrameBuffers
import ImageFiles
import TestSupport
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

  @Test("must be a short number")
  func wrongType() {
    var block = ExifBlock.orientation(6, isLittleEndian: true)
    let typePlace = 8 + 2 + 12 + 2
    #expect(block[typePlace] == 3)
    block[typePlace] = 4
    #expect(orientation(block) == nil)
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

  private func orientation(_ block: [UInt8]) -> Orientation? {
    Orientation(exif: unsafe block.span.bytes)
  }
}
