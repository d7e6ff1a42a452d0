import ArgumentParser
import BatchEmbedding
import BatchInputs
import ImageEmbedding

/// The options that choose inputs and outputs of many images.
struct BatchArguments: ParsableArguments {
  @Flag(help: "Paths from the standard input are ended by NUL, as find -print0 writes them.")
  var null = false

  @Option(
    help: ArgumentHelp(
      "Of folders and archives, take only files that match; may be given again.",
      valueName: "GLOB"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "Of folders and archives, leave out files and folders that match; may be given again.",
      valueName: "GLOB"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "How the components in arrays are stored.", valueName: "float32|float16"))
  var dtype: StorageArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rows of one file in an output folder.", valueName: "N"))
  var rowsPerFile: Int?

  @Flag(help: "Go on with an output folder, embedding only what it lacks.")
  var resume = false

  @Flag(help: "With --resume, try the images again that failed.")
  var retryFailed = false

  @Option(
    help: ArgumentHelp(
      "Take only every N-th input, from the I-th on; needs an output folder, which all parts may share.",
      valueName: "I/N"))
  var shard: ShardArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Stop when more than N images have failed.", valueName: "N"))
  var maxErrors: Int?

  func validate() throws {
    if let rowsPerFile, rowsPerFile < 1 {
      throw ValidationError("--rows-per-file is \(rowsPerFile); a number from 1 is needed")
    }
    if let maxErrors, maxErrors < 0 {
      throw ValidationError("--max-errors is \(maxErrors); a number from 0 is needed")
    }
    if retryFailed, !resume {
      throw ValidationError("--retry-failed goes with --resume")
    }
  }

  /// The option that only makes sense with an output folder.
  var folderOption: String? {
    if resume {
      "--resume"
    } else if shard != nil {
      "--shard"
    } else if rowsPerFile != nil {
      "--rows-per-file"
    } else {
      nil
    }
  }

  var filter: InputFilter {
    var filter = InputFilter()
    filter.includes = include.map(GlobPattern.init)
    filter.excludes = exclude.map(GlobPattern.init)
    return filter
  }
}
