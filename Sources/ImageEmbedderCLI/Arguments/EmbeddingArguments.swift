import ArgumentParser
import BatchEmbedding
import EmbedderBatchInputs
import ImageEmbedding

/// The options of every command that embeds.
struct EmbeddingArguments: ParsableArguments {
  @OptionGroup(title: "Model options")
  var model: ModelArguments

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Scale each feature vector to length 1.")
  var l2Normalize = false

  @Flag(help: "Turn each feature vector into signed bytes, -128 to 127.")
  var quantize = false

  @Option(
    name: .customLong("region"), parsing: .unconditional,
    help: ArgumentHelp(
      "Use only this part of each image, in pixels of the upright picture, before --rotation.",
      valueName: "X,Y,W,H"))
  var regionArgument: RegionArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Turn each image clockwise.", valueName: "0|90|180|270"))
  var rotation = RotationArgument(rotation: .none)

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Turn each image upright by its EXIF data or what its format has in place of it.")
  var exif = true

  @Option(
    help: ArgumentHelp(
      "What becomes of transparency: ignored, or laid on white or black.",
      valueName: ChoiceArgument<AlphaTreatment>.names))
  var alpha = ChoiceArgument(AlphaTreatment.drop)

  @Option(
    help: ArgumentHelp(
      "Decode JPEG files fully, or as small as still covers the model's input, or as the Task Library does,"
        + " to the bit.",
      valueName: ChoiceArgument<DecodingQuality>.names))
  var decode = ChoiceArgument(DecodingQuality.exact)

  @Option(
    help: ArgumentHelp(
      "How images are resized: as the Task Library does, or averaged where they shrink.",
      valueName: ChoiceArgument<PreprocessingPreset>.names))
  var preset = ChoiceArgument(PreprocessingPreset.taskLibraryV1)

  @Option(
    name: .customLong("raw"),
    help: ArgumentHelp(
      "Read each file as the packed pixels of one frame; formats: \(Self.pixelFormatNames).",
      valueName: "FORMAT:WxH"))
  var raw: RawArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How raw frames are brought upright, by the numbers of EXIF.", valueName: "1…8"))
  var orientation: OrientationArgument?

  private static let pixelFormatNames =
    PixelFormat.allCases.map { "\($0)" }.joined(separator: ", ")

  @Flag(help: "Run the model in a process of its own, for models that nobody trusts.")
  var isolate = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Refuse images of more than N pixels.", valueName: "N"))
  var maxPixels = DecodingLimits().pixelCount

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Refuse image files of more than N bytes.", valueName: "N"))
  var maxFileBytes = DecodingLimits().fileByteCount

  @Flag(
    help: "Embed what is there of images that are cut short, with a warning, instead of refusing.")
  var allowTruncated = false

  var region: RegionOfInterest? { regionArgument?.region }

  /// How files are to be read that are raw pixels.
  var rawFrame: RawFrameDescription? {
    raw.map { raw in
      RawFrameDescription(
        format: raw.format, width: raw.width, height: raw.height,
        orientation: orientation?.orientation ?? .topLeft)
    }
  }

  /// The images that paths come to, read as the options say.
  func inputList(_ paths: [PathBytes]) -> InputList {
    var list = InputList(paths)
    list.region = region
    list.rawFrame = rawFrame
    list.byteLimit = maxFileBytes
    return list
  }

  func validate() throws {
    if orientation != nil, raw == nil {
      throw ValidationError(
        "--orientation goes with --raw; files have their own, and --rotation turns them")
    }
    for (name, value) in [("--max-pixels", maxPixels), ("--max-file-bytes", maxFileBytes)]
    where value < 1 {
      throw ValidationError("\(name) is \(value); a number from 1 is needed")
    }
  }

  /// Loads the model and makes it ready.
  ///
  /// - Parameters:
  ///   - threadCount: The threads of one inference.
  ///   - computation: What computes in place of what is chosen, if anything.
  /// - Returns: The embedder.
  /// - Throws: ``EmbedderError``, for a model that cannot be used among others.
  func makeEmbedder(
    threadCount: Int, on computation: Computation? = nil
  ) throws(EmbedderError) -> ImageEmbedder {
    var options = model.runtime.options(for: model.source, on: computation)
    options.threadCount = threadCount
    options.l2Normalize = l2Normalize
    options.quantize = quantize
    options.decoding.honorsOrientation = exif
    options.decoding.allowsTruncated = allowTruncated
    options.decoding.limits.pixelCount = maxPixels
    options.decoding.limits.fileByteCount = maxFileBytes
    options.rotation = rotation.rotation
    options.alpha = alpha.choice
    options.decodingQuality = decode.choice
    options.preset = preset.choice
    options.isolation = isolate ? .init(workerPath: ownExecutable()) : nil
    let writesLater = options.accelerator == .gpu && options.isolation == nil
    return try RuntimeLog.hidden(unless: model.verbose, forGood: writesLater) {
      () throws(EmbedderError) in
      try ImageEmbedder(options: options)
    }
  }
}
