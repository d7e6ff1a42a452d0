import ArgumentParser
import ImageEmbedding

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Shows what a model is, and whether it can embed images.",
    usage: "image-embedder info [<model>] [<options>]",
    discussion: """
      Every requirement is listed as met or not. The exit status is 1 for a model
      that cannot be used. The accelerators that are there are listed; with
      --accelerators each runs the model, which takes seconds.

      EXAMPLES
        image-embedder info
        image-embedder info my_model.tflite --json
        image-embedder info my_model.tflite --accelerators
      """)

  @Argument(
    help: ArgumentHelp(ModelArguments.kinds, valueName: "model"))
  var nameOrPath = PathArgument(BuiltInModel.efficientNetLite0.rawValue)

  @Flag(help: "Run the model on each accelerator that is there, and say how long an image takes.")
  var accelerators = false

  @Flag(help: "Run the model in a process of its own, for models that nobody trusts.")
  var isolate = false

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup
  var runtime: RuntimeArguments

  func run() throws {
    let report: ModelReport
    do throws(EmbedderError) {
      report = try ModelReport(
        of: ModelSource(nameOrPath.path), runtime, isIsolated: isolate,
        measuresAccelerators: accelerators)
    } catch {
      throw Failure("\(error)")
    }
    let output = OutputStream.standardOutput
    try output.write(json ? "\(report.json)\n" : report.text)
    try output.finish()
    guard report.isUsable else {
      throw ExitCode(1)
    }
  }
}
