import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Foundation
import Testing

/// One of the odd files, and what has to become of it.
struct OddFile: Decodable, Sendable, CustomTestStringConvertible {
  struct Pixels: Decodable {
    let width: Int
    let height: Int
    let sha256: String?
    let closeTo: String?
    let meanDifference: Double?
    let largestDifference: Int?
  }

  /// The same under other options of the command line.
  struct Variant: Decodable {
    let options: [String]
    let expect: String
  }

  let name: String
  let expect: String
  let referencePixels: Pixels?
  let also: [Variant]?

  var testDescription: String { name }

  static var all: [OddFile] {
    get throws {
      struct Manifest: Decodable { let files: [OddFile] }
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let data = try Data(contentsOf: URL(filePath: Fixtures.oddFile("manifest.json")))
      return try decoder.decode(Manifest.self, from: data).files
    }
  }
}

@Suite("Odd files")
struct OddFilesTests {
  @Test("become what is expected of them", arguments: try OddFile.all)
  func outcomes(file: OddFile) throws {
    #expect(Self.outcome(file.name, options: DecodingOptions()) == file.expect)
    for variant in file.also ?? [] {
      var options = DecodingOptions()
      switch variant.options {
      case ["--allow-truncated"]: options.allowsTruncated = true
      case ["--no-exif"]: options.honorsOrientation = false
      // A backdrop is no matter of decoding.
      default: continue
      }
      #expect(Self.outcome(file.name, options: options) == variant.expect)
    }
  }

  @Test(
    "have the pixels that other software reads",
    arguments: try OddFile.all.filter { $0.referencePixels != nil })
  func pixels(file: OddFile) throws {
    let expected = try #require(file.referencePixels)
    let found = try Self.upright(file.name)
    #expect((found.width, found.height) == (expected.width, expected.height))
    if let sum = expected.sha256 { #expect(sha256(found.bytes) == sum) }
    guard let name = expected.closeTo else { return }
    let other = try Self.upright(name)
    try #require(found.bytes.count == other.bytes.count)
    let differences = zip(found.bytes, other.bytes).map { abs(Int($0) - Int($1)) }
    if let bound = expected.meanDifference {
      #expect(Double(differences.reduce(0, +)) / Double(differences.count) <= bound)
    }
    if let bound = expected.largestDifference {
      #expect((differences.max() ?? 0) <= bound)
    }
  }

  @Test(
    "keep the rows in front of a cut when told to, and say so",
    arguments: [
      "photograph.png", "png-rgba-8.png", "bmp-top-down.bmp", "gif-still.gif", "hdr-flat.hdr",
      "hdr-rle.hdr", "pnm-color.ppm", "pnm-ascii.ppm", "pnm-gray-16.pgm", "tga-24.tga",
      "tga-32.tga",
      "tga-gray.tga", "tga-rle.tga", "tiff-raw.tif", "tiff-strips.tif",
      "tiff-lzw.tif", "tiff-deflate.tif", "tiff-packbits.tif", "tiff-big.tif",
    ])
  func cut(name: String) throws {
    let bytes = try contents(of: Fixtures.oddFile(name))
    let whole = try decode(bytes).pixels
    var options = DecodingOptions()
    options.allowsTruncated = true
    let image = try decode(Array(bytes.prefix(bytes.count * 3 / 4)), options: options)
    #expect(image.warnings.contains { $0.contains("cut short") })
    let found = image.pixels
    #expect((found.width, found.height) == (whole.width, whole.height))
    let half = whole.width * whole.channels * (whole.height / 2)
    #expect(difference(Array(found.bytes.prefix(half)), Array(whole.bytes.prefix(half))) == nil)
    #expect(found != whole)
  }

  private static func outcome(_ name: String, options: DecodingOptions) -> String {
    do {
      let image = try ImageFile.decode(contentsOf: Fixtures.oddFile(name), options: options)
      return image.warnings.isEmpty ? "embedded" : "embedded with a warning"
    } catch {
      return "refused"
    }
  }

  /// The upright picture without its opacity.
  private static func upright(_ name: String) throws -> PixelImage {
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    return image.pixels.upright(exifOrientation: Int(image.frame.orientation.rawValue))
      .withoutAlpha()
  }
}
