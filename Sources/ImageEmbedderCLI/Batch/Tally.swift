import BatchEmbedding
import ImageEmbedding

/// What a run has done so far.
struct Tally {
  private(set) var embeddedCount = 0
  private(set) var failedCount = 0
  private(set) var skippedCount = 0
  private(set) var pixelCount = 0
  private(set) var durations = StageDurations()
  /// What writing took, on one thread beside the workers.
  var writing = Duration.zero

  private let start = ContinuousClock.now

  var count: Int { embeddedCount + failedCount + skippedCount }
  var elapsed: Duration { .now - start }

  mutating func add(_ result: BatchResult) {
    durations += result.durations
    switch result.outcome {
    case .embedded(let image):
      embeddedCount += 1
      pixelCount += image.width * image.height
    case .failed: failedCount += 1
    case .skipped: skippedCount += 1
    }
  }

  var imagesPerSecond: Double { Double(count - skippedCount) / max(elapsed.seconds, 1e-9) }

  /// Two lines for the end: what became of the images, and where the time went.
  func summary(workerCount: Int, model: String, computation: Computation) -> [String] {
    let megapixels = Double(pixelCount) / 1e6 / max(elapsed.seconds, 1e-9)
    let stages: [(name: String, seconds: Double)] = [
      ("decode", durations.decoding.seconds / Double(workerCount)),
      ("preprocess", durations.preprocessing.seconds / Double(workerCount)),
      ("inference", durations.inference.seconds / Double(workerCount)),
      ("write", writing.seconds),
    ]
    let total = max(stages.reduce(0) { $0 + $1.seconds }, 1e-9)
    let shares = stages.map { "\($0.name) \(fixed(100 * $0.seconds / total, decimals: 0)) %" }
    let slowest = stages.max { $0.seconds < $1.seconds }?.name ?? ""
    return [
      "\(embeddedCount) embedded, \(failedCount) failed, \(skippedCount) skipped in"
        + " \(fixed(elapsed.seconds, decimals: 1)) s: \(fixed(imagesPerSecond, decimals: 1)) images/s,"
        + " \(fixed(megapixels, decimals: 1)) megapixels/s",
      "\(model) \(computation.place), \(workerCount) \(workerCount == 1 ? "worker" : "workers");"
        + " \(shares.joined(separator: ", ")); the bottleneck is \(slowest)",
    ]
  }
}
