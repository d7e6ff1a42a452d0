import EmbedderFrameBuffers
import EmbedderStorage
import EmbedderTestSupport
import ImageEmbedding
import Testing

@testable import BatchEmbedding

@Suite("A batch embedder", .enabled(if: Fixtures.hasLiteRt, "the LiteRT library is missing"))
struct BatchEmbedderTests {
  /// A model whose vector is the picture itself.
  static func embedder() throws -> ImageEmbedder {
    try ImageEmbedder(modelPath: Fixtures.model("identity_uint8_8x6"))
  }

  static func picture(_ seed: Int) -> PixelImage {
    var generator = SeededGenerator(seed: UInt64(seed))
    return PixelImage(randomOfWidth: 8, height: 6, channels: 3, using: &generator)
  }

  /// Items of every kind, every fourth broken; item `n` shows picture `n`.
  static func items(_ count: Int, in folder: String) throws -> [BatchItem] {
    try (0..<count).map { number in
      let picture = picture(number)
      let png = PNGWriter(picture).file
      let path = PathBytes("\(folder)/\(number)")
      switch number % 4 {
      case 0:
        try write(png, to: path.description)
        return BatchItem(path: path)
      case 1: return BatchItem(path: path, content: .encoded(png))
      case 2:
        return BatchItem(
          path: path,
          content: .frame(
            try FrameBuffer(bytes: picture.bytes, width: 8, height: 6, format: .rgb)))
      default: return BatchItem(path: path, content: .encoded(Array(png.prefix(60))))
      }
    }
  }

  static func expect(_ results: [BatchResult], are items: [BatchItem]) {
    #expect(results.map(\.path) == items.map(\.path))
    #expect(results.map(\.index) == Array(items.indices))
    for result in results {
      switch result.outcome {
      case .embedded(let image):
        #expect(
          image.embeddings[0].featureVector.floats == picture(result.index).bytes.map(Float.init))
        #expect(image.width == 8 && image.height == 6)
      case .failed(let error):
        #expect(result.index % 4 == 3)
        #expect(error.code == .invalidArgument)
      case .skipped:
        Issue.record("nothing was found, everything was named")
      }
    }
    #expect(
      results.count { if case .failed = $0.outcome { true } else { false } } == items.count / 4)
  }

  @Test("gives each item its own vector or error, in order", arguments: [1, 2, 5])
  func blocking(workerCount: Int) throws {
    try withTemporaryFolder { folder in
      let items = try Self.items(100, in: folder)
      var results: [BatchResult] = []
      try BatchEmbedder(try Self.embedder(), workerCount: workerCount).forEach(in: items) {
        results.append($0)
      }
      Self.expect(results, are: items)
    }
  }

  @Test("is an asynchronous sequence as well")
  func awaiting() async throws {
    let items = (0..<40).map { number in
      BatchItem(
        path: PathBytes("\(number)"), content: .encoded(PNGWriter(Self.picture(number)).file))
    }
    var count = 0
    for await result in try BatchEmbedder(try Self.embedder()).results(of: items) {
      #expect(result.index == count)
      count += 1
    }
    #expect(count == items.count)
  }

  @Test("ends early where the consumer throws")
  func throwing() throws {
    struct Enough: Error {}
    let items = (0..<1000).map { BatchItem(path: PathBytes("\($0)"), content: .encoded([])) }
    var count = 0
    #expect(throws: Enough.self) {
      try BatchEmbedder(try Self.embedder(), workerCount: 2).forEach(in: items) { _ in
        count += 1
        if count == 3 { throw Enough() }
      }
    }
    #expect(count == 3)
  }

  @Test(
    "skips what was found and is no image, unless its name says so",
    arguments: [
      ("notes.txt", true, true), ("photo.jpg", true, false), ("PHOTO.HEIC", true, false),
      ("notes.txt", false, false), ("noname", true, true), ("jpg", true, true),
    ])
  func skipping(name: String, isFound: Bool, isSkipped: Bool) throws {
    for content in [Array("this is a text".utf8), []] {
      try withTemporaryFolder { folder in
        try write(content, to: "\(folder)/\(name)")
        let item = BatchItem(path: PathBytes("\(folder)/\(name)"), isFound: isFound)
        let result = try #require(
          try BatchEmbedder(try Self.embedder()).results(of: [item]).next())
        if case .skipped = result.outcome {
          #expect(isSkipped)
        } else {
          #expect(!isSkipped)
        }
      }
    }
  }

  @Test("says where the time went")
  func durations() throws {
    let item = BatchItem(path: "a", content: .encoded(PNGWriter(Self.picture(1)).file))
    let result = try #require(try BatchEmbedder(try Self.embedder()).results(of: [item]).next())
    #expect(result.durations.decoding > .zero)
    #expect(result.durations.preprocessing > .zero)
    #expect(result.durations.inference > .zero)
  }
}
