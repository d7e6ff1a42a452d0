import ImageEmbedding

/// What made some vectors.
///
/// That is the model, and everything that decides what it is fed and what becomes of its output. Vectors
/// of different fingerprints must not be compared.
struct Fingerprint {
  /// The settings, for people.
  let settings: JSONValue

  /// The settings in one word: their SHA-256.
  let digest: String

  init(of embedder: ImageEmbedder, _ arguments: EmbeddingArguments, storage type: ComponentType) {
    let options = embedder.options
    let normalization = embedder.modelInfo.normalization.map { normalization in
      JSONValue.object([
        ("mean", .array(normalization.mean.map(JSONValue.float))),
        ("std", .array(normalization.std.map(JSONValue.float))),
      ])
    }
    let region = arguments.region.map { region in
      JSONValue.array([region.x, region.y, region.width, region.height].map(JSONValue.integer))
    }
    let raw = arguments.rawFrame.map { frame in
      JSONValue.string(
        "\(frame.format):\(frame.width)x\(frame.height):\(frame.orientation.rawValue)")
    }
    settings = .object([
      ("model_sha256", .string(embedder.modelDigest().description)),
      ("normalization", normalization ?? .null),
      ("l2_normalize", .bool(options.l2Normalize)),
      ("quantize", .bool(options.quantize)),
      ("storage", .string(type.rawValue)),
      ("exif", .bool(options.decoding.honorsOrientation)),
      ("rotation", .integer(options.rotation.rawValue)),
      ("region", region ?? .null),
      ("raw", raw ?? .null),
      ("alpha", .string(options.alpha.rawValue)),
      ("decode", .string(options.decodingQuality.rawValue)),
      ("preset", .string(options.preset.rawValue)),
      ("allow_truncated", .bool(options.decoding.allowsTruncated)),
    ])
    let text = Array(settings.description.utf8)
    digest = unsafe SHA256Digest(of: text.span.bytes).description
  }
}
