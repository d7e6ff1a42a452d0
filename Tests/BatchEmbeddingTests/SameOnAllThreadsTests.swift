import BatchEmbedding
import EmbedderImageFiles
import EmbedderStorage
import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite(
  "The same file on several threads",
  .enabled(if: Fixtures.hasLiteRt, "the LiteRT library is missing"))
struct SameOnAllThreadsTests {
  /// One file of every format, and those whose decoders keep something between two pictures.
  static let names = [
    "misnamed-jpeg.png", "photograph.png", "webp-lossy.webp", "heic-420.heic", "heic-grid.heic",
    "heic-gain-map.heic", "avif-420.avif", "avif-film-grain.avif", "avif-gray-limited.avif",
    "tiff-jpeg.tif", "tiff-g4.tif", "tiff-deflate.tif", "gif-still.gif", "bmp-24.bmp",
    "psd-packbits.psd", "pnm-ascii.ppm", "hdr-rle.hdr", "pic-mixed.pic", "tga-rle.tga",
  ]

  @Test("is of every format")
  func allFormats() throws {
    let formats = try Self.names.map {
      try ImageFile.decode(contentsOf: Fixtures.oddFile($0)).format
    }
    #expect(Set(formats) == Set(ImageFormat.allCases))
  }

  @Test("has the same vector sixty times as alone", arguments: [2, 8])
  func sixtyTimes(workerCount: Int) throws {
    let embedder = try ImageEmbedder(modelPath: Fixtures.model("identity_uint8_32x24"))
    let alone = try Self.names.map { name in
      try embedder.embed(contentsOf: Fixtures.oddFile(name)).embeddings[0].featureVector.floats
    }
    // All sixty of one file beside each other, so that its decoder meets itself.
    let items = Self.names.flatMap { name in
      (0..<60).map { _ in BatchItem(path: PathBytes(Fixtures.oddFile(name))) }
    }
    var differences = Array(repeating: 0, count: Self.names.count)
    try BatchEmbedder(embedder, workerCount: workerCount).forEach(in: items) { result in
      let number = result.index / 60
      guard case .embedded(let image) = result.outcome,
        image.embeddings[0].featureVector.floats == alone[number]
      else {
        differences[number] += 1
        return
      }
    }
    for (name, count) in zip(Self.names, differences) {
      #expect(count == 0, "\(name): \(count) of 60 are other vectors than alone")
    }
  }
}
