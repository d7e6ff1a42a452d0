import ImageEmbedding

/// What `benchmark` prints.
struct BenchmarkReport {
  private let measurement: BenchmarkMeasurement
  private let model: String
  private let rounds: Int

  /// A line of the table: a name for people, one for programs, and seconds for the whole sample by round.
  private typealias Row = (name: String, key: String, seconds: [Double])

  init(_ measurement: BenchmarkMeasurement, model: String, rounds: Int) {
    self.measurement = measurement
    self.model = model
    self.rounds = rounds
  }

  private var imageCount: Int { measurement.sample.items.count }
  private var computation: Computation { Computation(measurement.embedder.options) }

  private var rows: [Row] {
    let names = [
      "read and decode", "preprocess", "inference", "whole files, 1 worker",
      "whole files, \(measurement.workers)",
    ]
    return zip(names, measurement.stages).map { ($0, $1.key, $1.seconds) }
  }

  var text: String {
    let megapixels = Double(measurement.sample.pixelCount) / 1e6
    var text =
      "\(measurement.sample.summary); model \(model) \(computation.place); medians of"
      + " \(rounds) \(rounds == 1 ? "round" : "rounds")\n"
    text += column("", -24) + column("ms/image", 10) + column("images/s", 10) + column("MP/s", 10)
    text += "   least-most ms\n"
    for row in rows {
      let seconds = row.seconds.median
      let (least, most) = (row.seconds.min() ?? 0, row.seconds.max() ?? 0)
      text += column(row.name, -24) + column(fixed(milliseconds(seconds), decimals: 2), 10)
      text += column(fixed(Double(imageCount) / seconds, decimals: 1), 10)
      text += column(fixed(megapixels / seconds, decimals: 1), 10)
      text +=
        "   \(fixed(milliseconds(least), decimals: 2))-\(fixed(milliseconds(most), decimals: 2))\n"
    }
    return text
  }

  var json: JSONValue {
    let place: [(String, JSONValue)] = [
      ("model", .string(model)), ("device", .string(computation.accelerator.device)),
    ]
    let figures: [(String, JSONValue)] = [
      ("workers", .integer(measurement.workerCount)), ("images", .integer(imageCount)),
      ("pixels", .integer(measurement.sample.pixelCount)), ("rounds", .integer(rounds)),
      ("seconds_per_image", measurement.secondsPerImage),
    ]
    return .object(place + computation.members + figures)
  }

  private func milliseconds(_ seconds: Double) -> Double { 1000 * seconds / Double(imageCount) }

}

extension BenchmarkSample {
  /// What is measured with, in words.
  var summary: String {
    let megapixels = Double(pixelCount) / 1e6 / Double(items.count)
    return "\(items.count) \(items.count == 1 ? "image" : "images") of"
      + " \(fixed(megapixels, decimals: 2)) megapixels on average"
  }
}

extension BenchmarkMeasurement {
  /// What is measured, as programs know it, and the seconds for the whole sample by round.
  var stages: [(key: String, seconds: [Double])] {
    [
      ("decode", decoding), ("preprocess", preprocessing), ("inference", inference),
      ("end_to_end_1", oneWorker), ("end_to_end", allWorkers),
    ]
  }

  /// How many images were in work at once, in words.
  var workers: String { "\(workerCount) \(workerCount == 1 ? "worker" : "workers")" }

  /// A JSON object of the medians.
  var secondsPerImage: JSONValue {
    let count = Double(sample.items.count)
    return .object(stages.map { ($0.key, .number($0.seconds.median / count)) })
  }
}

/// Text in a column: right of it for a positive width, left for a negative one.
func column(_ text: String, _ width: Int) -> String {
  let padding = String(repeating: " ", count: max(0, abs(width) - text.count))
  return width > 0 ? padding + text : text + padding
}

extension [Double] {
  /// The middle one, or the mean of the middle two.
  var median: Double {
    let sorted = sorted()
    guard let upper = sorted.dropFirst(count / 2).first else { return 0 }
    return count.isMultiple(of: 2) ? (sorted[count / 2 - 1] + upper) / 2 : upper
  }
}
