import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderStorage
import EmbedderTestSupport
import EmbedderThumbnails
import Testing

@Suite("A thumbnail")
struct ThumbnailTests {
  @Test(
    "keeps the picture's proportions and is never larger than it",
    arguments: [
      ((400, 200), 100, (100, 50)), ((200, 400), 100, (50, 100)), ((30, 20), 100, (30, 20)),
      ((300, 1), 100, (100, 1)), ((1, 300), 100, (1, 100)), ((301, 200), 100, (100, 66)),
      ((5, 5), 1, (1, 1)), ((5, 5), 0, (1, 1)),
    ])
  func size(picture: (Int, Int), side: Int, expected: (Int, Int)) throws {
    let image = PixelImage(patternOfWidth: picture.0, height: picture.1, channels: 3)
    let thumbnail = try thumbnail(of: PNGWriter(image).file, longestSide: side)
    #expect((thumbnail.width, thumbnail.height) == expected)
    #expect((thumbnail.pictureWidth, thumbnail.pictureHeight) == picture)
    let decoded = try decode(thumbnail.jpeg)
    #expect(decoded.format == .jpeg)
    #expect((decoded.frame.width, decoded.frame.height) == expected)
  }

  @Test("is upright, whatever EXIF says", arguments: 1...8)
  func orientation(value: Int) throws {
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: false)
    let file = ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
    let thumbnail = try thumbnail(of: file, longestSide: 384)
    let expected = SmallJPEG.original.upright(exifOrientation: value)
    let shown = pixels(of: try decode(thumbnail.jpeg))
    try #require((shown.width, shown.height) == (expected.width, expected.height))
    // The middles of the squares; at their edges chroma is coarser than the picture.
    for x in stride(from: 4, to: expected.width, by: 8) {
      for y in stride(from: 4, to: expected.height, by: 8) {
        for (found, needed) in zip(shown.pixel(x, y), expected.pixel(x, y)) {
          #expect(abs(Int(found) - Int(needed)) <= 12, "(\(x), \(y))")
        }
      }
    }
  }

  @Test("of a large JPEG file is the mean of what each pixel covers")
  func reduced() throws {
    // 96 x 64 squares of 40 pixels: an eighth of it is decoded.
    let squares = SmallJPEG.original
    let large = squares.rearranged(width: 960, height: 640) { ($0 / 40, $1 / 40) }
    let file = try encode(large, quality: 95)
    let shown = pixels(of: try decode(try thumbnail(of: file, longestSide: 24).jpeg))
    try #require((shown.width, shown.height) == (24, 16))
    for (x, y) in [(4, 4), (12, 4), (20, 4), (4, 12), (12, 12), (20, 12)] {
      for (found, needed) in zip(shown.pixel(x, y), squares.pixel(x, y)) {
        #expect(abs(Int(found) - Int(needed)) <= 12, "(\(x), \(y))")
      }
    }
  }

  @Test("lays what is transparent on white")
  func transparency() throws {
    let clear = PixelImage(
      width: 16, height: 16, channels: 4, bytes: Array(repeating: 0, count: 1024))
    let shown = pixels(of: try decode(try thumbnail(of: PNGWriter(clear).file).jpeg))
    #expect(shown.bytes.allSatisfy { $0 >= 254 })
  }

  @Test("of what is no image is an error that says so")
  func noImage() throws {
    #expect(throws: ThumbnailError.self) { try thumbnail(of: Array("no image at all".utf8)) }
    let error = #expect(throws: ThumbnailError.self) {
      try Thumbnail(contentsOf: "/nowhere/at/all.jpg")
    }
    #expect(error?.description.contains("/nowhere/at/all.jpg") == true)
  }

  @Test("of a frame in memory has no format")
  func frame() throws {
    let image = PixelImage(patternOfWidth: 8, height: 4, channels: 3)
    let frame = try FrameBuffer(
      bytes: image.bytes, width: 8, height: 4, format: .rgb, orientation: .rightTop)
    let thumbnail = try Thumbnail(of: frame)
    #expect((thumbnail.width, thumbnail.height) == (4, 8))
    #expect(thumbnail.format == nil)
  }

  private func thumbnail(of file: [UInt8], longestSide: Int = 384) throws -> Thumbnail {
    try withTemporaryFolder { folder in
      let path = "\(folder)/picture"
      try write(file, to: path)
      var options = Thumbnail.Options()
      options.longestSide = longestSide
      return try Thumbnail(contentsOf: PathBytes(path), options: options)
    }
  }
}

@Suite("Writing JPEG")
struct JPEGWriterTests {
  private static let image = PixelImage(patternOfWidth: 64, height: 48, channels: 3)

  @Test("gives a file that is read back, larger the better it is to be")
  func quality() throws {
    let sizes = try [0, 10, 50, 90, 100, 500].map { quality in
      let file = try encode(Self.image, quality: quality)
      #expect(try decode(file).warnings == [])
      return file.count
    }
    #expect(sizes == sizes.sorted())
    #expect(sizes[1] < sizes[2])
    #expect(sizes[4] == sizes[5], "a quality above 100 is 100")
  }

  @Test(
    "refuses sizes that do not fit the pixels", arguments: [(0, 48), (64, 0), (65, 48), (40000, 1)])
  func sizes(width: Int, height: Int) {
    #expect(throws: DecodingError.self) {
      try encode(Self.image, width: width, height: height, quality: 80)
    }
  }
}

/// Encodes an image, perhaps as if it had another size.
private func encode(
  _ image: PixelImage, width: Int? = nil, height: Int? = nil, quality: Int
) throws -> [UInt8] {
  let bytes = image.bytes
  return try JPEGWriter.encode(
    unsafe bytes.span.bytes, width: width ?? image.width, height: height ?? image.height,
    quality: quality)
}

/// Decodes an encoded image in memory.
private func decode(_ bytes: [UInt8]) throws -> DecodedImage {
  try ImageFile.decode(unsafe bytes.span.bytes, options: DecodingOptions())
}

/// The pixels as they are stored.
private func pixels(of image: DecodedImage) -> PixelImage {
  PixelImage(
    width: image.frame.width, height: image.frame.height,
    channels: image.frame.format == .rgb ? 3 : 4,
    bytes: Array(copying: image.frame.view.firstPlane))
}
