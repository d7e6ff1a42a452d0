import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Foundation
import Testing

/// JPEG pictures of which only the rows are decoded that a resize reads.
@Suite("Decoding for one resize only")
struct SampledDecodingTests {
  /// Sizes and regions; the odd files are some 79 x 53 pixels.
  private static let targets = [
    DecodingTarget(width: 8, height: 6), DecodingTarget(width: 1, height: 1),
    DecodingTarget(width: 5, height: 13), DecodingTarget(width: 60, height: 2),
    DecodingTarget(
      width: 4, height: 3, region: RegionOfInterest(x: 11, y: 17, width: 30, height: 21)),
    DecodingTarget(
      width: 8, height: 8, region: RegionOfInterest(x: 0, y: 40, width: 20, height: 9)),
  ]

  private static let jpegNames = (try? OddFile.all.map(\.name).filter { $0.hasSuffix("jpg") }) ?? []

  @Test("has those rows as they are, and judges files as otherwise", arguments: jpegNames)
  func rows(name: String) throws {
    let file = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.oddFile(name))))
    for allowsTruncated in [false, true] {
      var options = DecodingOptions()
      options.allowsTruncated = allowsTruncated
      let full = Result { try decode(file, options: options) }
      for target in Self.targets {
        options.onlyTarget = target
        switch (full, Result { try decode(file, options: options) }) {
        case (.success(let full), .success(let found)):
          #expect(found.warnings == full.warnings)
          try expectSameRows(found, full)
        case (.failure(let expected), .failure(let found)):
          #expect(found as? DecodingError == expected as? DecodingError)
        default:
          Issue.record("\(target) decides whether the file is read")
        }
      }
    }
  }

  @Test("happens to sound pictures, whatever their sampling, until it spares too little")
  func use() throws {
    #expect(Self.jpegNames.count > 70)
    for name in ["420", "422", "440", "444", "411", "410", "gray", "progressive", "arithmetic"] {
      let file = [UInt8](
        try Data(contentsOf: URL(filePath: Fixtures.oddFile("jpeg-\(name).jpg"))))
      var options = DecodingOptions()
      options.onlyTarget = DecodingTarget(width: 8, height: 6)
      let image = try decode(file, options: options)
      #expect(
        image.frame.sampledRows
          == SampledRows(sourceHeight: image.frame.height, targetHeight: 6))
      options.onlyTarget = DecodingTarget(width: 8, height: 20)
      #expect(try decode(file, options: options).frame.sampledRows == nil)
    }
  }

  @Test("does not happen where the region is outside, or another decoder reads the file")
  func otherwise() throws {
    let file = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.oddFile("jpeg-420.jpg"))))
    var options = DecodingOptions()
    options.onlyTarget = DecodingTarget(
      width: 8, height: 6, region: RegionOfInterest(x: 0, y: 50, width: 8, height: 8))
    #expect(try decode(file, options: options).frame.sampledRows == nil)
    options.onlyTarget = DecodingTarget(width: 8, height: 6)
    options.decodesJPEGAsTaskLibrary = true
    #expect(try decode(file, options: options).frame.sampledRows == nil)
    let png = PNGWriter(PixelImage(patternOfWidth: 79, height: 53, channels: 3)).file
    #expect(try decode(png, options: options).frame.sampledRows == nil)
  }

  private func expectSameRows(_ found: DecodedImage, _ full: DecodedImage) throws {
    #expect(full.frame.sampledRows == nil)
    let (found, full) = (found.frame, full.frame)
    #expect((found.width, found.height) == (full.width, full.height))
    let rows = found.sampledRows.map { Array($0.joined()) } ?? Array(0..<full.height)
    for row in rows {
      var pixels = bytes(of: row, found)
      if found.format == .rgba {
        let alphas = stride(from: 3, to: pixels.count, by: 4).map { pixels[$0] }
        #expect(alphas.allSatisfy { $0 == 255 })
        pixels = pixels.enumerated().filter { $0.offset % 4 < 3 }.map(\.element)
      }
      let isSame = pixels == bytes(of: row, full)
      #expect(isSame, "row \(row)")
    }
  }

  private func bytes(of row: Int, _ frame: FrameBuffer) -> [UInt8] {
    let range = row * frame.rowStride..<(row + 1) * frame.rowStride
    return Array(copying: frame.view.firstPlane.extracting(range))
  }
}
