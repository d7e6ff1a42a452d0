import ArgumentParser
import EmbedderBatchInputs
import EmbedderPlatform
import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Finds the pictures of a folder of vectors that are most like others.",
    usage: "image-embedder search <folder> <query> ... [<options>]",
    discussion: """
      A query is an image file, or a path that is stored in the folder and then among
      its own answers; several make a sum. Answers are exact: the pictures with the
      largest cosines, best first, the same on every run. Images that are not stored
      are embedded with the model and the options that made the folder.

      On a terminal answers are a table of cosine and path, elsewhere JSON Lines.
      With - paths are read from the standard input, each a query of its own; one that
      fails is named, and the exit status is then 2.

      EXAMPLES
        image-embedder search embeddings/ photo.jpg
        image-embedder search embeddings/ beach.jpg dog.jpg --not crowd.jpg
        image-embedder search embeddings/ photo.jpg --open --k 50 --distinct 0.98
        image-embedder search embeddings/ a.jpg --include '2024/*' --paths-only
        find new -name '*.jpg' | image-embedder search embeddings/ - --k 1
      """)

  @Argument(help: "A folder that embed wrote.")
  var folder: PathArgument

  @Argument(
    help: ArgumentHelp(
      "Image files or stored paths, or - for paths on the standard input.", valueName: "query"))
  var queries: [PathArgument]

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The most answers to a query.", valueName: "N"))
  var k = 10

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Leave out answers whose cosine is less, -1 to 1.", valueName: "X"))
  var minCosine: Double?

  @Option(
    name: .customLong("not"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "An image whose vector is subtracted; may be given again.", valueName: "IMAGE"))
  var negatives: [PathArgument] = []

  @Option(
    name: .customLong("weight"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "How much a query counts in the sum; given once for each, in their order.", valueName: "W"))
  var weights: [Double] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Leave out answers that are the same picture as a better one: whose cosine to it is X or more.",
      valueName: "X"))
  var distinct: Double?

  @Option(
    help: ArgumentHelp(
      "Take only stored paths that match; may be given again.", valueName: "GLOB"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave out stored paths that match, or a folder of which does; may be given again.",
      valueName: "GLOB"))
  var exclude: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which output of the model is compared, from 0, where it has several.", valueName: "N"))
  var head = 0

  @Flag(help: "Print JSON Lines, also on a terminal.")
  var json = false

  @Flag(help: "Print the paths of the answers and nothing else.")
  var pathsOnly = false

  @Flag(help: "End paths by NUL, those of --paths-only and those from the standard input.")
  var null = false

  @Option(
    help: ArgumentHelp(
      "Write the answers as one page with small pictures; they are printed too only with --json or"
        + " --paths-only.", valueName: "FILE"))
  var html: PathArgument?

  @Flag(help: "Open the page in a browser; without --html it is a temporary file.")
  var open = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Threads that search, 1 to the number of cores; by default all cores.", valueName: "N"))
  var threads: Int?

  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(
      "Where the model is now that made the folder, if not where run.json says.",
      valueName: "PATH|NAME"))
  var model: PathArgument?

  @Option(help: ArgumentHelp("The LiteRT library to use.", valueName: "PATH"))
  var litert: PathArgument?

  @Option(
    help: ArgumentHelp(
      "The library of the accelerator that made the folder, where one did.", valueName: "PATH"))
  var acceleratorLibrary: PathArgument?

  @Flag(name: .shortAndLong, help: "Show what the LiteRT runtime writes.")
  var verbose = false

  /// Whether queries are read from the standard input.
  private var readsList: Bool { queries.contains { $0.path == "-" } }

  func validate() throws {
    try validate(threads: threads)
    guard k >= 1 else { throw ValidationError("--k is \(k); a number from 1 is needed") }
    guard head >= 0 else { throw ValidationError("--head is \(head); a number from 0 is needed") }
    for (name, value) in [("--min-cosine", minCosine), ("--distinct", distinct)] {
      guard let value else { continue }
      guard (-1...1).contains(value) else {
        throw ValidationError("\(name) is \(value); a cosine, -1 to 1, is needed")
      }
    }
    if readsList, queries.count > 1 || !negatives.isEmpty || !weights.isEmpty {
      throw ValidationError(
        "- reads queries that are each searched for alone; it goes with no other query, --not or"
          + " --weight")
    }
    guard weights.isEmpty || weights.count == queries.count else {
      throw ValidationError(
        "there are \(weights.count) weights and \(queries.count) queries; give --weight once for each"
      )
    }
    if let weight = weights.first(where: { !$0.isFinite || $0 == 0 }) {
      throw ValidationError("--weight is \(weight); a number that is not 0 is needed")
    }
    if json, pathsOnly {
      throw ValidationError(
        "--json and --paths-only are two ways to print answers; give one of them")
    }
    if null, !pathsOnly, !readsList {
      throw ValidationError("--null goes with --paths-only, or with - as the query")
    }
    if html?.path.bytes.isEmpty == true {
      throw ValidationError("--html is empty; the path of a file is needed")
    }
  }

  func run() throws {
    let store: EmbeddingStore
    do throws(StoreError) {
      store = try EmbeddingStore(folder.path)
      guard store.heads.indices.contains(head) else {
        throw .noHead(index: head, count: store.heads.count)
      }
    } catch {
      throw Failure("\(error)")
    }
    if store.count == 0 {
      report("there are no vectors in \(quoted(folder.path.description)), so there are no answers")
    }
    do {
      try search(store)
    } catch let error as SearchError {
      throw Failure("\(error)")
    } catch let error as StoreError {
      throw Failure("\(error)")
    }
  }

  private func search(_ store: EmbeddingStore) throws {
    var filter = InputFilter()
    filter.includes = include.map(GlobPattern.init)
    filter.excludes = exclude.map(GlobPattern.init)
    var run = SearchRun(
      store, head: head, count: k, minCosine: minCosine, distinct: distinct, filter: filter,
      threadCount: threads,
      vectors: QueryVectors(
        store, head: head, model: model?.path, liteRtPath: litert?.path,
        acceleratorLibraryPath: acceleratorLibrary?.path, isVerbose: verbose, isForMany: readsList))
    let pagePath = try html?.path ?? (open ? PageOpening.temporaryPage() : nil)
    let page = try pagePath.map { try SearchPage($0, title: title, of: store) }
    var output = style.map { AnswerOutput($0, isOfMany: readsList) }
    var list = readsList ? QueryList(isNullSeparated: null) : nil
    var group = try list?.next() ?? [combinedQuery]
    var (count, failedCount) = (0, 0)
    while !group.isEmpty {
      // In an empty store nothing is near to anything, and no model is needed to say so.
      let answers = store.count == 0 ? group.map { _ in .success([]) } : try run.answers(to: group)
      for (query, answers) in zip(group, answers) {
        count += 1
        switch answers {
        case .success(let pictures):
          try output?.write(pictures, of: query)
          try page?.write(pictures, of: query, among: run.candidateCount)
        case .failure(let failure):
          guard readsList else { throw failure }
          failedCount += 1
          report("\(failure)")
          try output?.write(failure, of: query)
          try page?.write(failure, of: query)
        }
      }
      try output?.flush()
      group = try list?.next() ?? []
    }
    try page?.finish()
    if open, let pagePath { try PageOpening.open(pagePath) }
    if failedCount > 0 {
      report("\(failedCount) of \(count) queries could not be searched for")
      throw ExitCode(2)
    }
  }

  /// How answers are printed; not at all where there is a page and nothing else was asked for.
  private var style: AnswerOutput.Style? {
    if pathsOnly { return .paths(end: null ? 0 : UInt8(ascii: "\n")) }
    if json { return .json }
    if html != nil || open { return nil }
    return isatty(STDOUT_FILENO) == 1 ? .table : .json
  }

  private var combinedQuery: SearchQuery {
    let positives = queries.enumerated().map { number, query in
      SearchQuery.Term(path: query.path, weight: weights.isEmpty ? 1 : weights[number])
    }
    return SearchQuery(positives + negatives.map { SearchQuery.Term(path: $0.path, weight: -1) })
  }

  private var title: String {
    readsList ? "Pictures like those of a list" : "Pictures like \(combinedQuery.name)"
  }
}
