import ImageEmbedding

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What stands in `run.json`, and beside single files in `NAME.run.json`: what made the vectors, by what,
/// how many, and where the time went.
struct RunRecord {
  enum Status: String {
    case running
    case complete
    case interrupted
    /// Given up for an error, or for too many failures.
    case stopped
  }

  let fingerprint: Fingerprint
  let model: String
  let workerCount: Int
  var shard: Shard?
  var earlier = EarlierWork()
  private let started = timestamp()

  init(_ fingerprint: Fingerprint, model: String, workerCount: Int) {
    self.fingerprint = fingerprint
    self.model = model
    self.workerCount = workerCount
  }

  /// Writes the record; it appears whole or not at all.
  func write(to path: String, _ status: Status, _ tally: Tally) throws {
    let output = try OutputStream(replacing: path)
    try output.write("\(json(status, tally))\n")
    try output.finish()
  }

  private func json(_ status: Status, _ tally: Tally) -> JSONValue {
    let seconds = tally.durations
    return .object([
      ("fingerprint", .string(fingerprint.digest)),
      ("settings", fingerprint.settings),
      ("model", .string(model)),
      (
        "shard",
        shard.map { .object([("number", .integer($0.number)), ("count", .integer($0.count))]) }
          ?? .null
      ),
      ("status", .string(status.rawValue)),
      ("started", .string(started)),
      ("finished", status == .running ? .null : .string(timestamp())),
      (
        "versions",
        .object([
          ("image_embedder", .string(ImageEmbedder.version)),
          ("litert", .string(Engines.liteRtVersion)),
        ])
      ),
      ("device", .string("cpu")),
      ("workers", .integer(workerCount)),
      (
        "counts",
        .object([
          ("embedded", .integer(tally.embeddedCount + earlier.embeddedCount)),
          ("failed", .integer(tally.failedCount + earlier.failedCount)),
          ("skipped", .integer(tally.skippedCount)),
          ("embedded_before", .integer(earlier.embeddedCount)),
          ("failed_before", .integer(earlier.failedCount)),
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
    ])
  }

  /// What an earlier run's record says, or `nil` where the file is none.
  static func read(_ path: String) throws -> (fingerprint: String, shardCount: Int)? {
    guard let bytes = try contents(of: path), let record = JSONValue(parsing: bytes),
      let fingerprint = record["fingerprint"]?.text
    else { return nil }
    var shardCount = 1
    if case .integer(let count)? = record["shard"]?["count"] { shardCount = count }
    return (fingerprint, shardCount)
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
