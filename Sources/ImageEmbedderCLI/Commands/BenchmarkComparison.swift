import ImageEmbedding

/// What `benchmark --accelerators` prints.
struct BenchmarkComparison {
  private let measurements: [BenchmarkMeasurement]
  /// How far the vectors of each but the first are from the first one's.
  private let differences: [VectorDifference]
  private let refusals: [(computation: Computation, error: EmbedderError)]
  private let model: String
  private let rounds: Int

  /// Compares accelerators.
  ///
  /// - Parameters:
  ///   - measurements: One of each accelerator with the same images, cpu's first.
  ///   - differences: How far the vectors of each but the first are from the first one's.
  ///   - refusals: Why others were left out.
  ///   - model: The model's name.
  ///   - rounds: The number of rounds, in which the accelerators took turns.
  init(
    _ measurements: [BenchmarkMeasurement], differences: [VectorDifference],
    refusals: [(computation: Computation, error: EmbedderError)], model: String, rounds: Int
  ) {
    self.measurements = measurements
    self.differences = differences
    self.refusals = refusals
    self.model = model
    self.rounds = rounds
  }

  private var rows: [(measurement: BenchmarkMeasurement, difference: VectorDifference?)] {
    zip(measurements, [nil] + differences.map(Optional.some)).map { ($0, $1) }
  }

  var text: String {
    guard let first = measurements.first else { return "" }
    let imageCount = Double(first.sample.items.count)
    var text =
      "\(first.sample.summary); model \(model); medians of \(rounds)"
      + " \(rounds == 1 ? "round" : "rounds"), in which the accelerators take turns\n"
    let names = rows.map { Computation($0.measurement.embedder.options).name }
    let width = 2 + (names + ["ms/image"]).reduce(0) { max($0, $1.count) }
    text += column("ms/image", -width)
    for title in ["decode", "preprocess", "inference", "1 worker", first.workers, "images/s"] {
      text += column(title, 12)
    }
    text += "   largest difference\n"
    for (name, row) in zip(names, rows) {
      text += column(name, -width)
      for stage in row.measurement.stages {
        text += column(fixed(1000 * stage.seconds.median / imageCount, decimals: 2), 12)
      }
      let imagesPerSecond = imageCount / row.measurement.allWorkers.median
      text += column(fixed(imagesPerSecond, decimals: 1), 12)
      text += "   \(row.difference?.text ?? "-")\n"
    }
    for refusal in refusals {
      text += "left out: \(refusal.computation.name): \(refusal.error)\n"
    }
    if let card = RuntimeLog.graphicsCard { text += "gpu is \(card).\n" }
    text +=
      "The largest difference is that of a component from cpu's vectors, as a part of the largest.\n"
    return text
  }

  var json: JSONValue {
    guard let first = measurements.first else { return .null }
    let measured = rows.map { measurement, difference in
      let computation = Computation(measurement.embedder.options)
      let accelerator = computation.accelerator
      var members: [(String, JSONValue)] = [("name", .string(accelerator.rawValue))]
      members += computation.precisionMembers
      members.append(("device", .string(accelerator.device)))
      if accelerator == .gpu, let card = RuntimeLog.graphicsCard {
        members.append(("adapter", .string(card)))
      }
      members.append(("seconds_per_image", measurement.secondsPerImage))
      return JSONValue.object(members + (difference?.members ?? []))
    }
    let leftOut = refusals.map { computation, error in
      JSONValue.object(
        [("name", .string(computation.accelerator.rawValue))] + computation.precisionMembers
          + [("reason", .string("\(error)"))])
    }
    return .object([
      ("model", .string(model)), ("workers", .integer(first.workerCount)),
      ("images", .integer(first.sample.items.count)),
      ("pixels", .integer(first.sample.pixelCount)), ("rounds", .integer(rounds)),
      ("accelerators", .array(measured + leftOut)),
    ])
  }
}
