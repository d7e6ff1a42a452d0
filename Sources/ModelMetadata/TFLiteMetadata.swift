/// What a model says about itself: the parts of the TFLite metadata that an image embedder uses.
public struct TFLiteMetadata: Hashable, Sendable {
  /// The model's name.
  public var name: String?
  /// What the model does.
  public var description: String?
  /// The version, in whatever form its author chose.
  public var version: String?
  /// Who made it.
  public var author: String?
  /// The licence, by name or as its whole text.
  public var license: String?
  /// The oldest metadata parser that understands everything; information only.
  public var minimumParserVersion: String?
  /// The files that the model carries along, of the model and of its tensors.
  public var associatedFiles: [AssociatedFile] = []
  /// The inputs of the graph that is run, or `nil` where the metadata does not describe it.
  public var inputs: [TensorMetadata]?
  /// The outputs of that graph.
  public var outputs: [TensorMetadata] = []
}

/// A file inside the model file, such as a list of labels.
public struct AssociatedFile: Hashable, Sendable {
  /// The file's name in the archive.
  public let name: String
  /// What it is for.
  public let description: String?
}

/// What a model says about one of its tensors.
public struct TensorMetadata: Hashable, Sendable {
  /// The tensor's name for humans and programs; outputs are known by it.
  public var name: String?
  /// What the tensor holds.
  public var description: String?
  /// The kind of content.
  public var content = ContentProperties.none
  /// The normalization units, in order; a well-made image input has at most one.
  public var normalizations: [NormalizationUnit] = []
}

/// The kinds of content that the metadata knows.
@nonexhaustive
public enum ContentProperties: Hashable, Sendable {
  /// No kind is stated.
  case none
  /// Numbers without further meaning.
  case feature
  /// An image in a colour space.
  case image(ColorSpace)
  /// Bounding boxes.
  case boundingBox
  /// Sound.
  case audio
  /// A kind newer than this reader.
  case unknown(UInt8)
}

extension ContentProperties: CustomStringConvertible {
  /// The kind in words, for the end of a sentence.
  public var description: String {
    switch self {
    case .none: "nothing in particular"
    case .feature: "features"
    case .image(.rgb): "an RGB image"
    case .image(.grayscale): "a grayscale image"
    case .image(.unknown): "an image"
    case .image(.other(let number)): "an image in the colour space \(number)"
    case .boundingBox: "bounding boxes"
    case .audio: "sound"
    case .unknown(let number): "content of the kind \(number)"
    }
  }
}

/// The colour spaces that the metadata knows.
@nonexhaustive
public enum ColorSpace: Hashable, Sendable {
  /// Not stated, which is the schema's default.
  case unknown
  /// Red, green, blue.
  case rgb
  /// One channel.
  case grayscale
  /// A colour space newer than this reader.
  case other(Int8)
}

/// Normalization as the metadata states it, not yet judged: any number of values.
public struct NormalizationUnit: Hashable, Sendable {
  /// What is subtracted, for all channels or for each.
  public let mean: [Float]
  /// What the difference is divided by, likewise.
  public let std: [Float]

  /// States a normalization.
  package init(mean: [Float], std: [Float]) {
    self.mean = mean
    self.std = std
  }

  // By bits: a value that is no number is the one that a copy has.
  private var bits: [[UInt32]] { [mean.map(\.bitPattern), std.map(\.bitPattern)] }

  /// Whether two state the same, to the bit.
  public static func == (first: NormalizationUnit, second: NormalizationUnit) -> Bool {
    first.bits == second.bits
  }

  /// Adds the values to a hash.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(bits)
  }
}
