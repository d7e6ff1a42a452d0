import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("TIFF files")
struct TIFFTests {
  @Test("without colours in Lab are gray")
  func neutralLab() throws {
    let pixels = try ImageFile.decode(contentsOf: Fixtures.oddFile("tiff-lab-ramp.tif")).pixels
    for start in stride(from: 0, to: pixels.bytes.count, by: 3) {
      let color = pixels.bytes[start..<start + 3].map(Int.init)
      #expect((color.max() ?? 0) - (color.min() ?? 0) <= 1)
    }
    #expect(Array(pixels.bytes.prefix(3)) == [0, 0, 0])
    #expect(pixels.bytes.max() == 255)
  }

  @Test("in Lab keep their opacity")
  func labOpacity() throws {
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile("tiff-lab-alpha.tif"))
    let right = try ImageFile.decode(contentsOf: Fixtures.oddFile("tiff-rgba.tif")).pixels
    #expect(image.frame.format == .rgba)
    let alpha = stride(from: 3, to: right.bytes.count, by: 4)
    #expect(alpha.map { image.pixels.bytes[$0] } == alpha.map { right.bytes[$0] })
  }

  @Test("of fax pages say how many rows are lost")
  func fax() throws {
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile("tiff-g4-60-rows.tif"))
    #expect(
      image.warnings == ["7 of the TIFF image's 60 rows could not be read; they were left empty"])
    let error = DecodingOutcome(of: try contents(of: Fixtures.oddFile("tiff-g4-159-rows.tif")))
      .error
    guard case .truncated(.tiff, _) = error else {
      Issue.record("\(error.map { "\($0)" } ?? "accepted")")
      return
    }
  }

  @Test(
    "that are not decoded say what they are and what to do",
    arguments: [
      (
        "tiff-float.tif",
        "its pixels are 3 samples of 32 bits in floating point in RGB, which is not converted to RGB;"
          + " save it as RGB with 8 or 16 bits"
      ),
      (
        "tiff-compression-unknown.tif",
        "its compression, number 60000, is not decoded; save it with LZW or deflate"
      ),
    ])
  func sentences(name: String, details: String) throws {
    let outcome = DecodingOutcome(of: try contents(of: Fixtures.oddFile(name)))
    #expect(outcome.error == .unsupported(.tiff, details: details))
  }

  @Test(
    "that are cut are refused wherever they end, and whatever a byte says",
    arguments: [
      "tiff-cmyk-16.tif", "tiff-lab-16.tif", "tiff-rgb-12-planar.tif", "tiff-palette-6.tif",
      "tiff-g4-60-rows.tif",
    ])
  func damages(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    var options = DecodingOptions()
    options.limits.pixelCount = 1 << 20
    for length in stride(from: 0, to: file.count, by: 7) {
      if let image = DecodingOutcome(of: Array(file[..<length]), options: options).image {
        // Nothing but what lies behind the pixels may be missing.
        #expect(image == DecodingOutcome(of: file).image)
      }
    }
    for place in file.indices where file.count < 3000 || place.isMultiple(of: 5) {
      for value in [0, 0x7f, 0xff] as [UInt8] {
        var changed = file
        changed[place] = value
        if let image = DecodingOutcome(of: changed, options: options).image {
          #expect(image.width * image.height <= 1 << 20)
        }
      }
    }
  }
}
