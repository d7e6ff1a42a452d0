import EmbedderPlatform
import EmbeddingStore
import ImageEmbedding

/// What is said of a run in `run.json`, and beside single files in `NAME.run.json`: by what it was made, how
/// many, and where the time went.
struct RunRecord {
  enum Status: String {
    case running
    case complete
    case interrupted
    /// Given up for an error, or for too many failures.
    case stopped
  }

  let fingerprint: Fingerprint
  let storage: ComponentType
  let model: String
  let computation: Computation
  let workerCount: Int
  private let started = timestamp()

  init(
    _ fingerprint: Fingerprint, storage: ComponentType, model: String, computation: Computation,
    workerCount: Int
  ) {
    self.fingerprint = fingerprint
    self.storage = storage
    self.model = model
    self.computation = computation
    self.workerCount = workerCount
  }

  /// The record beside a single file.
  func text(_ status: Status, _ tally: Tally) -> String {
    let members: [(String, JSONValue)] = [
      ("fingerprint", .string(fingerprint.description)), ("settings", fingerprint.settings),
      ("storage", .string(storage.rawValue)),
    ]
    return "\(JSONValue.object(members + details(status, tally)))\n"
  }

  /// What is said of the run itself.
  ///
  /// - Parameters:
  ///   - status: How far it is.
  ///   - tally: What it has done.
  ///   - earlierRowCount: The rows that runs before it made.
  ///   - earlierFailureCount: Their failures that still are some.
  /// - Returns: Members of a JSON object.
  func details(
    _ status: Status, _ tally: Tally, earlierRowCount: Int = 0, earlierFailureCount: Int = 0
  ) -> [(String, JSONValue)] {
    let seconds = tally.durations
    return [
      ("model", .string(model)),
      ("status", .string(status.rawValue)),
      ("started", .string(started)),
      ("finished", status == .running ? .null : .string(timestamp())),
      (
        "versions",
        .object(
          [("image_embedder", .string(ImageEmbedder.version))]
            + Engines.versions(of: computation.accelerator).map { ($0, .string($1)) })
      ),
      ("device", .string(computation.accelerator.device)),
      ("workers", .integer(workerCount)),
      (
        "counts",
        .object([
          ("embedded", .integer(tally.embeddedCount + earlierRowCount)),
          ("failed", .integer(tally.failedCount + earlierFailureCount)),
          ("skipped", .integer(tally.skippedCount)),
          ("embedded_before", .integer(earlierRowCount)),
          ("failed_before", .integer(earlierFailureCount)),
        ])
      ),
      (
        "seconds",
        .object([
          ("total", .number(tally.elapsed.seconds)),
          ("decode", .number(seconds.decoding.seconds)),
          ("preprocess", .number(seconds.preprocessing.seconds)),
          ("inference", .number(seconds.inference.seconds)),
          ("write", .number(tally.writing.seconds)),
        ])
      ),
    ]
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// The time now, in the form of ISO 8601.
private func timestamp() -> String {
  var now = time(nil)
  var parts = unsafe tm()
  unsafe gmtime_r(&now, &parts)
  func two(_ number: CInt) -> String { (number < 10 ? "0" : "") + "\(number)" }
  let date = unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  return unsafe date + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
}
