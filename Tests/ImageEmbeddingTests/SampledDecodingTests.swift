import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

/// Decoding less of a picture must not show in its vector, nor in what others get to see of it.
@Suite("Rows left out of decoding", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct SampledDecodingTests {
  private func file(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Fixtures.oddFile(name))))
  }

  @Test(
    "never show, whatever the orientation, the rotation and the region", arguments: 1...8,
    Rotation.allCases)
  func geometry(value: Int, rotation: Rotation) throws {
    let embedder = try makeEmbedder("identity_uint8_8x6") { $0.rotation = rotation }
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: false)
    let bytes = ExifBlock.inserted(block, intoJPEG: try file("jpeg-420.jpg"))
    let whole = try embedder.decode(encoded: unsafe bytes.span.bytes)
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.jpg"
      try write(bytes, to: path)
      for region in [nil, RegionOfInterest(x: 3, y: 5, width: 40, height: 44)] {
        let expected = try embedder.embed(whole, in: region)
        #expect(try embedder.embed(encoded: unsafe bytes.span.bytes, in: region) == expected)
        #expect(try embedder.embed(contentsOf: path, in: region) == expected)
        #expect(try embedder.embed(.file(PathBytes(path), region: region)) == expected)
      }
    }
  }

  @Test("never show, under any preset and quality", arguments: PreprocessingPreset.allCases)
  func settings(preset: PreprocessingPreset) throws {
    for (quality, alpha) in DecodingQuality.allCases.flatMap({ quality in
      AlphaTreatment.allCases.map { (quality, $0) }
    }) {
      let embedder = try makeEmbedder("identity_uint8_8x6") {
        $0.preset = preset
        $0.decodingQuality = quality
        $0.alpha = alpha
      }
      let bytes = try file("jpeg-420.jpg")
      let whole = try embedder.decode(encoded: unsafe bytes.span.bytes)
      let found = try embedder.embed(encoded: unsafe bytes.span.bytes)
      #expect(found == (try embedder.embed(whole)))
    }
  }

  @Test("are spared where nothing but the vector is wanted, and only there")
  func use() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let path = Fixtures.oddFile("jpeg-420.jpg")
    #expect(try embedder.decode(contentsOf: path).frame.sampledRows == nil)
    guard
      case .image(let image) = try embedder.decode(.file(PathBytes(path)), isOnlyEmbedded: true)
    else {
      Issue.record("a file is an image")
      return
    }
    #expect(image.frame.sampledRows != nil)
    var seen: DecodedImage?
    var durations = StageDurations()
    _ = try embedder.embed(.file(PathBytes(path)), measuring: &durations) { seen = $0 }
    #expect(try #require(seen).frame.sampledRows == nil)
  }

  @Test("make an image of no use for another region or model")
  func misuse() throws {
    let path = Fixtures.oddFile("jpeg-420.jpg")
    let embedder = try makeEmbedder("identity_uint8_8x6")
    guard
      case .image(let image) = try embedder.decode(.file(PathBytes(path)), isOnlyEmbedded: true)
    else {
      Issue.record("a file is an image")
      return
    }
    let region = RegionOfInterest(x: 0, y: 0, width: 50, height: 50)
    #expect(throws: EmbedderError.preprocessing(.missingRows)) {
      try embedder.embed(image, in: region)
    }
    let other = try makeEmbedder("identity_uint8_7x5")
    #expect(throws: EmbedderError.preprocessing(.missingRows)) { try other.embed(image) }
    let averaging = try makeEmbedder("identity_uint8_8x6") { $0.preset = .antialiasedV1 }
    #expect(throws: EmbedderError.preprocessing(.missingRows)) { try averaging.embed(image) }
    #expect("\(EmbedderError.preprocessing(.missingRows))".contains("decode all of it"))
  }

  @Test("are counted along the right axis where the channels come first")
  func channelsFirst() throws {
    var options = ImageEmbedder.Options(
      model: .file(path: Fixtures.form("nchw_uint8_one_vector")))
    options.decodingQuality = .fast
    let embedder = try ImageEmbedder(options: options)
    let bytes = SmallJPEG.baseline
    #expect(try embedder.decode(encoded: unsafe bytes.span.bytes).reduction?.factor == 2)
    options.decodingQuality = .exact
    let exact = try ImageEmbedder(options: options)
    let picture = try file("jpeg-420.jpg")
    let whole = try exact.decode(encoded: unsafe picture.span.bytes)
    #expect(try exact.embed(encoded: unsafe picture.span.bytes) == exact.embed(whole))
  }
}
