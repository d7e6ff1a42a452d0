import ArgumentParser
import BatchEmbedding
import BatchInputs
import ImageEmbedding

/// A run over many images: takes results as they come, writes them, tells how far it is, and ends in
/// good order whatever ends it.
struct BatchRun {
  let list: InputList
  let batch: BatchEmbedder
  let output: RunOutput
  let maxErrors: Int?
  let isVerbose: Bool

  private var tally = Tally()

  init(
    list: InputList, batch: BatchEmbedder, output: RunOutput, maxErrors: Int?, isVerbose: Bool
  ) {
    self.list = list
    self.batch = batch
    self.output = output
    self.maxErrors = maxErrors
    self.isVerbose = isVerbose
  }

  /// Embeds everything.
  ///
  /// - Throws: ``Failure`` when the run has to stop, and the exit status 2 when some images failed.
  mutating func run() throws {
    Interruption.note()
    do {
      try embedAll()
    } catch {
      // The error is what matters; that the record cannot be written either is no news.
      if !output.isSingleFile { try? record(.stopped) }
      throw error
    }
    if let signal = Interruption.signal {
      try finish(.interrupted)
      throw ExitCode(128 + signal)
    }
    if let maxErrors, tally.failedCount > maxErrors {
      try finish(.stopped)
      throw Failure(
        "stopped after \(tally.failedCount) failures, more than the \(maxErrors) of --max-errors")
    }
    try finish(.complete)
    if tally.count == 0, output.record.earlier.isEmpty {
      report("there are no images in the inputs")
    }
    // Of a folder all runs count: a scheduler that starts one again wants to hear the same of it.
    let earlier = output.record.earlier
    let failedCount = tally.failedCount + earlier.failedCount
    if failedCount > 0 {
      let count = failedCount + tally.embeddedCount + earlier.embeddedCount
      report("\(failedCount) of \(count) images could not be embedded")
      throw ExitCode(2)
    }
  }

  private mutating func embedAll() throws {
    let results = try batch.results(
      of: RemainingItems(list: list, shard: output.record.shard, earlier: output.record.earlier))
    // What is in work ends before this does: the program may end next, and the runtime with it.
    defer {
      results.stop()
      while results.next() != nil {}
    }
    var progress = ProgressDisplay(isVerbose: isVerbose, total: makeInputCount())
    defer { progress.clear() }
    while true {
      if Interruption.signal != nil { results.stop() }
      switch results.next(withinSeconds: 0.1) {
      case .end: return
      case .timedOut: break
      case .result(let result):
        tally.add(result)
        if case .failed(let error) = result.outcome {
          progress.clear()
          report(error.message(for: result.path))
        }
        try write(result)
        if let maxErrors, tally.failedCount > maxErrors { return }
      }
      progress.show(tally)
    }
  }

  private mutating func write(_ result: BatchResult) throws {
    let start = ContinuousClock.now
    switch result.outcome {
    case .embedded(let image): try output.writer.write(image, of: result.path)
    case .failed(let error): try output.writer.write(error, of: result.path)
    case .skipped: break
    }
    tally.writing += .now - start
  }

  /// Completes the output, as far as it may be complete: a single file appears whole or not at all.
  private func finish(_ status: RunRecord.Status) throws {
    if status == .complete || !output.isSingleFile { try output.writer.finish() }
    if status == .complete || !output.isSingleFile { try record(status) }
    guard ProgressDisplay.isTerminal || isVerbose, tally.count > 1 else { return }
    for line in tally.summary(workerCount: batch.workerCount, model: output.record.model) {
      report(line)
    }
  }

  private func record(_ status: RunRecord.Status) throws {
    guard let path = output.recordPath else { return }
    try output.record.write(to: path, status, tally)
  }

  /// What is left to do, as far as it can be told; only a display asks for it.
  private func makeInputCount() -> InputTotal? {
    guard ProgressDisplay.isTerminal || isVerbose, let count = InputCount(of: list) else {
      return nil
    }
    let earlier = output.record.earlier
    return InputTotal(
      count: count, shard: output.record.shard,
      doneCount: earlier.embeddedCount + earlier.failedCount)
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
