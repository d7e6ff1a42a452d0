import ArgumentParser
import BatchEmbedding
import EmbedderBatchInputs
import EmbeddingStore
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

  @Flag(
    help: ArgumentHelp(
      "Make an output folder equal to its inputs: embed new and changed images, and remove the rows of"
        + " those that are gone. --sync=force also where inputs are empty or most rows would go."))
  var sync: SyncArgument?

  @Flag(
    help:
      "With --resume or --sync, try the images again that failed; those that changed are tried anyway."
  )
  var retryFailed = false

  @Option(
    help: ArgumentHelp(
      "Take only every N-th input, from the I-th on; needs an output folder, which all parts may share.",
      valueName: "I/N"))
  var shard: ShardArgument?

  @Flag(
    help: "Keep a small gray picture of each image in an output folder, for `duplicates`."
  )
  var thumbnails = false

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
    if thumbnails, shard != nil {
      throw ValidationError(
        "--thumbnails does not go with --shard, since all shards would write one file; `duplicates` makes"
          + " what is missing")
    }
    if retryFailed, !resume, sync == nil {
      throw ValidationError("--retry-failed goes with --resume or --sync")
    }
    if sync != nil, shard != nil {
      throw ValidationError(
        "--sync does not go with --shard, since each shard sees only some of the inputs; give one of them"
      )
    }
  }

  /// The option that only makes sense with an output folder.
  var folderOption: String? {
    if sync != nil {
      "--sync"
    } else if resume {
      "--resume"
    } else if shard != nil {
      "--shard"
    } else if rowsPerFile != nil {
      "--rows-per-file"
    } else if thumbnails {
      "--thumbnails"
    } else {
      nil
    }
  }

  /// What is to become of what the output folder holds.
  var mode: StoreWriter.Mode {
    if sync != nil { return .synchronize(retriesFailures: retryFailed) }
    return resume ? .resume(retriesFailures: retryFailed) : .new
  }

  var filter: InputFilter {
    var filter = InputFilter()
    filter.includes = include.map(GlobPattern.init)
    filter.excludes = exclude.map(GlobPattern.init)
    return filter
  }
}

/// Whether a folder is made equal to its inputs, written `--sync` or `--sync=force`.
enum SyncArgument: EnumerableFlag {
  case sync
  case force

  static func name(for value: SyncArgument) -> NameSpecification {
    switch value {
    case .sync: .customLong("sync")
    case .force: .customLong("sync-force")
    }
  }

  /// The arguments with `--sync=force` as the parser wants it: for it, a flag has no value.
  static func spelled(_ arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[..<end].map { $0 == "--sync=force" ? "--sync-force" : $0 } + arguments[end...]
  }
}
