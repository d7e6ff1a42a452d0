import ArgumentParser
import BatchEmbedding
import DuplicateFinding
import EmbedderBatchInputs
import EmbedderPlatform
import EmbeddingStore
import ImageEmbedding

/// A run over many images: takes results as they come, writes them, tells how far it is, and ends in
/// good order whatever ends it.
struct BatchRun {
  let list: InputList
  let batch: BatchEmbedder
  let output: RunOutput
  let maxErrors: Int?
  let isVerbose: Bool

  /// What the options call the output; nothing where it is the standard output.
  let outputName: String?

  /// Where small pictures go, if they are wanted.
  var pictures: PictureCollector?

  private var tally = Tally()
  private let stamps: FileStamps?
  /// Whether somebody has stopped reading the standard output.
  private var isOutputAbandoned = false

  init(
    list: InputList, batch: BatchEmbedder, output: RunOutput, outputName: String?,
    maxErrors: Int?, isVerbose: Bool
  ) {
    self.list = list
    self.batch = batch
    self.output = output
    self.outputName = outputName
    self.maxErrors = maxErrors
    self.isVerbose = isVerbose
    stamps = output.store.map { _ in FileStamps() }
  }

  /// Embeds everything.
  ///
  /// - Throws: ``Failure`` when the run has to stop, and the exit status 2 when some images failed.
  mutating func run() throws {
    Interruption.note()
    do {
      try embedAll()
    } catch is OutputAbandoned {
      isOutputAbandoned = true
    } catch {
      // The error is what matters; that the record cannot be written either is no news.
      try? output.abandon(tally)
      throw error
    }
    if let signal = Interruption.signal {
      do {
        if !isOutputAbandoned { try finish(.interrupted) }
      } catch is OutputAbandoned {
        isOutputAbandoned = true
      }
      reportInterruption()
      throw ExitCode(128 + signal)
    }
    if let maxErrors, tally.failedCount > maxErrors {
      try finish(.stopped)
      throw Failure(
        "stopped after \(tally.failedCount) failures, more than the \(maxErrors) of --max-errors")
    }
    // What was taken of the inputs is all of them, so that what was not met of an archive is not in it.
    let isWhole = list.filter.takesAll && output.shard == nil
    for archive in stamps?.endedArchives ?? [] {
      output.store?.endFailures(ofArchive: archive, andMembersNotMet: isWhole)
    }
    try finish(.complete)
    if tally.count == 0 { reportNothingDone() }
    tellOfTheStore()
    // Of a folder all runs count: a scheduler that starts one again wants to hear the same of it.
    let failedCount = tally.failedCount + output.earlierFailureCount
    if failedCount > 0 {
      let count = failedCount + tally.embeddedCount + output.earlierRowCount
      report("\(failedCount) of \(count) images could not be embedded")
    }
    if failedCount > 0 || unnamedLostRowCount > 0 { throw ExitCode(2) }
  }

  /// The rows that are lost without a name, unless as many images were embedded as there were rows.
  private var unnamedLostRowCount: Int {
    guard let store = output.store else { return 0 }
    return max(0, store.unnamedLostRowCount - tally.embeddedCount)
  }

  /// Says what became of rows and images besides.
  private func tellOfTheStore() {
    guard let store = output.store else { return }
    for path in store.lostPaths {
      report(
        "\(quoted(path.description)): its row was lost with a damaged part, and it is not among the"
          + " inputs; embed it again with --resume")
    }
    if unnamedLostRowCount > 0 {
      report(
        "\(unnamedLostRowCount) rows were lost with a damaged part whose metadata cannot be read, so"
          + " that nobody knows of which images; embed all images again with --resume")
    }
    if let changedCount = stamps?.changedCount, changedCount > 0,
      isVerbose || ProgressDisplay.isTerminal
    {
      report(
        "\(changedCount) \(changedCount == 1 ? "image has" : "images have") changed since they were"
          + " embedded and keep their rows; --sync embeds them again")
    }
  }

  private mutating func embedAll() throws {
    let results = try batch.results(
      of: RemainingItems(
        list: list, shard: output.shard, known: output.known, stamps: stamps,
        readAheadCount: 2 * batch.workerCount))
    defer { finishWork(of: results) }
    // On a terminal that the rows go to they are display enough.
    var progress = ProgressDisplay(
      isVerbose: isVerbose, isWanted: outputName != nil || isatty(STDOUT_FILENO) == 0,
      total: makeInputCount())
    defer { progress.clear() }
    var waitsAfterSignal = 0
    while waitsAfterSignal < Interruption.patience {
      if Interruption.signal != nil { results.stop() }
      var wait = results.next(withinSeconds: 0)
      if case .timedOut = wait {
        // Who asks for one image after another waits for this one's row before it names the next.
        try output.flush()
        wait = results.next(withinSeconds: Double(Interruption.waitMilliseconds) / 1000)
      }
      switch wait {
      case .end: return
      case .timedOut:
        if Interruption.signal != nil { waitsAfterSignal += 1 }
      case .result(let result):
        waitsAfterSignal = 0
        // Who ends a program often ends all of its processes: that is not the image's failure.
        if Interruption.signal != nil, result.isOfEndedWorker { continue }
        tally.add(result)
        if case .failed(let error) = result.outcome {
          progress.clear()
          report(error.message(for: result.path))
        } else if isVerbose, case .skipped(let reason) = result.outcome {
          progress.clear()
          report("\(quoted(result.path.description)) is passed over: it is \(reason)")
        }
        try write(result)
        if let maxErrors, tally.failedCount > maxErrors { return }
      }
      progress.show(tally)
    }
  }

  /// Lets what is in work end, since the program may end next, and the runtime with it.
  ///
  /// What stands still, such as an input that nobody writes to, is left behind.
  private func finishWork(of results: BatchResults) {
    results.stop()
    var waits = 0
    while waits < Interruption.patience {
      switch results.next(withinSeconds: Double(Interruption.waitMilliseconds) / 1000) {
      case .end: return
      case .result: waits = 0
      case .timedOut: waits += 1
      }
    }
    ProgramEnd.leavesThreadsBehind()
  }

  private mutating func write(_ result: BatchResult) throws {
    let start = ContinuousClock.now
    let stamp = stamps?.take(result.index)
    switch result.outcome {
    case .embedded(let image):
      try output.write(image, of: result.path, stamp)
      if let stamp, let glance = result.note as? PictureDecoding.Glance {
        try pictures?.add(glance, of: result.path, stamp)
      }
    case .failed(let error): try output.write(error, of: result.path, stamp)
    case .skipped: output.skip(result.path)
    }
    tally.writing += .now - start
  }

  private func finish(_ status: RunRecord.Status) throws {
    try output.finish(status, tally)
    do throws(DuplicateError) {
      try pictures?.finish()
    } catch {
      throw Failure("\(error)")
    }
    // Of a file that is not there nothing was embedded.
    if case .file = output.place, status != .complete { return }
    guard ProgressDisplay.isTerminal || isVerbose, tally.count > 1 else { return }
    let lines = tally.summary(
      workerCount: batch.workerCount, model: output.record.model,
      computation: output.record.computation)
    for line in lines { report(line) }
  }

  /// Says why a run had nothing to embed; to people, where it is what they may have wanted.
  private func reportNothingDone() {
    let count = output.earlierRowCount
    guard count + output.earlierFailureCount > 0 else {
      return report("there are no images in the inputs")
    }
    guard ProgressDisplay.isTerminal || isVerbose else { return }
    report(
      "there is nothing to do: the vectors of \(count) \(count == 1 ? "image" : "images") are there"
    )
  }

  /// Says that the run was interrupted, what is kept of it, and how to go on.
  private func reportInterruption() {
    let start = "interrupted by \(Interruption.signalName)"
    // Of a folder all runs count.
    let count = tally.embeddedCount + output.earlierRowCount
    let images = "\(count) \(count == 1 ? "image" : "images")"
    switch output.place {
    case .file:
      report(
        "\(start): \(quoted(outputName ?? "")) is not written, since a file appears whole or not at all;"
          + " start again, or write a folder (--output FOLDER), which keeps what is done for --resume"
      )
    case .store:
      report(
        "\(start): the vectors of \(images) are kept in \(quoted(outputName ?? "")); the same command with"
          + " --resume goes on")
    case .stream where isOutputAbandoned:
      let reader = outputName.map(quoted) ?? "the standard output"
      report("\(start): nobody reads \(reader) any longer, whose last row may be cut")
    case .stream:
      report("\(start) after \(images), whose rows are whole")
    }
  }

  /// What is left to do, as far as it can be told; only a display asks for it.
  private func makeInputCount() -> InputTotal? {
    guard ProgressDisplay.isTerminal || isVerbose, let count = InputCount(of: list) else {
      return nil
    }
    return InputTotal(
      count: count, shard: output.shard,
      doneCount: output.earlierRowCount + output.earlierFailureCount)
  }
}

/// The number of inputs of a run, as soon as it is known.
struct InputTotal {
  let count: InputCount
  let shard: Shard?
  /// The inputs that earlier runs have dealt with.
  let doneCount: Int

  var value: Int? {
    guard let all = count.value else { return nil }
    guard let shard else { return max(0, all - doneCount) }
    return max(0, (all + shard.count - shard.number) / shard.count - doneCount)
  }
}

extension BatchResult {
  /// Whether the image failed because the process that the model runs in was ended.
  fileprivate var isOfEndedWorker: Bool {
    guard case .failed(let error) = outcome else { return false }
    switch error {
    case .inference(_, let error), .engine(_, let error):
      return [.ended, .killed, .engineUnusable].contains(error.kind)
    default: return false
    }
  }
}
