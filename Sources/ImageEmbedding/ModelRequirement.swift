/// One thing that a model must be or have, and whether this one does.
public struct ModelRequirement: Hashable, Sendable {
  /// Whether a requirement is met.
  public enum Outcome: Hashable, Sendable {
    /// It is.
    case met
    /// It is not.
    case unmet(ModelError)
    /// It cannot be told, because an earlier requirement is not met.
    case unknown
  }

  /// What is required, as a noun phrase.
  public let summary: String

  /// Whether it is met.
  public let outcome: Outcome
}

/// A model file held against every requirement, in the reference's order.
struct ModelReview {
  private(set) var requirements: [ModelRequirement] = []
  /// How pixels enter, once everything about the input is met.
  private(set) var encoding: PixelEncoding?
  /// The normalization in force, whether or not the input's type uses it.
  private(set) var normalization: Normalization?

  /// Reviews a model.
  ///
  /// - Parameters:
  ///   - file: The model.
  ///   - editError: Why what has to be changed for the runtime cannot be.
  ///   - given: What the caller gives in place of the metadata's.
  init(of file: ModelFile, editError: MetadataError?, normalization given: Normalization?) {
    reviewMetadata(file, given)
    reviewInput(file, given)
    reviewOutputs(file)
    let defect = file.structuralDefect ?? editError
    require(
      "parts that agree with each other", unless: defect != nil,
      .structure(defect ?? .missing(part: "defect")))
  }

  private mutating func reviewMetadata(_ file: ModelFile, _ given: Normalization?) {
    let inputs = file.metadata?.inputs
    let isDescribed = require(
      "metadata for one input, if any", unless: inputs.map { $0.count != 1 } ?? false,
      .inputMetadataCount(inputs?.count ?? 0))
    let input = isDescribed ? inputs?.first : nil
    let content = input?.content ?? .none
    let isImage = if case .image = content { true } else { content == .none }
    require(
      "an image as input by the metadata, if they say", unless: !isImage,
      .inputIsNotAnImage(content), given: isDescribed)

    let units = input?.normalizations ?? []
    require(
      "at most one normalization in the metadata", unless: units.count > 1,
      .severalNormalizations(units.count), given: isDescribed)
    var error: NormalizationError?
    var stated: Normalization?
    if let unit = units.first, units.count == 1 {
      do {
        stated = try Normalization(mean: unit.mean, std: unit.std)
      } catch let thrown {
        error = thrown
      }
    }
    require(
      "a usable normalization in the metadata, if any", unless: error != nil,
      .normalization(error ?? .zeroStd), given: isDescribed && units.count <= 1)
    normalization = given ?? stated
  }

  private mutating func reviewInput(_ file: ModelFile, _ given: Normalization?) {
    let isSingle = require(
      "one input", unless: file.inputs.count != 1, .inputCount(file.inputs.count))
    let input = file.inputs.first
    // What stands in the file for an open extent is a placeholder.
    let shape = input?.shape(openExtent: 1) ?? []
    let isFourDimensional = require(
      "an input of the shape [1, height, width, 3]", unless: shape.count != 4,
      .inputRank(shape: shape), given: isSingle)

    let type = input?.elementType ?? .uint8
    let isKnownType = require(
      "uint8, int8 or float32 input", unless: ![.uint8, .int8, .float32].contains(type),
      .inputType(type), given: isSingle)
    var colorSpace = ColorSpace.rgb
    if case .image(let stated) = file.metadata?.inputs?.first?.content { colorSpace = stated }
    require(
      "RGB by the metadata, if they say", unless: colorSpace != .rgb, .inputColorSpace(colorSpace))
    require(
      "one image of three channels at a time",
      unless: isFourDimensional && (shape[0] != 1 || shape[3] != 3), .inputShape(shape),
      given: isFourDimensional)
    require(
      "normalization for float32 and int8 input, by the metadata or by --mean and --std",
      unless: type != .uint8 && normalization == nil, .missingNormalization(type),
      given: isKnownType && isSingle)
    require(
      "no --mean and --std for uint8 input", unless: type == .uint8 && given != nil,
      .needlessNormalization, given: isKnownType && isSingle)
    require(
      "a positive height and width", unless: isFourDimensional && min(shape[1], shape[2]) < 1,
      .emptyInput(shape: shape), given: isFourDimensional)
    let quantization = input?.quantization
    let hasUsableScale = quantization.map { $0.scale.isFinite && $0.scale != 0 } ?? false
    require(
      "quantization parameters for int8 input", unless: type == .int8 && !hasUsableScale,
      .missingInputQuantization, given: isKnownType && isSingle)

    switch (type, normalization, quantization) {
    case (.uint8, _, _):
      encoding = .uint8
    case (.float32, let normalization?, _):
      encoding = .float32(normalization)
    case (.int8, let normalization?, let quantization?):
      encoding = .int8(
        normalization, scale: quantization.scale, zeroPoint: Int(quantization.zeroPoint))
    default:
      encoding = nil
    }
  }

  private mutating func reviewOutputs(_ file: ModelFile) {
    require("at least one output", unless: file.outputs.isEmpty, .noOutputs)
    for (index, output) in file.outputs.enumerated() { review(output, index) }
  }

  private mutating func review(_ output: TensorDescription, _ index: Int) {
    let shape = output.shape
    // What stands in the file for an open extent is a placeholder.
    func isOne(_ axis: Int) -> Bool { shape[axis] == 1 || output.isDynamic(axis: axis) }
    // In the reference's order: the middle extents, the rank, the batch, the type.
    require(
      "a vector as output \(index)", unless: shape.count == 4 && (!isOne(1) || !isOne(2)),
      .outputIsNotAVector(index: index, shape: shape))
    let isKnownRank = require(
      "output \(index) of the shape [1, N] or [1, 1, 1, N]",
      unless: shape.count != 2 && shape.count != 4, .outputRank(index: index, shape: shape))
    require(
      "one vector at a time as output \(index)", unless: isKnownRank && !isOne(0),
      .outputBatch(index: index, shape: shape), given: isKnownRank)
    require(
      "at least one component in output \(index)", unless: shape.last == 0,
      .emptyOutput(index: index, shape: shape), given: isKnownRank)
    require(
      "uint8, int8 or float32 output \(index)",
      unless: ![.uint8, .int8, .float32].contains(output.elementType),
      .outputType(index: index, output.elementType))
  }

  private init() {}

  /// Why an output of known shape is no feature vector.
  static func error(ofOutput index: Int, _ output: TensorDescription) -> ModelError? {
    var review = ModelReview()
    review.review(output, index)
    return review.requirements.firstError
  }

  /// Notes a requirement; returns whether it is known to be met.
  @discardableResult
  private mutating func require(
    _ summary: String, unless isViolated: Bool, _ error: ModelError, given isKnown: Bool = true
  ) -> Bool {
    let outcome: ModelRequirement.Outcome =
      if !isKnown { .unknown } else if isViolated { .unmet(error) } else { .met }
    requirements.append(ModelRequirement(summary: summary, outcome: outcome))
    return outcome == .met
  }
}

extension [ModelRequirement] {
  /// The first requirement that is not met.
  var firstError: ModelError? {
    for requirement in self {
      if case .unmet(let error) = requirement.outcome { return error }
    }
    return nil
  }
}
