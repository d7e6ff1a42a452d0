import ArgumentParser
import BatchEmbedding
import DuplicateFinding
import EmbedderPlatform
import EmbeddingStore
import ImageEmbedding

struct DuplicatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "duplicates",
    abstract: "Finds pictures that are there more than once.",
    usage: "image-embedder duplicates <folder> [<options>]",
    discussion: """
      Each pair is in the surest tier that holds: bytes (the same file), pixels (the
      same pixels in another file), copies (resized, saved again, cropped, turned,
      mirrored, brightened, made gray, written over: proven by the pixels), similar
      (the vectors are near each other, as of bursts; no duplicates). What is neither
      proven nor disproven is unsure. Nothing is ever removed: --move-script writes a
      script to be read first.

      Of pictures that are gone, have changed or cannot be decoded it is told so, and
      the exit status is 2.

      EXAMPLES
        image-embedder embed photos/ --output embeddings/
        image-embedder duplicates embeddings/
        image-embedder duplicates embeddings/ --json --output duplicates.jsonl
        image-embedder duplicates embeddings/ --prefer best/ --move-script move.sh
        image-embedder duplicates embeddings/ --html duplicates.html
        image-embedder duplicates photos/ --tiers bytes,pixels
      """)

  @Argument(help: "A folder that embed wrote; or a folder of pictures, with --tiers bytes,pixels.")
  var folder: PathArgument

  @Option(
    help: ArgumentHelp(
      "What is looked for, separated by commas.", valueName: "bytes,pixels,copies,similar"))
  var tiers = TiersArgument(tiers: [.bytes, .pixels, .copies, .similar])

  @Flag(help: "Write JSON Lines: pairs, groups, flat pictures, failures.")
  var json = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write, which appears whole or not at all; by default the standard output.",
      valueName: "PATH"))
  var output: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Leave out the pairs in a file of JSON Lines as --json writes them; may be given again.",
      valueName: "FILE"))
  var notDuplicates: [PathArgument] = []

  @Option(
    help: ArgumentHelp(
      "Write a shell script that moves all but the pictures to keep.", valueName: "FILE"))
  var moveScript: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Write a page with the groups side by side, to go through and to save a script from.",
      valueName: "FILE"))
  var html: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Keep pictures in this folder rather than others; may be given again, the best first.",
      valueName: "FOLDER"))
  var prefer: [PathArgument] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The output of the model whose vectors are compared, from 0.", valueName: "N"))
  var head = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The cosine from which pictures are similar.", valueName: "X"))
  var similarCosine = 0.9

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads, 1 to the number of cores; by default all cores.", valueName: "N"))
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Tell what is done where there is no terminal.")
  var verbose = false

  func validate() throws {
    try validate(threads: threads)
    guard similarCosine > 0, similarCosine <= 1 else {
      throw ValidationError(
        "--similar-cosine is \(similarCosine); a number above 0 and up to 1 is needed")
    }
    guard head >= 0 else {
      throw ValidationError("--head is \(head); a number from 0 is needed")
    }
  }

  func run() throws {
    Interruption.note()
    try checkOutputs()
    let finder = try makeFinder()
    var progress = StageProgress(isVerbose: verbose)
    let report: DuplicateReport
    do throws(DuplicateError) {
      defer { progress.clear() }
      report = try finder.find(
        progress: { progress.show($0.rawValue, $1, $2) },
        isCancelled: { Interruption.signal != nil })
    } catch .cancelled {
      self.report("interrupted by \(Interruption.signalName); what was read of pictures is kept")
      throw ExitCode(128 + (Interruption.signal ?? SIGINT))
    } catch {
      throw Failure("\(error)")
    }
    try write(report)
    for warning in report.warnings { self.report(warning) }
    let folder = PathBytes.currentFolder
    for preferred in prefer {
      let whole = preferred.path.absolute(in: folder)
      if !report.pictures.contains(where: { $0.absolutePath.isWithin(whole) }) {
        self.report(
          "--prefer \(quoted(preferred.path.description)): none of the pictures lies in it")
      }
    }
    for number in report.failed {
      let picture = report.pictures[number]
      self.report("\(quoted(picture.path.description)): \(picture.problem ?? "")")
    }
    guard report.failed.isEmpty else {
      self.report("\(report.failed.count) of \(report.pictures.count) pictures were not compared")
      throw ExitCode(2)
    }
  }

  private func report(_ message: String) { writeToStandardError("image-embedder: \(message)\n") }

  private func write(_ report: DuplicateReport) throws {
    if let html {
      let title = folder.path.description
      try DuplicatesPage(report, of: title, to: html.path).write()
    }
    // The page is in place of what is printed, unless that is asked for.
    if html == nil || json || output != nil { try print(report) }
    try writeScript(report)
  }

  private func print(_ report: DuplicateReport) throws {
    let output = try self.output.map { try OutputStream(replacing: $0.path) } ?? .standardOutput
    if json || self.output == nil && isatty(STDOUT_FILENO) == 0 {
      try DuplicateLines(report: report).write(to: output)
    } else {
      try DuplicateTable(report: report).write(to: output)
    }
    try output.finish()
  }

  /// What would be replaced is told before the search, which may take long.
  private func checkOutputs() throws {
    if let html { try FormerOutput.checkPage(html.path) }
    if let output { try FormerOutput.checkDuplicates(output.path) }
    let names = [html, output, moveScript].compactMap { $0?.path.absolute(in: .currentFolder) }
    guard Set(names).count == names.count else {
      throw Failure(
        "two of --html, --output and --move-script name one file; each needs a file of its own")
    }
    // A pipe or a device is written in place.
    guard let moveScript, !isSpecial(moveScript.path) else { return }
    do throws(DuplicateError) {
      try MoveScript.checkReplaceable(moveScript.path)
    } catch {
      throw Failure("\(error)")
    }
  }

  private func writeScript(_ report: DuplicateReport) throws {
    guard let moveScript else { return }
    do {
      let script = try MoveScript(report)
      let output = try OutputStream(replacing: moveScript.path)
      try output.write(script.bytes)
      try output.finish()
    } catch let error as DuplicateError {
      throw Failure("\(error)")
    }
  }

  // MARK: What is looked at

  private func makeFinder() throws -> DuplicateFinder {
    var options = DuplicateFinder.Options()
    options.tiers = Set(tiers.tiers)
    options.preferredFolders = prefer.map(\.path)
    options.similarCosine = similarCosine
    options.threadCount = threads
    do throws(DuplicateError) {
      for file in notDuplicates {
        options.refusals.formUnion(try DuplicateRefusals(contentsOf: file.path))
      }
    } catch {
      throw Failure("\(error)")
    }
    do throws(StoreError) {
      return DuplicateFinder(try EmbeddingStore(folder.path), head: head, options: options)
    } catch .notAStore {
      return try makeFinderOfFiles(options)
    } catch {
      throw Failure("\(error)")
    }
  }

  private func makeFinderOfFiles(
    _ options: DuplicateFinder.Options
  ) throws -> DuplicateFinder {
    let path = quoted(folder.path.description)
    guard isFolder(folder.path) else {
      throw Failure(
        "\(path) is no folder; one that embed wrote is needed, or a folder of pictures")
    }
    guard options.tiers.isSubset(of: [.bytes, .pixels]) else {
      throw Failure(
        "\(path) is no store of image-embedder, and copies and similar pictures are found by vectors:"
          + " make a store (image-embedder embed \(path) --output FOLDER), or look for"
          + " --tiers bytes,pixels")
    }
    return DuplicateFinder(files: [folder.path], options: options)
  }
}

/// Tiers, separated by commas.
struct TiersArgument: ExpressibleByArgument {
  let tiers: [DuplicateTier]

  init(tiers: [DuplicateTier]) {
    self.tiers = tiers
  }

  init?(argument: String) {
    var tiers: [DuplicateTier] = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let tier = DuplicateTier(rawValue: String(name)) else { return nil }
      tiers.append(tier)
    }
    self.tiers = tiers
  }

  var defaultValueDescription: String { tiers.map(\.rawValue).joined(separator: ",") }
}
