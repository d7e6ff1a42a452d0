import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("A frame with the file's own channels")
struct GrayFrameTests {
  @Test(
    "has one for gray files and all for others",
    arguments: [
      ("pnm-gray.pgm", PixelFormat.gray), ("pnm-gray-16.pgm", .gray), ("pnm-bits.pbm", .gray),
      ("pnm-color.ppm", .rgb), ("tiff-gray.tif", .gray), ("tiff-gray-inverted.tif", .gray),
      ("tiff-palette.tif", .rgb), ("tiff-rgba.tif", .rgba), ("tga-gray.tga", .gray),
      ("tga-24.tga", .rgb), ("bmp-24.bmp", .rgb), ("gif-still.gif", .rgba),
      ("avif-gray.avif", .gray),
      ("avif-gray-limited.avif", .gray), ("heic-gray.heic", .gray), ("heic-420.heic", .rgb),
    ])
  func oddFiles(name: String, format: PixelFormat) throws {
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    try expectOwnChannels(of: image, format)
  }

  @Test("has one for gray JPEG files")
  func jpeg() throws {
    try expectOwnChannels(of: try decode(SmallJPEG.grayscale), .gray)
    try expectOwnChannels(of: try decode(SmallJPEG.baseline), .rgb)
  }

  @Test("has one for PNG files without colours, palette and alpha", arguments: [0, 2, 4, 6])
  func png(colorType: Int) throws {
    let channels = [0: 1, 2: 3, 4: 2, 6: 4][colorType] ?? 0
    let row = (0..<5 * channels).map { UInt8($0 * 11) }
    let file = PNGWriter(width: 5, height: 1, colorType: colorType, rows: [row]).file
    try expectOwnChannels(
      of: try decode(file), colorType == 0 ? .gray : colorType == 2 ? .rgb : .rgba)
  }

  /// Expects the format, and the same picture as in the frame that is embedded.
  private func expectOwnChannels(of image: DecodedImage, _ format: PixelFormat) throws {
    let own = try image.frameAsStored()
    #expect(own.format == format)
    #expect(own.width == image.frame.width)
    #expect(own.height == image.frame.height)
    #expect(own.orientation == image.frame.orientation)
    let bytes = [UInt8](copying: own.view.firstPlane)
    let expected = [UInt8](copying: image.frame.view.firstPlane)
    #expect((format == .gray ? bytes.flatMap { [$0, $0, $0] } : bytes) == expected)
  }
}
