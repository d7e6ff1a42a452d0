import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Image embedder", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct ImageEmbedderTests {
  @Test("tells its heads' names, sizes and types")
  func heads() throws {
    let embedder = try makeEmbedder("heads_abc")
    #expect(embedder.heads.map(\.index) == [0, 1, 2])
    #expect(embedder.heads.map(\.name) == ["head_a", "head_b", "head_c"])
    #expect(embedder.heads.map(\.dimension) == [144, 24, 12])
    #expect(embedder.heads.map(\.elementType) == [.float32, .uint8, .float32])
    #expect(embedder.outputLayerCount == 3)
    #expect((-1...3).map { embedder.embeddingDimension(of: $0) } == [nil, 144, 24, 12, nil])
    #expect(embedder.embeddingDimension(of: .max) == nil)
    #expect(embedder.embeddingDimension(of: .min) == nil)
    let frame = try PixelImage(patternOfWidth: 8, height: 6, channels: 3).frame()
    let result = try embedder.embed(frame)
    #expect(result.embeddings.map(\.headName) == ["head_a", "head_b", "head_c"])
    #expect(result.embeddings.map(\.headIndex) == [0, 1, 2])
    #expect(result.embeddings.map(\.featureVector.count) == [144, 24, 12])
  }

  @Test("leaves heads without metadata nameless")
  func namelessHeads() throws {
    let embedder = try makeEmbedder("heads_no_metadata")
    #expect(embedder.heads.map(\.name) == [nil, nil])
    #expect(embedder.heads.map(\.dimension) == [144, 24])
  }

  @Test(
    "takes the sizes of heads from what the model really does, not from what it declares",
    arguments: [("output_declared_too_small", 2304), ("output_declared_too_large", 144)])
  func declaredSizes(model: String, dimension: Int) throws {
    #expect(try makeEmbedder(model).embeddingDimension(of: 0) == dimension)
  }

  @Test("uses the built-in float model unless told otherwise")
  func defaults() throws {
    let embedder = try BuiltInEmbedders.embedder(.efficientNetLite0)
    #expect(embedder.options == ImageEmbedder.Options())
    #expect(embedder.options.model == .builtIn(.efficientNetLite0))
    #expect(embedder.options.threadCount == 1)
    #expect(!embedder.options.l2Normalize && !embedder.options.quantize)
    #expect(embedder.options.decoding.honorsOrientation)
    #expect(embedder.options.rotation == .none)
    #expect(embedder.heads.map(\.name) == ["feature_vector"])
    #expect(embedder.heads.map(\.dimension) == [1280])
  }

  @Test("is made of a path, of a built-in name, and of a model's bytes alike")
  func sources() throws {
    let path = Fixtures.model("identity_uint8_8x6")
    let frame = try PixelImage(patternOfWidth: 20, height: 10, channels: 3).frame()
    let fromPath = try ImageEmbedder(modelPath: path)
    let fromBytes = try ImageEmbedder(options: .init(model: .bytes(contents(of: path))))
    #expect(try fromPath.pixels(frame) == fromBytes.pixels(frame))
    #expect(fromPath.modelInfo.source == .file(path: path))
    #expect(fromPath.modelInfo.file == fromBytes.modelInfo.file)
    let builtIn = try ImageEmbedder(modelPath: "efficientnet-lite0-int8")
    #expect(builtIn.modelInfo.source == .builtIn(.efficientNetLite0Int8))
  }

  @Test(
    "gives a stored frame and its upright copy one vector", arguments: Orientation.allCases, [3, 4])
  func uprightCopy(orientation: Orientation, channels: Int) throws {
    var generator = SeededGenerator(seed: UInt64(orientation.rawValue))
    let embedder = try BuiltInEmbedders.embedder(.efficientNetLite0Int8)
    // Of the input's size: libyuv rounds rows and columns differently where it resizes.
    let stored = PixelImage(
      randomOfWidth: 224, height: 224, channels: channels, using: &generator)
    let upright = stored.upright(exifOrientation: Int(orientation.rawValue))
    #expect(try embedder.floats(stored.frame(orientation)) == embedder.floats(upright.frame()))
  }

  @Test("does not need its model's file once it is made")
  func modelFileChanges() throws {
    let frame = try PixelImage(patternOfWidth: 8, height: 6, channels: 3).frame()
    try withTemporaryFolder { folder in
      let path = "\(folder)/model.tflite"
      try write(contents(of: Fixtures.model("identity_uint8_8x6")), to: path)
      let embedder = try ImageEmbedder(modelPath: path)
      let before = try embedder.pixels(frame)
      try write(Array(repeating: 0, count: 10), to: path)
      #expect(try embedder.pixels(frame) == before)
    }
  }

  @Test("gives the same vector for any number of threads", arguments: [-1, 0, 1, 2, 100_000, .max])
  func threadCounts(threadCount: Int) throws {
    let image = PixelImage(patternOfWidth: 300, height: 200, channels: 3)
    var options = ImageEmbedder.Options()
    options.threadCount = threadCount
    let found = try ImageEmbedder(options: options).floats(image.frame())
    let expected = try BuiltInEmbedders.embedder(.efficientNetLite0).floats(image.frame())
    #expect(difference(found, expected) == nil)
  }

  @Test("refuses thread counts below -1", arguments: [-2, -100, .min])
  func invalidThreadCounts(threadCount: Int) {
    #expect {
      try makeEmbedder("identity_uint8_8x6") { $0.threadCount = threadCount }
    } throws: { error in
      guard case .invalidOption(_, found: "\(threadCount)", _) = error as? EmbedderError else {
        return false
      }
      return (error as? EmbedderError)?.code == .invalidArgument
    }
  }

  @Test("reads frames without copying them, rows padded or not", arguments: [3, 4], [0, 9])
  func views(channels: Int, padding: Int) throws {
    let image = PixelImage(patternOfWidth: 20, height: 15, channels: channels)
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let bytes = image.padded(by: padding)
    var view = try FrameView(
      bytes: unsafe bytes.span.bytes, width: 20, height: 15, format: channels == 4 ? .rgba : .rgb,
      rowStride: 20 * channels + padding)
    let region = RegionOfInterest(x: 9, y: 4, width: 8, height: 6)
    let cropped = image.cropped(x: 9, y: 4, width: 8, height: 6).withoutAlpha()
    #expect(try embedder.embed(view, in: region).pixels == cropped.bytes)
    #expect(try embedder.embed(view).pixels == embedder.pixels(image.frame()))
    view.orientation = .bottomRight
    let turned = cropped.upright(exifOrientation: 3)
    #expect(try embedder.embed(view, in: region).pixels == turned.bytes)
  }

  @Test("takes gray and YUV frames")
  func otherFormats() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let gray = PixelImage(patternOfWidth: 8, height: 6, channels: 1)
    let frame = try FrameBuffer(bytes: gray.bytes, width: 8, height: 6, format: .gray)
    #expect(try embedder.pixels(frame) == gray.bytes.flatMap { [$0, $0, $0] })
    // Without colour (chroma 128), limited range: 16 is black and 235 is white.
    for format in [PixelFormat.nv12, .nv21, .yv12, .yv21] {
      for (luma, level) in [(UInt8(16), UInt8(0)), (235, 255), (0, 0), (255, 255)] {
        let bytes = Array(repeating: luma, count: 48) + Array(repeating: 128, count: 24)
        let frame = try FrameBuffer(bytes: bytes, width: 8, height: 6, format: format)
        #expect(Set(try embedder.pixels(frame)) == [level])
      }
    }
  }

  @Test("lays transparent pictures on a backdrop when told to", arguments: AlphaTreatment.allCases)
  func alpha(treatment: AlphaTreatment) throws {
    let embedder = try makeEmbedder("identity_uint8_1x1") { $0.alpha = treatment }
    let pixel = PixelImage(width: 1, height: 1, channels: 4, bytes: [100, 0, 255, 0])
    let expected: [AlphaTreatment: [UInt8]] = [
      .drop: [100, 0, 255], .white: [255, 255, 255], .black: [0, 0, 0],
    ]
    #expect(try embedder.pixels(pixel.frame()) == expected[treatment])
  }

  @Test("is not disturbed by calls that fail")
  func recovery() throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let image = PixelImage(patternOfWidth: 30, height: 20, channels: 3)
    let frame = try image.frame()
    let before = try embedder.pixels(frame)
    for region in [
      RegionOfInterest(x: 0, y: 0, width: 31, height: 1),
      RegionOfInterest(x: -1, y: 0, width: 1, height: 1),
      RegionOfInterest(x: .max, y: .max, width: .max, height: .max),
      RegionOfInterest(x: 0, y: 0, width: 0, height: 0),
    ] {
      let expected = EmbedderError.preprocessing(
        .frame(.regionOutside(region, width: 30, height: 20)))
      #expect(throws: expected) { try embedder.embed(frame, in: region) }
      #expect(expected.code == .invalidArgument)
      #expect(try embedder.pixels(frame) == before)
    }
    #expect(throws: EmbedderError.self) { try embedder.embed(contentsOf: "/missing") }
    #expect(try embedder.pixels(frame) == before)
  }

  @Test("gives each of many tasks its own image's vector")
  func concurrency() async throws {
    let embedder = try makeEmbedder("identity_uint8_32x24")
    var generator = SeededGenerator(seed: 21)
    let images = [(32, 24, 3), (50, 70, 3), (9, 5, 4), (400, 300, 3), (31, 24, 4)].map {
      PixelImage(randomOfWidth: $0.0, height: $0.1, channels: $0.2, using: &generator)
    }
    let expected = try images.map { image in
      try makeEmbedder("identity_uint8_32x24").pixels(image.frame())
    }
    #expect(Set(expected).count == images.count)
    try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for number in 0..<200 {
        let index = number % images.count
        let image = images[index]
        group.addTask { (index, try embedder.pixels(image.frame())) }
      }
      for try await (index, pixels) in group {
        #expect(difference(pixels, expected[index]) == nil)
      }
    }
  }

  @Test("works beside others of the same model")
  func severalEmbedders() async throws {
    let image = PixelImage(patternOfWidth: 100, height: 80, channels: 3)
    let expected = try BuiltInEmbedders.embedder(.efficientNetLite0Int8).floats(image.frame())
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<3 {
        group.addTask {
          let embedder = try ImageEmbedder(options: .init(model: .builtIn(.efficientNetLite0Int8)))
          return try embedder.floats(image.frame())
        }
      }
      for try await vector in group { #expect(difference(vector, expected) == nil) }
    }
  }
}
