package import EmbedderFrameBuffers
package import EmbedderImageFiles
import EmbedderModelMetadata
import EmbedderPreprocessing
import EmbedderStorage

/// What a fingerprint stands for, read back, so that further vectors can be made the same way.
package struct RecordedSettings: Sendable {
  /// Why settings cannot be followed.
  package struct Defect: Error, Hashable, CustomStringConvertible {
    /// What was found, as the end of a sentence about the settings.
    package let description: String
  }

  /// The model's SHA-256, in hexadecimal digits.
  package let modelDigest: String
  /// What is used of each image.
  package private(set) var region: RegionOfInterest?
  /// How files are read, where they are raw pixels.
  package private(set) var rawFrame: RawFrameDescription?
  /// All options but the model.
  package private(set) var options = ImageEmbedder.Options()

  private let members: [(String, JSONValue)]

  /// Reads the settings of a fingerprint, also one of 0.1.0.
  ///
  /// - Parameter text: The settings as JSON.
  /// - Throws: ``Defect`` for what is no settings, or names one that is unknown here.
  package init(_ text: String) throws(Defect) {
    guard case .object(let members)? = JSONValue(parsing: text.utf8),
      let modelDigest = members.first(where: { $0.0 == "model_sha256" })?.1.text
    else { throw Defect(description: "none says which model made the vectors") }
    self.members = members
    self.modelDigest = modelDigest
    for (name, value) in members {
      guard try take(name, value) else {
        throw Defect(
          description: "\(quoted(name)) is \(value), which this version does not know")
      }
    }
  }

  /// Takes one setting; returns whether it is known.
  private mutating func take(_ name: String, _ value: JSONValue) throws(Defect) -> Bool {
    // 0.1.0 wrote null for what was not there.
    if case .null = value { return ["normalization", "region", "raw"].contains(name) }
    switch name {
    case "model_sha256", "storage": return true
    case "normalization": return setNormalization(value)
    case "l2_normalize": return value.set(&options.l2Normalize)
    case "quantize": return value.set(&options.quantize)
    case "exif": return value.set(&options.decoding.honorsOrientation)
    case "allow_truncated": return value.set(&options.decoding.allowsTruncated)
    case "rotation":
      guard let rotation = value.integer.flatMap(Rotation.init(rawValue:)) else { return false }
      options.rotation = rotation
      return true
    case "signature":
      options.signature = value.text
      return value.text != nil
    case "pool": return value.set(&options.pooling)
    case "map_layout": return value.set(&options.mapLayout)
    case "alpha": return value.set(&options.alpha)
    case "decode": return value.set(&options.decodingQuality)
    case "preset": return value.set(&options.preset)
    case "accelerator": return value.set(&options.accelerator)
    case "precision": return value.set(&options.precision)
    case "region": return setRegion(value)
    case "raw": return setRawFrame(value)
    default: return false
    }
  }

  private mutating func setNormalization(_ value: JSONValue) -> Bool {
    func numbers(_ name: String) -> [Float]? {
      value[name]?.elements?.map { $0.float ?? .nan }
    }
    guard let mean = numbers("mean"), let std = numbers("std"),
      let normalization = try? Normalization(mean: mean, std: std)
    else { return false }
    options.normalization = normalization
    return true
  }

  private mutating func setRegion(_ value: JSONValue) -> Bool {
    guard let numbers = value.elements?.compactMap(\.integer), numbers.count == 4 else {
      return false
    }
    region = RegionOfInterest(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    return true
  }

  private mutating func setRawFrame(_ value: JSONValue) -> Bool {
    // FORMAT:WIDTHxHEIGHT:ORIENTATION
    let parts = (value.text ?? "").split(separator: ":")
    guard parts.count == 3,
      let format = PixelFormat.allCases.first(where: { "\($0)" == parts[0] }),
      let orientation = UInt8(parts[2]).flatMap(Orientation.init(rawValue:))
    else { return false }
    let sides = parts[1].split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2 else { return false }
    rawFrame = RawFrameDescription(
      format: format, width: sides[0], height: sides[1], orientation: orientation)
    return true
  }

  /// Whether an embedder makes vectors of these settings.
  ///
  /// - Parameters:
  ///   - embedder: The embedder.
  ///   - fingerprint: What the settings' own fingerprint is, of either version.
  /// - Returns: Whether its vectors can be compared with those of these settings.
  package func areMet(by embedder: ImageEmbedder, fingerprint: String) -> Bool {
    let own = embedder.fingerprint(region: region, rawFrame: rawFrame)
    if own.description == fingerprint { return true }
    guard let type = members.first(where: { $0.0 == "storage" })?.1.text else { return false }
    return fingerprint
      == embedder.fingerprintOfFirstVersion(
        region: region, rawFrame: rawFrame, storedType: type
      ).description
  }
}

extension JSONValue {
  fileprivate func set(_ target: inout Bool) -> Bool {
    guard case .bool(let value) = self else { return false }
    target = value
    return true
  }

  fileprivate func set<Choice: RawRepresentable<String>>(_ target: inout Choice) -> Bool {
    guard let value = text.flatMap(Choice.init(rawValue:)) else { return false }
    target = value
    return true
  }

  fileprivate func set<Choice: RawRepresentable<String>>(_ target: inout Choice?) -> Bool {
    guard let value = text.flatMap(Choice.init(rawValue:)) else { return false }
    target = value
    return true
  }

  /// The value of any number.
  fileprivate var float: Float? {
    switch self {
    case .integer(let value): Float(value)
    case .number(let value): Float(value)
    case .float(let value): value
    default: nil
    }
  }
}
