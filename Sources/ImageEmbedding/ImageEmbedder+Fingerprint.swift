public import EmbedderEmbeddings
public import EmbedderFrameBuffers
public import EmbedderImageFiles
import EmbedderStorage

extension ImageEmbedder {
  /// What makes this embedder's vectors: the model's SHA-256, the normalization, and every option that
  /// is not at its default.
  ///
  /// The same in every language. Computing it digests a model that is not built in, which takes some
  /// milliseconds for each megabyte.
  public var fingerprint: Fingerprint { fingerprint() }

  /// What makes this embedder's vectors of a part of each image, or of raw frames.
  ///
  /// - Parameters:
  ///   - region: What is used of each image, or `nil` for all of it.
  ///   - rawFrame: How files are read that are raw pixels, or `nil` for image files.
  /// - Returns: The fingerprint.
  public func fingerprint(
    region: RegionOfInterest? = nil, rawFrame: RawFrameDescription? = nil
  ) -> Fingerprint {
    let defaults = Options()
    var settings: [(String, JSONValue)] = [
      ("model_sha256", .string(modelDigest().description))
    ]
    func add(_ name: String, _ value: JSONValue, unless isDefault: Bool) {
      if !isDefault { settings.append((name, value)) }
    }
    if let normalization = modelInfo.normalization {
      // One number stands for three.
      func channels(_ values: [Float]) -> [Float] {
        values.count == 1 ? Array(repeating: values[0], count: 3) : values
      }
      settings.append(
        (
          "normalization",
          Self.settings(mean: channels(normalization.mean), std: channels(normalization.std))
        ))
    }
    add("l2_normalize", .bool(true), unless: !options.l2Normalize)
    add("quantize", .bool(true), unless: !options.quantize)
    add("exif", .bool(false), unless: options.decoding.honorsOrientation)
    add(
      "rotation", .integer(options.rotation.rawValue),
      unless: options.rotation == defaults.rotation)
    if let region { settings.append(("region", Self.settings(of: region))) }
    if let rawFrame { settings.append(("raw", Self.settings(of: rawFrame))) }
    // The first signature by its name is what runs without one.
    let signature = options.signature ?? ""
    add(
      "signature", .string(signature),
      unless: options.signature == nil || signature == modelInfo.file.signatures.first?.name)
    add("pool", .string(options.pooling?.rawValue ?? ""), unless: options.pooling == nil)
    // Flattening, and the layout that the input has too, change nothing.
    let layout = options.mapLayout ?? modelInfo.input?.layout
    add(
      "map_layout", .string(layout?.rawValue ?? ""),
      unless: layout == modelInfo.input?.layout || ![.mean, .max].contains(options.pooling))
    add("alpha", .string(options.alpha.rawValue), unless: options.alpha == defaults.alpha)
    add(
      "decode", .string(options.decodingQuality.rawValue),
      unless: options.decodingQuality == defaults.decodingQuality)
    add("preset", .string(options.preset.rawValue), unless: options.preset == defaults.preset)
    add("allow_truncated", .bool(true), unless: !options.decoding.allowsTruncated)
    add(
      "accelerator", .string(options.accelerator.rawValue),
      unless: options.accelerator == defaults.accelerator)
    add(
      "precision", .string(options.precision.rawValue),
      unless: options.precision == defaults.precision)
    return Fingerprint(settings: settings)
  }

  /// The fingerprint as 0.1.0 computed it, with every setting and the type that was stored, for going on
  /// with what that version wrote.
  package func fingerprintOfFirstVersion(
    region: RegionOfInterest?, rawFrame: RawFrameDescription?, storedType: String
  ) -> Fingerprint {
    var settings: [(String, JSONValue)] = [
      ("model_sha256", .string(modelDigest().description)),
      (
        "normalization",
        modelInfo.normalization.map { Self.settings(mean: $0.mean, std: $0.std) } ?? .null
      ),
      ("l2_normalize", .bool(options.l2Normalize)),
      ("quantize", .bool(options.quantize)),
      ("storage", .string(storedType)),
      ("exif", .bool(options.decoding.honorsOrientation)),
      ("rotation", .integer(options.rotation.rawValue)),
      ("region", region.map(Self.settings) ?? .null),
      ("raw", rawFrame.map(Self.settings) ?? .null),
      ("alpha", .string(options.alpha.rawValue)),
      ("decode", .string(options.decodingQuality.rawValue)),
      ("preset", .string(options.preset.rawValue)),
      ("allow_truncated", .bool(options.decoding.allowsTruncated)),
    ]
    // That version had no other: what it wrote is not gone on with by another.
    if options.accelerator != .cpu {
      settings.append(("accelerator", .string(options.accelerator.rawValue)))
    }
    return Fingerprint(settings: settings)
  }

  private static func settings(mean: [Float], std: [Float]) -> JSONValue {
    .object([
      ("mean", .array(mean.map(JSONValue.float))), ("std", .array(std.map(JSONValue.float))),
    ])
  }

  private static func settings(of region: RegionOfInterest) -> JSONValue {
    .array([region.x, region.y, region.width, region.height].map(JSONValue.integer))
  }

  private static func settings(of frame: RawFrameDescription) -> JSONValue {
    .string("\(frame.format):\(frame.width)x\(frame.height):\(frame.orientation.rawValue)")
  }
}
