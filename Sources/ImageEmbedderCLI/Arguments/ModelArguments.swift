import ArgumentParser
import ImageEmbedding

/// The options that choose and complete a model.
struct ModelArguments: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(kinds, valueName: "PATH|NAME"))
  var nameOrPath = PathArgument(BuiltInModel.efficientNetLite0.rawValue)

  @OptionGroup
  var runtime: RuntimeArguments

  var source: ModelSource { ModelSource(nameOrPath.path) }
  var verbose: Bool { runtime.verbose }

  /// What may be named as a model.
  static let kinds = """
    A TFLite file, a bundle (x.task, or x.task#name.tflite where it holds several), or a built-in \
    model: \(builtInNames).
    """

  static let builtInNames = BuiltInModel.allCases.map(\.rawValue).joined(separator: ", ")
}

/// The options that say how a model is fed and run.
struct RuntimeArguments: ParsableArguments {
  @OptionGroup
  var numbers: NormalizationArguments

  @Option(
    help: ArgumentHelp(
      "The signature of the model to run, where it has several; `info` lists them.",
      valueName: "NAME"))
  var signature: String?

  @Option(
    help: ArgumentHelp(
      "Make one vector of a feature map or of tokens.", valueName: "mean|max|cls|flatten"))
  var pool: ChoiceArgument<Pooling>?

  @Option(
    help: ArgumentHelp(
      "Where a feature map has its channels: last or first; as the input by default.",
      valueName: "nhwc|nchw"))
  var layout: ChoiceArgument<TensorLayout>?

  @Option(help: ArgumentHelp("The LiteRT library to use.", valueName: "PATH"))
  var litert: PathArgument?

  @Option(
    help: ArgumentHelp(
      "What computes: LiteRT on the processor, which gives the reference's numbers, OpenVINO on the"
        + " processor, or a graphics card.",
      valueName: ChoiceArgument<Accelerator>.names))
  var accelerator = ChoiceArgument(Accelerator.cpu)

  @Option(
    help: ArgumentHelp(
      "The numbers it computes in: bfloat16 is faster on some processors, with other vectors, and goes"
        + " with openvino alone.",
      valueName: ChoiceArgument<Precision>.names))
  var precision = ChoiceArgument(Precision.float32)

  @Option(
    help: ArgumentHelp(
      "The accelerator's library to use: libopenvino_c.so.2631, or libLiteRtWebGpuAccelerator.so for gpu.",
      valueName: "PATH"))
  var acceleratorLibrary: PathArgument?

  @Flag(name: .shortAndLong, help: "Show what the engines write, and more of what is done.")
  var verbose = false

  var normalization: Normalization? { numbers.normalization }

  var computation: Computation { Computation(accelerator.choice, in: precision.choice) }

  func validate() throws {
    guard layout == nil || pool != nil else {
      throw ValidationError(
        "--layout goes with --pool, and says where the map that is pooled has its channels")
    }
    guard acceleratorLibrary == nil || accelerator.choice != .cpu else {
      throw ValidationError(
        "--accelerator-library goes with --accelerator openvino or gpu; cpu has none but --litert")
    }
    guard precision.choice == .float32 || accelerator.choice == .openVINO else {
      throw ValidationError(
        "--precision \(precision.choice.rawValue) goes with --accelerator openvino, which alone computes in"
          + " it")
    }
  }

  /// Options for a model, with what is said about it here.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - other: What computes in place of what is chosen; the library that is named is not that of another
  ///     accelerator.
  /// - Returns: The options.
  func options(
    for model: ModelSource, on other: Computation? = nil
  ) -> ImageEmbedder.Options {
    var options = ImageEmbedder.Options(model: model)
    options.normalization = normalization
    options.signature = signature
    options.pooling = pool?.choice
    options.mapLayout = layout?.choice
    options.liteRtPath = litert?.path
    let computation = other ?? computation
    options.accelerator = computation.accelerator
    options.precision = computation.precision
    if options.accelerator == accelerator.choice {
      options.acceleratorLibraryPath = acceleratorLibrary?.path
    }
    return options
  }
}
