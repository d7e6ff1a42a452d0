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
      rounds, which take turns; images that cannot be embedded are left out. With
      --accelerators everything that computes takes its turn in each round.

      EXAMPLES
        image-embedder benchmark photos/
        image-embedder benchmark photos/ --model my_model.tflite --decode fast
        image-embedder benchmark photos/ --accelerators
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

  @Flag(
    help: "Compare all accelerators that are there, and how far their vectors are from cpu's.")
  var accelerators = false

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
    let (embedders, refusals) = try makeEmbedders()
    let sample = try BenchmarkSample(
      embedding.inputList(inputs.map(\.path)), count: images, embedders[0])
    guard !sample.items.isEmpty else {
      let reason = sample.firstError.map { " (the first: \($0))" } ?? ""
      throw Failure("none of the inputs can be embedded\(reason); at least one image is needed")
    }
    var measurements = embedders.map { embedder in
      RuntimeLog.hidden(unless: embedding.model.verbose) {
        BenchmarkMeasurement(sample, embedder, workerCount: threads ?? processorCount)
      }
    }
    for _ in 0..<rounds {
      for index in measurements.indices { try measurements[index].runRound() }
    }

    let output = OutputStream.standardOutput
    let model = embedding.model.nameOrPath.path.description
    if accelerators {
      let comparison = BenchmarkComparison(
        measurements, differences: try sample.differences(of: embedders), refusals: refusals,
        model: model, rounds: rounds)
      try output.write(json ? "\(comparison.json)\n" : comparison.text)
    } else {
      let report = BenchmarkReport(measurements[0], model: model, rounds: rounds)
      try output.write(json ? "\(report.json)\n" : report.text)
    }
    try output.finish()
  }

  /// The model on the chosen accelerator, or on all that there are and take it, cpu first.
  ///
  /// - Returns: At least one embedder, and why others are left out.
  /// - Throws: ``Failure`` where cpu or the accelerator that is asked for cannot run the model.
  private func makeEmbedders() throws -> (
    [ImageEmbedder], [(computation: Computation, error: EmbedderError)]
  ) {
    let chosen = embedding.model.runtime.computation
    var embedders: [ImageEmbedder] = []
    var refusals: [(computation: Computation, error: EmbedderError)] = []
    for computation in accelerators ? Computation.all(with: chosen) : [chosen] {
      do throws(EmbedderError) {
        embedders.append(try embedding.makeEmbedder(threadCount: 1, on: computation))
      } catch {
        guard computation.accelerator != .cpu, computation != chosen else {
          throw Failure("\(error)")
        }
        refusals.append((computation, error))
      }
    }
    return (embedders, refusals)
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

  /// By how much the vectors of each embedder but the first differ from the first one's.
  func differences(of embedders: [ImageEmbedder]) throws -> [VectorDifference] {
    var differences = embedders.dropFirst().map { _ in VectorDifference() }
    guard !differences.isEmpty else { return [] }
    for item in items {
      // An image at a time, so that the vectors need no memory.
      let source = try item.source()
      let expected = try embedders[0].embed(source).embeddings
      for (index, embedder) in embedders.dropFirst().enumerated() {
        differences[index].add(try embedder.embed(source).embeddings, from: expected)
      }
    }
    return differences
  }
}

/// The seconds of each thing that is measured, a round after the other.
struct BenchmarkMeasurement {
  let sample: BenchmarkSample
  let workerCount: Int
  let embedder: ImageEmbedder

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
      let decoded = try embedder.decode(image, isOnlyEmbedded: true)
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
