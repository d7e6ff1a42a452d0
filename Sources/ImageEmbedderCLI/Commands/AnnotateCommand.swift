import ArgumentParser
import ImageEmbedding

struct AnnotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "annotate",
    abstract: "Writes metadata, such as the normalization, into a copy of a model.",
    usage: "image-embedder annotate <model> <out> <options>",
    discussion: """
      What is not given stays as the model has it; an empty text takes away what it
      has. The model's operators and weights are copied byte for byte, and files that
      are associated with it stay readable. The Task Library and MediaPipe read the
      metadata too; MediaPipe refuses three different means or stds.

      The copy's name ends in .tflite. Only another TFLite model is replaced by it.

      EXAMPLES
        image-embedder annotate model.tflite out.tflite --mean 127.5 --std 127.5
        image-embedder annotate model.tflite out.tflite --head-name feature_vector
        image-embedder annotate m.tflite out.tflite --name "My model" --author Me
      """)

  @Argument(help: ArgumentHelp(ModelArguments.kinds, valueName: "model"))
  var model: PathArgument

  @Argument(help: "The copy to write.")
  var out: PathArgument

  @OptionGroup
  var numbers: NormalizationArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("The model's name.", valueName: "TEXT"))
  var name: PathArgument?

  @Option(parsing: .unconditional, help: ArgumentHelp("Who made the model.", valueName: "TEXT"))
  var author: PathArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The licence, by name or as its whole text.", valueName: "TEXT"))
  var license: PathArgument?

  @Option(parsing: .unconditional, help: ArgumentHelp("What the model does.", valueName: "TEXT"))
  var description: PathArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The model's version, in whatever form.", valueName: "TEXT"))
  var modelVersion: PathArgument?

  @Option(
    name: .customLong("head-name"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The name of an output; given once for each, in their order.", valueName: "NAME"))
  var headNames: [PathArgument] = []

  func validate() throws {
    let texts =
      [
        ("--name", name), ("--author", author), ("--license", license),
        ("--description", description), ("--model-version", modelVersion),
      ] + headNames.map { ("--head-name", $0) }
    for case (let option, let text?) in texts where text.path.text == nil {
      throw ValidationError(
        "\(option) is \(quoted(text.path.description)), which is not UTF-8; text in UTF-8 is needed"
      )
    }
    if annotations == ModelAnnotations() {
      throw ValidationError(
        "there is nothing to write; give --mean and --std, --name, --author, --license,"
          + " --description, --model-version or --head-name")
    }
  }

  func run() throws {
    do throws(EmbedderError) {
      try ImageEmbedder.annotate(ModelSource(model.path), with: annotations, output: out.path)
    } catch {
      throw Failure("\(error)")
    }
  }

  private var annotations: ModelAnnotations {
    var annotations = ModelAnnotations()
    annotations.normalization = numbers.normalization
    annotations.name = name?.path.text
    annotations.author = author?.path.text
    annotations.license = license?.path.text
    annotations.description = description?.path.text
    annotations.version = modelVersion?.path.text
    if !headNames.isEmpty { annotations.headNames = headNames.compactMap(\.path.text) }
    return annotations
  }
}
