import ArgumentParser
import ImageEmbedding

/// The options that say how pixels are normalized.
struct NormalizationArguments: ParsableArguments {
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
