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
  private(set) var input: ImageInput?
  /// The normalization in force, whether or not the input's type uses it.
  private(set) var normalization: Normalization?

  /// Reviews a model.
  ///
  /// - Parameters:
  ///   - file: The model.
  ///   - editError: Why what has to be changed for the runtime cannot be.
  ///   - options: What the caller says about the model.
  init(of file: ModelFile, editError: MetadataError?, _ options: ImageEmbedder.Options) {
    reviewMetadata(file, options.normalization)
    reviewInput(file, options.normalization)
    reviewOutputs(file, options)
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
      "an input of the shape [1, height, width, 3] or [1, 3, height, width]",
      unless: shape.count != 4,
      .inputRank(shape: shape), given: isSingle)

    let type = input?.elementType ?? .uint8
    let isKnownType = require(
      "uint8, int8 or float32 input", unless: ![.uint8, .int8, .float32].contains(type),
      .inputType(type), given: isSingle)
    var colorSpace = ColorSpace.rgb
    if case .image(let stated) = file.metadata?.inputs?.first?.content { colorSpace = stated }
    require(
      "RGB by the metadata, if they say", unless: colorSpace != .rgb, .inputColorSpace(colorSpace))
    let layout = input?.imageLayout
    let isImage = require(
      "images of three channels", unless: layout == nil, .inputShape(shape),
      given: isFourDimensional)
    require(
      "normalization for float32 and int8 input, by the metadata or by --mean and --std",
      unless: type != .uint8 && normalization == nil, .missingNormalization(type),
      given: isKnownType && isSingle)
    require(
      "no --mean and --std for uint8 input", unless: type == .uint8 && given != nil,
      .needlessNormalization, given: isKnownType && isSingle)
    let axes = layout ?? .nhwc
    require(
      "a positive height and width",
      unless: isImage
        && min(shape[0], shape[axes.heightAxis], shape[axes.widthAxis]) < 1,
      .emptyInput(shape: shape), given: isImage)
    let quantization = input?.quantization
    let hasUsableScale = quantization.map { $0.scale.isFinite && $0.scale != 0 } ?? false
    require(
      "quantization parameters for int8 input", unless: type == .int8 && !hasUsableScale,
      .missingInputQuantization, given: isKnownType && isSingle)

    let encoding: PixelEncoding? =
      switch (type, normalization, quantization) {
      case (.uint8, _, _): .uint8
      case (.float32, let normalization?, _): .float32(normalization)
      case (.int8, let normalization?, let quantization?):
        .int8(normalization, scale: quantization.scale, zeroPoint: Int(quantization.zeroPoint))
      default: nil
      }
    if let input, let layout, let encoding {
      self.input = ImageInput(
        tensor: input, layout: layout, encoding: encoding, batch: input.fixedBatch)
    }
  }

  private mutating func reviewOutputs(_ file: ModelFile, _ options: ImageEmbedder.Options) {
    require("at least one output", unless: file.outputs.isEmpty, .noOutputs)
    let input = file.inputs.first
    // Converters trace an open batch with some number of images, which outputs may keep in the file.
    let batch = input?.isDynamic(axis: 0) ?? false ? nil : input?.fixedBatch
    let layout = options.mapLayout ?? input?.imageLayout ?? .nhwc
    var isPooled = false
    for (index, output) in file.outputs.enumerated() {
      // What stands in the file for an open extent is a placeholder.
      let form = OutputForm(output, batch: batch, layout: layout)
      review(output, index, form, batch: batch, options.pooling)
      isPooled = isPooled || form != .vector || output.isOpen
    }
    if options.pooling != nil {
      require("a map or tokens for --pool", unless: !isPooled, .needlessPooling)
    }
  }

  private mutating func review(
    _ output: TensorDescription, _ index: Int, _ form: OutputForm, batch: Int?, _ pooling: Pooling?,
    mayGrow: Bool = false
  ) {
    let shape = output.shape
    let isSpread = form != .vector && form != .other
    // In the reference's order: the middle extents, the rank, the batch, the type.
    require(
      "a vector as output \(index), or what --pool makes one of",
      unless: isSpread && pooling == nil,
      .outputIsNotAVector(index: index, shape: shape))
    if let pooling {
      require(
        "what --pool \(pooling.rawValue) fits as output \(index)",
        unless: isSpread && (!form.takes(pooling) || (mayGrow && pooling == .flatten)),
        .pooling(pooling, index: index, shape: shape, isOpen: mayGrow))
    }
    let isOfBatch = shape.count < 2 || output.isOf(batch: batch)
    let isKnownRank = require(
      "output \(index) of at most four axes, [N] to [1, 1, 1, N]",
      unless: form == .other && isOfBatch, .outputRank(index: index, shape: shape))
    require(
      "one vector for each image as output \(index)", unless: isKnownRank && !isOfBatch,
      .outputBatch(index: index, shape: shape), given: isKnownRank)
    require(
      "at least one component in output \(index)", unless: shape.contains(0),
      .emptyOutput(index: index, shape: shape), given: isKnownRank)
    require(
      "uint8, int8 or float32 output \(index)",
      unless: ![.uint8, .int8, .float32].contains(output.elementType),
      .outputType(index: index, output.elementType))
  }

  private init() {}

  /// Why an output of known shape gives no feature vector.
  static func error(
    of head: ImageEmbedder.Head, _ output: TensorDescription, batch: Int, _ pooling: Pooling?,
    mayGrow: Bool
  ) -> ModelError? {
    var review = ModelReview()
    review.review(output, head.index, head.form, batch: batch, pooling, mayGrow: mayGrow)
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
