import ArgumentParser
import ImageEmbedding

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Writes the feature vectors of images.",
    discussion: """
      A file that cannot be embedded is named on the standard error and in the output, and the run
      goes on; the exit status is then 2.

      EXAMPLES
        image-embedder embed photo.jpg
        image-embedder embed *.jpg --l2-normalize --output vectors.npy
        image-embedder embed scan.png --region 0,0,400,300 --rotation 90 --format csv
      """)

  @Argument(help: "The images.")
  var inputs: [String]

  @Option(
    help: ArgumentHelp(
      "How vectors are written; by default what the output's name ends in, else jsonl.",
      valueName: "jsonl|csv|npy"))
  var format: OutputFormat?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write, which appears whole or not at all; by default the standard output.",
      valueName: "PATH"))
  var output: String?

  @OptionGroup
  var embedding: EmbeddingArguments

  func validate() throws {
    if output == "" {
      throw ValidationError("--output is empty; the path of a file is needed")
    }
    if chosenFormat == .npy, output == nil {
      throw ValidationError(
        "--format npy needs --output PATH, since the number of rows stands at the file's start")
    }
  }

  private var chosenFormat: OutputFormat {
    let ending = output?.split(separator: ".").last.map { $0.lowercased() }
    return format ?? ending.flatMap(OutputFormat.init(rawValue:)) ?? .jsonl
  }

  func run() throws {
    returnLargeBlocksAtOnce()
    let embedder: ImageEmbedder
    do {
      embedder = try embedding.makeEmbedder()
    } catch {
      throw Failure("\(error)")
    }
    if let output, let input = inputs.first(where: { isSameFile($0, output) }) {
      throw Failure(
        "cannot write \(quoted(output)): it is one of the inputs, \(quoted(input)); another name is"
          + " needed")
    }
    var writer = try makeWriter(embedder)
    var failureCount = 0
    for path in inputs {
      let row: Row
      do throws(EmbedderError) {
        row = .embedded(try embedding.embed(path, with: embedder))
      } catch {
        failureCount += 1
        report(error.message(for: path))
        row = .failed(path: path, error)
      }
      try writer.write(row)
    }
    try writer.finish()
    if failureCount > 0 {
      report("\(failureCount) of \(inputs.count) images could not be embedded")
      throw ExitCode(2)
    }
  }

  private func makeWriter(_ embedder: ImageEmbedder) throws -> any RowWriter {
    switch chosenFormat {
    case .jsonl:
      return JSONLinesWriter(to: try openOutput())
    case .csv:
      let dimension = embedder.heads.map(\.dimension).max() ?? 0
      return try CSVWriter(to: try openOutput(), dimension: dimension)
    case .npy:
      return try NPYWriter(
        to: output ?? "", dimensions: embedder.heads.map(\.dimension),
        isQuantized: embedding.quantize)
    }
  }

  private func openOutput() throws -> OutputStream {
    try output.map { try OutputStream(replacing: $0) } ?? .standardOutput
  }
}
