import ArgumentParser
import BatchEmbedding
import DuplicateFinding
import EmbedderBatchInputs
import ImageEmbedding

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Writes the feature vectors of images, on all cores.",
    discussion: """
      Folders are walked, tar archives are read through, and - reads paths from the
      standard input. A file that cannot be embedded is named on the standard error
      and in the output, and the run goes on; the exit status is then 2.

      An output folder holds img_emb/img_emb_N.npy with metadata/metadata_N.jsonl
      row for row, failures.jsonl and run.json; --resume goes on with it.

      EXAMPLES
        image-embedder embed photo.jpg
        image-embedder embed *.jpg --l2-normalize --output vectors.npy
        image-embedder embed photos/ --output embeddings/
        find photos -print0 | image-embedder embed - --null --output vectors.csv
        image-embedder embed scan.png --region 0,0,400,300 --rotation 90 --format csv
      """)

  @Argument(help: "Images, folders, tar archives, or - for paths on the standard input.")
  var inputs: [PathArgument]

  @Option(
    help: ArgumentHelp(
      "How vectors are written; by default what the output's name ends in, else jsonl.",
      valueName: "jsonl|csv|npy"))
  var format: OutputFormat?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write, which appears whole or not at all, or a folder, as a new name without an"
        + " ending is; by default the standard output.",
      valueName: "PATH"))
  var output: PathArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Images in work at once, 1 to the number of cores; by default all cores.", valueName: "N"))
  var threads: Int?

  @OptionGroup(title: "Options for many images")
  var batch: BatchArguments

  @OptionGroup
  var embedding: EmbeddingArguments

  func validate() throws {
    try validate(threads: threads)
    if output?.path.bytes.isEmpty == true {
      throw ValidationError("--output is empty; the path of a file is needed")
    }
    if let option = batch.folderOption, output == nil {
      throw ValidationError("\(option) needs --output FOLDER")
    }
    if batch.sync != nil, inputs.contains(where: { $0.path == "-" }) {
      throw ValidationError(
        "--sync needs files, folders and archives as inputs: a list of paths does not say what is gone"
      )
    }
    if case .folder = try destination() {
      guard format == nil || format == .npy else {
        throw ValidationError(
          "--format \(chosenFormat.rawValue) needs a file as --output; a folder holds arrays")
      }
    } else if chosenFormat == .npy, output == nil {
      throw ValidationError(
        "--format npy needs --output PATH, since the number of rows stands at the file's start")
    } else if chosenFormat != .npy, batch.dtype != nil {
      throw ValidationError("--dtype goes with arrays: --format npy or an output folder")
    }
    if embedding.quantize, batch.dtype != nil {
      throw ValidationError("--quantize stores bytes; --dtype is for vectors that stay floats")
    }
  }

  var chosenFormat: OutputFormat {
    format ?? output?.path.ending.flatMap(OutputFormat.init(rawValue:)) ?? .jsonl
  }

  func run() throws {
    returnLargeBlocksAtOnce()
    let embedder: ImageEmbedder
    do {
      embedder = try embedding.makeEmbedder(threadCount: 1)
    } catch {
      throw Failure(loadingModel: error)
    }
    if let output = output?.path, let input = inputs.first(where: { isSameFile($0.path, output) }) {
      throw Failure(
        "cannot write \(quoted(output.description)): it is one of the inputs, \(quoted(input.path.description));"
          + " another name is needed")
    }
    let list = inputList
    let batch = BatchEmbedder(embedder, workerCount: threads)
    var run = BatchRun(
      list: list, batch: batch, output: try openOutput(embedder, batch),
      outputName: output?.path.description, maxErrors: self.batch.maxErrors,
      isVerbose: embedding.model.verbose)
    if self.batch.thumbnails, let output = output?.path {
      var decoding = PictureDecoding()
      decoding.honorsOrientation = embedding.exif
      decoding.allowsTruncated = embedding.allowTruncated
      batch.look = { [decoding] in decoding.glance(at: $0, of: $1) }
      do throws(DuplicateError) {
        run.pictures = try PictureCollector(store: output, decoding: decoding)
      } catch {
        throw Failure("\(error)")
      }
    }
    try run.run()
  }

  var inputList: InputList {
    let paths = inputs.map(\.path).filter { $0 != "-" }
    var list = embedding.inputList(paths)
    if paths.count < inputs.count { list.listDescriptor = 0 }
    list.isNullSeparated = batch.null
    list.filter = batch.filter
    return list
  }
}
