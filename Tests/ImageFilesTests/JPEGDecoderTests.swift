import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("JPEG decoder")
struct JPEGDecoderTests {
  @Test("gives the colours that went in, within the loss of the format")
  func baseline() throws {
    let image = try decode(SmallJPEG.baseline)
    #expect(image.format == .jpeg)
    #expect(image.frame.format == .rgb)
    #expect(image.frame.orientation == .topLeft)
    #expect(image.warnings.isEmpty)
    #expect(largestDifference(image.pixels, SmallJPEG.original) <= 1)
  }

  @Test("expands one component to three equal ones")
  func grayscale() throws {
    let pixels = try decode(SmallJPEG.grayscale).pixels
    #expect(pixels.channels == 3)
    let luma = SmallJPEG.original.rearranged(width: 24, height: 16) { ($0, $1) }
    for y in 0..<16 {
      for x in 0..<24 {
        let (gray, color) = (Array(pixels.pixel(x, y)), Array(luma.pixel(x, y)))
        #expect(Set(gray).count == 1)
        let weighted = 0.299 * Double(color[0]) + 0.587 * Double(color[1])
        #expect((Double(gray[0]) - weighted - 0.114 * Double(color[2])).magnitude <= 1.5)
      }
    }
  }

  @Test("reads progressive files, chroma halved")
  func progressive() throws {
    let pixels = try decode(SmallJPEG.progressive).pixels
    #expect(pixels.width == 24)
    #expect(pixels.height == 16)
    // Away from the edges of the squares, where halved chroma runs over.
    for (x, y) in [(3, 3), (11, 3), (20, 4), (3, 12), (11, 12), (20, 12)] {
      for (found, original) in zip(pixels.pixel(x, y), SmallJPEG.original.pixel(x, y)) {
        #expect(abs(Int(found) - Int(original)) <= 8, "pixel \(x), \(y)")
      }
    }
  }

  @Test("turns inks into RGB")
  func cmyk() throws {
    let image = try decode(SmallJPEG.cmyk)
    #expect(image.frame.format == .rgb)
    #expect(largestDifference(image.pixels, SmallJPEG.original) <= 3)
  }

  @Test(
    "reads photographs",
    .enabled(if: Fixtures.hasPhotographs, "the photographs are missing; run scripts/setup"),
    arguments: [
      ("rocket.jpg", 640, 427), ("hubble_deep_field.jpg", 1000, 872), ("retina.jpg", 1411, 1411),
    ])
  func photographs(name: String, width: Int, height: Int) throws {
    let image = try ImageFile.decode(contentsOf: Fixtures.photograph(name))
    #expect(image.format == .jpeg)
    #expect(image.frame.width == width)
    #expect(image.frame.height == height)
    #expect(image.frame.orientation == .topLeft)
    #expect(image.warnings.isEmpty)
  }

  @Test(
    "takes the orientation from EXIF data and leaves the pixels as stored", arguments: 1...8,
    [false, true])
  func exif(value: Int, isLittleEndian: Bool) throws {
    let plain = try decode(SmallJPEG.baseline)
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: isLittleEndian)
    let image = try decode(ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline))
    #expect(Int(image.frame.orientation.rawValue) == value)
    #expect(image.pixels == plain.pixels)
    #expect(image.uprightWidth == (value >= 5 ? 16 : 24))
    #expect(image.uprightHeight == (value >= 5 ? 24 : 16))
  }

  @Test("finds EXIF data behind other segments")
  func segmentOrder() throws {
    let block = ExifBlock.orientation(8, isLittleEndian: false)
    var file = ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
    // A comment, an APP1 segment of another kind (XMP), and fill bytes before a marker.
    let comment: [UInt8] = [0xff, 0xfe, 0, 6, 0x45, 0x78, 0x69, 0x66]
    let xmp: [UInt8] = [0xff, 0xe1, 0, 8] + Array("http:/".utf8)
    file.insert(contentsOf: comment + xmp + [0xff, 0xff], at: 2)
    #expect(try decode(file).frame.orientation == .leftBottom)
  }

  @Test("does not look for EXIF data in the picture's data or behind it")
  func exifBehind() throws {
    let block = ExifBlock.orientation(8, isLittleEndian: false)
    let segment = ExifBlock.inserted(block, intoJPEG: [0xff, 0xd8])[2...]
    #expect(try decode(SmallJPEG.baseline + segment).frame.orientation == .topLeft)
    let end = SmallJPEG.baseline.count - 2
    let inside = SmallJPEG.baseline[..<end] + segment + SmallJPEG.baseline[end...]
    #expect(try decode(Array(inside)).frame.orientation == .topLeft)
  }

  @Test("does not mind bytes behind the end")
  func trailingBytes() throws {
    let plain = try decode(SmallJPEG.baseline)
    let image = try decode(SmallJPEG.baseline + [UInt8](0..<100))
    #expect(image.pixels == plain.pixels)
  }

  @Test("notes stray bytes between segments and decodes all the same")
  func strayBytes() throws {
    let plain = try decode(SmallJPEG.baseline)
    let image = try decode(strayed(SmallJPEG.baseline))
    #expect(image.pixels == plain.pixels)
    #expect(image.warnings.count == 1)
    #expect(image.warnings.first?.contains("extraneous bytes") == true)
  }

  @Test("leaves out the orientation when told to")
  func ignoredOrientation() throws {
    let block = ExifBlock.orientation(6, isLittleEndian: true)
    let file = ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
    var options = DecodingOptions()
    options.honorsOrientation = false
    #expect(try decode(file, options: options).frame.orientation == .topLeft)
  }

  @Test("decodes a file that is cut short as far as it goes when told to, and says so")
  func allowedTruncation() throws {
    var options = DecodingOptions()
    options.allowsTruncated = true
    let file = SmallJPEG.baseline
    let image = try decode(Array(file.dropLast(8)), options: options)
    #expect(image.warnings.count { $0.contains("cut short") } == 1)
    let firstBlocks = image.pixels.cropped(x: 0, y: 0, width: 24, height: 8)
    #expect(firstBlocks == (try decode(file).pixels.cropped(x: 0, y: 0, width: 24, height: 8)))
    #expect(image.pixels != (try decode(file).pixels))
    #expect(try decode(file, options: options).warnings == [])
    // Without a single pixel there is no picture to give.
    #expect(throws: DecodingError.self) { try decode(Array(file[..<100]), options: options) }
  }

  @Test("holds the picture's size against the limit, before memory is taken")
  func limits() throws {
    var limits = DecodingLimits()
    limits.pixelCount = 24 * 16
    #expect(try decode(SmallJPEG.baseline, limits: limits).pixels.width == 24)
    limits.pixelCount -= 1
    #expect(throws: DecodingError.tooManyPixels(width: 24, height: 16, limit: 383)) {
      try decode(SmallJPEG.baseline, limits: limits)
    }
  }
}

/// A JPEG file with stray bytes behind its first segment.
func strayed(_ file: [UInt8]) -> [UInt8] {
  let end = 4 + Int(file[4]) << 8 + Int(file[5])
  return file[..<end] + [1, 2, 3, 4, 5] + file[end...]
}
