import ArgumentParser
import ImageEmbedding

/// The options that choose and complete a model.
struct ModelArguments: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(
      "A TFLite file, or a built-in model: \(builtInNames).", valueName: "PATH|NAME"))
  var nameOrPath = PathArgument(BuiltInModel.efficientNetLite0.rawValue)

  @OptionGroup
  var runtime: RuntimeArguments

  var source: ModelSource { ModelSource(nameOrPath.path) }
  var normalization: Normalization? { runtime.normalization }
  var litert: String? { runtime.litert }
  var verbose: Bool { runtime.verbose }

  static let builtInNames = BuiltInModel.allCases.map(\.rawValue).joined(separator: ", ")
}

/// The options that say how a model is fed and run.
struct RuntimeArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What is subtracted from each pixel, in place of the model's own; 1 or 3 numbers.",
      valueName: "MEAN"))
  var mean: NumbersArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What the difference is divided by; 1 or 3 numbers.", valueName: "STD"))
  var std: NumbersArgument?

  @Option(help: ArgumentHelp("The LiteRT library to use.", valueName: "PATH"))
  var litert: String?

  @Flag(name: .shortAndLong, help: "Show what the LiteRT runtime writes.")
  var verbose = false

  func validate() throws {
    guard (mean == nil) == (std == nil) else {
      throw ValidationError("--mean and --std belong together; give both or none")
    }
    _ = try parsedNormalization()
  }

  var normalization: Normalization? { try? parsedNormalization() }

  private func parsedNormalization() throws -> Normalization? {
    guard let mean, let std else { return nil }
    do {
      return try Normalization(mean: mean.values, std: std.values)
    } catch {
      throw ValidationError("--mean and --std cannot be used: \(error)")
    }
  }
}
