import ArgumentParser
import BatchEmbedding
import EmbedderBatchInputs
import ImageEmbedding

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measures where the time of embedding goes, on your images and with your model.",
    discussion: """
      Decoding, preprocessing and inference are each measured alone on one core,
      then whole files on one core and on all. Every figure is the median over the
      rounds, which take turns; images that cannot be embedded are left out.

      EXAMPLES
        image-embedder benchmark photos/
        image-embedder benchmark photos/ --model my_model.tflite --decode fast
      """)

  @Argument(help: "Images, folders and tar archives.")
  var inputs: [PathArgument]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most images that are measured with.", valueName: "N"))
  var images = 64

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How often everything is measured.", valueName: "N"))
  var rounds = 5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Images in work at once where all cores are measured; by default one for each core.",
      valueName: "N"))
  var threads: Int?

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup
  var embedding: EmbeddingArguments

  func validate() throws {
    try validate(threads: threads)
    for (name, value) in [("--images", images), ("--rounds", rounds)] where value < 1 {
      throw ValidationError("\(name) is \(value); a number from 1 is needed")
    }
  }

  func run() throws {
    returnLargeBlocksAtOnce()
    let embedder: ImageEmbedder
    do {
      embedder = try embedding.makeEmbedder(threadCount: 1)
    } catch {
      throw Failure("\(error)")
    }
    let sample = try BenchmarkSample(
      embedding.inputList(inputs.map(\.path)), count: images, embedder)
    guard !sample.items.isEmpty else {
      let reason = sample.firstError.map { " (the first: \($0))" } ?? ""
      throw Failure("none of the inputs can be embedded\(reason); at least one image is needed")
    }
    var measurement = BenchmarkMeasurement(sample, embedder, workerCount: threads ?? processorCount)
    for _ in 0..<rounds { try measurement.runRound() }

    let output = OutputStream.standardOutput
    let report = BenchmarkReport(
      measurement, model: embedding.model.nameOrPath.path.description,
      accelerator: embedder.options.accelerator, rounds: rounds)
    try output.write(json ? "\(report.json)\n" : report.text)
    try output.finish()
  }
}

/// The images that are measured with.
struct BenchmarkSample {
  private(set) var items: [BatchItem] = []
  private(set) var pixelCount = 0
  /// Why the first input that was left out cannot be embedded.
  private(set) var firstError: (any Error)?

  /// Takes the first inputs that can be embedded.
  init(_ list: InputList, count: Int, _ embedder: ImageEmbedder) throws {
    for item in IteratorSequence(list.makeIterator()) where items.count < count {
      do {
        let image = try embedder.embed(item.source())
        items.append(item)
        pixelCount += image.width * image.height
      } catch {
        firstError = firstError ?? error
      }
      if items.count == count { break }
    }
  }
}

/// The seconds of each thing that is measured, a round after the other.
struct BenchmarkMeasurement {
  let sample: BenchmarkSample
  let workerCount: Int
  private let embedder: ImageEmbedder

  /// Seconds for the whole sample, by round.
  private(set) var decoding: [Double] = []
  private(set) var preprocessing: [Double] = []
  private(set) var inference: [Double] = []
  private(set) var oneWorker: [Double] = []
  private(set) var allWorkers: [Double] = []

  init(_ sample: BenchmarkSample, _ embedder: ImageEmbedder, workerCount: Int) {
    self.sample = sample
    self.embedder = embedder
    self.workerCount = workerCount
    // One round for nothing: memory is taken and the models of all workers are made.
    _ = try? embedAll(workerCount: workerCount)
  }

  mutating func runRound() throws {
    var (decoding, preprocessing, inference) = (Duration.zero, Duration.zero, Duration.zero)
    for item in sample.items {
      // An image at a time, so that the sample may be larger than the memory.
      let start = ContinuousClock.now
      let image = try item.source()
      let decoded = try embedder.decode(image)
      decoding += .now - start
      var durations = StageDurations()
      _ = try embedder.embed(decoded, in: image.region, measuring: &durations)
      preprocessing += durations.preprocessing
      inference += durations.inference
    }
    self.decoding.append(decoding.seconds)
    self.preprocessing.append(preprocessing.seconds)
    self.inference.append(inference.seconds)
    oneWorker.append(try embedAll(workerCount: 1))
    allWorkers.append(try embedAll(workerCount: workerCount))
  }

  /// Embeds the sample as `embed` does; returns the seconds.
  private func embedAll(workerCount: Int) throws -> Double {
    let start = ContinuousClock.now
    try BatchEmbedder(embedder, workerCount: workerCount).forEach(in: sample.items) { _ in }
    return (ContinuousClock.now - start).seconds
  }
}
