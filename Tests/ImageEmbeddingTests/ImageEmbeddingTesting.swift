import EmbedderTestSupport
import ImageEmbedding
import Testing

/// Why tests that need the runtime may be skipped.
let runtimeMissing: Comment = "the LiteRT library is missing; run scripts/setup"

/// Why tests that need photographs may be skipped.
let photographsMissing: Comment = "the photographs are missing; run scripts/setup"

/// An embedder of one of the small models.
func makeEmbedder(
  _ model: String, _ configure: (inout ImageEmbedder.Options) -> Void = { _ in }
) throws(EmbedderError) -> ImageEmbedder {
  var options = ImageEmbedder.Options(model: .file(path: Fixtures.model(model)))
  configure(&options)
  return try ImageEmbedder(options: options)
}

extension ImageEmbedder.Options {
  /// Options for a model with a normalization.
  init(model: ModelSource, normalization: Normalization) {
    self.init(model: model)
    self.normalization = normalization
  }
}

extension ModelInfo {
  /// What is known of a model with nothing said about it but a normalization.
  init(of model: ModelSource, normalization: Normalization? = nil) throws(EmbedderError) {
    var options = ImageEmbedder.Options(model: model)
    options.normalization = normalization
    try self.init(of: options)
  }
}

extension PixelImage {
  /// The image as a frame of the product.
  func frame(_ orientation: Orientation = .topLeft) throws(FrameBufferError) -> FrameBuffer {
    try FrameBuffer(
      bytes: bytes, width: width, height: height, format: channels == 4 ? .rgba : .rgb,
      orientation: orientation)
  }
}

extension GoldenFrame {
  /// The region as the product's type.
  var regionOfInterest: RegionOfInterest? {
    region.map { RegionOfInterest(x: $0[0], y: $0[1], width: $0[2], height: $0[3]) }
  }
}

extension ImageEmbedder {
  /// The first head's components as floats.
  func floats(
    _ frame: FrameBuffer, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> [Float] {
    try embed(frame, in: region).embeddings[0].featureVector.floats ?? []
  }

  /// What an identity model of uint8 makes of a frame: the pixels that reached it.
  func pixels(
    _ frame: FrameBuffer, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> [UInt8] {
    try embed(frame, in: region).pixels
  }
}

extension EmbeddingResult {
  /// The bytes that an identity model of uint8 gives.
  var pixels: [UInt8] { (embeddings[0].featureVector.floats ?? []).map { UInt8($0) } }
}

/// The built-in models, compiled once for all tests.
enum BuiltInEmbedders {
  private static let float = Result { () throws(EmbedderError) in try ImageEmbedder() }
  private static let int8 = Result { () throws(EmbedderError) in
    try ImageEmbedder(options: .init(model: .builtIn(.efficientNetLite0Int8)))
  }

  static func embedder(_ model: BuiltInModel) throws -> ImageEmbedder {
    switch model {
    case .efficientNetLite0: try float.get()
    case .efficientNetLite0Int8: try int8.get()
    }
  }
}
