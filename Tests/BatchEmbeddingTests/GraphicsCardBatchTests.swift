import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Testing

@testable import BatchEmbedding
@testable import ImageEmbedding

@Suite("A batch on a graphics card")
struct GraphicsCardBatchTests {
  private static let model = Fixtures.model("identity_float_8x6")

  /// A batch embedder on a card of the tests.
  private func batch(_ card: FakeCard, workerCount: Int) throws -> BatchEmbedder {
    var options = ImageEmbedder.Options(model: .file(path: Self.model))
    options.accelerator = .gpu
    let embedder = try ImageEmbedder(options: options) { _, _, file in
      FakeCardEngine(card: card, output: file.outputs[0], input: file.inputs[0])
    }
    return BatchEmbedder(embedder, workerCount: workerCount)
  }

  private func items(_ count: Int) -> [BatchItem] {
    (0..<count).map { number in
      BatchItem(
        path: PathBytes("\(number)"),
        content: .encoded(PNGWriter(BatchEmbedderTests.picture(number)).file))
    }
  }

  private func results(_ batch: BatchEmbedder, of items: [BatchItem]) throws -> [BatchResult] {
    var results: [BatchResult] = []
    try batch.forEach(in: items) { results.append($0) }
    return results
  }

  @Test("decodes images while the card computes as many as it takes")
  func decoding() throws {
    let count = ImageEmbedder.graphicsCardSessionLimit + 2
    let card = FakeCard()
    // No run ends before all images are decoded.
    card.waits = { $0.decodedCount >= count }
    let batch = try batch(card, workerCount: count)
    batch.look = { _, _ in card.note { $0.decodedCount += 1 } }
    for result in try results(batch, of: items(count)) {
      guard case .embedded = result.outcome else {
        Issue.record("\(result.outcome)")
        continue
      }
    }
    // However many threads there are, so many models take the card's memory.
    #expect(card.state.modelCount <= ImageEmbedder.graphicsCardSessionLimit)
  }

  @Test("brings an image to the card while another one is computed")
  func uploading() throws {
    let card = FakeCard()
    card.waits = { $0.writtenCount >= 2 }
    for result in try results(batch(card, workerCount: 2), of: items(2)) {
      guard case .embedded = result.outcome else {
        Issue.record("\(result.outcome)")
        continue
      }
    }
  }

  @Test("that vanishes ends with an error for each image from there on, and a vector for none")
  func vanishing() throws {
    let card = FakeCard()
    card.runLimit = 3
    let results = try results(batch(card, workerCount: 1), of: items(10))
    #expect(results.map(\.index) == Array(0..<10))
    for result in results {
      switch result.outcome {
      case .embedded(let image):
        #expect(result.index < 3)
        #expect(image.embeddings[0].featureVector.floats?.first == Float(result.index + 1))
      case .failed(let error):
        #expect(result.index >= 3)
        #expect(error.code == .internal)
        #expect(error.description.contains("the device is lost"))
      case .skipped:
        Issue.record("nothing was found, everything was named")
      }
    }
  }
}

/// A card that the tests hold up, and on which a run writes its number to the output.
private final class FakeCard: Sendable {
  struct State {
    var modelCount = 0
    var decodedCount = 0
    var writtenCount = 0
    var runCount = 0
    var runLimit = Int.max
    var waits: @Sendable (State) -> Bool = { _ in true }
  }

  private let locked = Locked(State())

  var state: State { locked.withLock { $0 } }

  /// How many runs succeed.
  var runLimit: Int {
    get { state.runLimit }
    set { note { $0.runLimit = newValue } }
  }

  /// What has to be so before a run ends.
  var waits: @Sendable (State) -> Bool {
    get { state.waits }
    set { note { $0.waits = newValue } }
  }

  func note(_ change: (inout State) -> Void) {
    locked.withLock { change(&$0) }
  }

  /// Runs once; returns the run's number, from 1.
  func run() throws(InferenceError) -> Int {
    // Long enough for any machine; what is waited for comes at once or never.
    let number = locked.withLock(
      when: { $0.waits($0) }, withinSeconds: 60,
      do: { state in
        state.runCount += 1
        return state.runCount
      })
    guard let number else {
      throw InferenceError(.failed, engine: "fake", "nothing else was done meanwhile")
    }
    guard number <= runLimit else {
      throw InferenceError(.failed, engine: "fake", "the device is lost")
    }
    return number
  }
}

private final class FakeCardEngine: InferenceEngine {
  static let name = "fake"

  private let card: FakeCard
  private let output: TensorDescription
  private let input: TensorDescription

  init(card: FakeCard, output: TensorDescription, input: TensorDescription) {
    self.card = card
    self.output = output
    self.input = input
  }

  func makeModel() throws(InferenceError) -> any InferenceModel {
    card.note { $0.modelCount += 1 }
    do {
      return try FakeCardModel(card: card, output: output, byteCount: input.byteCount ?? 0)
    } catch {
      throw InferenceError(.outOfMemory, engine: Self.name, "\(error)")
    }
  }
}

private final class FakeCardModel: InferenceModel {
  let outputTensors: [TensorDescription]

  private let card: FakeCard
  private let input: AlignedBuffer
  private var values: [Float]

  init(card: FakeCard, output: TensorDescription, byteCount: Int) throws(OutOfMemory) {
    self.card = card
    outputTensors = [output]
    input = try AlignedBuffer(byteCount: byteCount)
    values = Array(repeating: 0, count: (output.byteCount ?? 0) / 4)
  }

  func prepare(inputShape: [Int]) {}

  func writeInput<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var bytes = unsafe MutableRawSpan(
      _unsafeStart: input.baseAddress, byteCount: input.byteCount)
    try body(&bytes)
    card.note { $0.writtenCount += 1 }
  }

  func run() throws(InferenceError) {
    values[0] = Float(try card.run())
  }

  func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    let values = values
    return unsafe body(values.span.bytes)
  }
}
