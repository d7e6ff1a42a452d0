import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Testing

@testable import ImageEmbedding

@Suite("An engine whose models are compared with the default's")
struct ComparedEngineTests {
  /// An engine whose models give vectors of twos, in the order that is told.
  private final class FakeEngine: InferenceEngine {
    static let name = "fake"
    let values: Locked<[Float]>
    let isKept: Locked<Bool>
    /// What running fails with.
    let error: InferenceError?
    /// What the next run of any model fails with, once.
    let nextError = Locked<InferenceError?>(nil)

    init(_ values: [Float], isKept: Bool = false, error: InferenceError? = nil) {
      self.values = Locked(values)
      self.isKept = Locked(isKept)
      self.error = error
    }

    func makeModel() throws(InferenceError) -> any InferenceModel {
      let value = values.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      guard let value else { throw InferenceError(.outOfMemory, engine: "fake", "no model left") }
      return FakeModel(value, error, nextError)
    }

    func forgetsKeptModel() -> Bool {
      isKept.withLock { isKept in
        defer { isKept = false }
        return isKept
      }
    }
  }

  @safe
  private final class FakeModel: InferenceModel {
    let outputTensors: [TensorDescription]
    private var values: [Float]
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    private let error: InferenceError?
    private let nextError: Locked<InferenceError?>

    init(_ value: Float, _ error: InferenceError?, _ nextError: Locked<InferenceError?>) {
      values = [1, value]
      self.error = error
      self.nextError = nextError
      outputTensors = ComparedEngineTests.file?.outputs ?? []
    }

    deinit {
      unsafe input.deallocate()
    }

    func prepare(inputShape: [Int]) throws(InferenceError) {}

    func writeInput<Failure: Error>(
      _ body: (inout MutableRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
      var bytes = unsafe MutableRawSpan(_unsafeBytes: input)
      try body(&bytes)
    }

    func run() throws(InferenceError) {
      let next = nextError.withLock { next in
        defer { next = nil }
        return next
      }
      if let error = error ?? next { throw error }
    }

    func readOutput<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
      let values = values
      return unsafe body(values.span.bytes)
    }
  }

  /// A model with an output of two numbers.
  fileprivate static let file: ModelFile? = try? ModelFile(
    reading: SharedBytes(contents(of: Fixtures.model("constant_3_4"))).bytes)

  private func compared(
    _ engine: FakeEngine, _ reference: FakeEngine = FakeEngine([2])
  ) throws -> ComparedEngine {
    try ComparedEngine(
      engine, called: "the fake", in: .float32, against: reference, try #require(Self.file))
  }

  @Test("gives out the model that was compared, and compares those that follow")
  func models() throws {
    let engine = try compared(FakeEngine([2, 2, 5]))
    _ = try engine.makeModel()
    _ = try engine.makeModel()
    let error = #expect(throws: InferenceError.self) { try engine.makeModel() }
    #expect(error?.kind == .modelRefused)
    #expect(error?.description.contains("the fake gives another vector") == true)
  }

  @Test("refuses a model whose vector is another")
  func refusal() throws {
    let error = #expect(throws: InferenceError.self) { try compared(FakeEngine([5])) }
    #expect(error?.kind == .modelRefused)
  }

  @Test("refuses none for what an earlier process kept, which is forgotten first")
  func kept() throws {
    let engine = try compared(FakeEngine([5, 2, 2, 5], isKept: true))
    for _ in 1...2 { _ = try engine.makeModel() }
    #expect(throws: InferenceError.self) { try engine.makeModel() }
    let later = FakeEngine([2, 5, 2], isKept: true)
    let other = try compared(later)
    for _ in 1...2 { _ = try other.makeModel() }
    #expect(later.isKept.withLock { $0 } == false)
  }

  @Test("compares a model again after a failure, and another one where it is not as it was")
  func comparedAgain() throws {
    let shape = [1, 8, 8, 3]
    let failure = InferenceError(.failed, engine: "fake", "the card has gone")
    let fake = FakeEngine([2, 2, 5])
    let model = try compared(fake).makeModel()
    func fail(inComparison isAgain: Bool) throws {
      try model.prepare(inputShape: shape)
      fake.nextError.withLock { $0 = failure }
      #expect(throws: failure) { try model.run() }
      if isAgain { fake.nextError.withLock { $0 = failure } }
    }
    // It runs again and gives what it gave, so that no other is made.
    try fail(inComparison: false)
    try model.prepare(inputShape: shape)
    try model.run()
    #expect(fake.values.withLock { $0 } == [2, 5])
    // It does not run: the next one takes its place.
    try fail(inComparison: true)
    try model.prepare(inputShape: shape)
    try model.run()
    #expect(fake.values.withLock { $0 } == [5])
    // The next gives another vector, and after that there is none.
    try fail(inComparison: true)
    let refused = #expect(throws: InferenceError.self) { try model.prepare(inputShape: shape) }
    #expect(refused?.kind == .modelRefused)
    fake.nextError.withLock { $0 = failure }
    let exhausted = #expect(throws: InferenceError.self) { try model.prepare(inputShape: shape) }
    #expect(exhausted?.description == "no model left")
    // Until something runs again nothing is taken for sound; then it is.
    try model.prepare(inputShape: shape)
    try model.run()
  }

  @Test("tells of what fails on either side")
  func failures() {
    let error = InferenceError(.failed, engine: "fake", "it broke")
    for (engine, reference) in [
      (FakeEngine([2], error: error), FakeEngine([2])),
      (FakeEngine([2]), FakeEngine([2], error: error)),
    ] {
      #expect(throws: error) { try compared(engine, reference) }
    }
    for (engine, reference) in [
      (FakeEngine([]), FakeEngine([2])), (FakeEngine([2]), FakeEngine([])),
    ] {
      let error = #expect(throws: InferenceError.self) { try compared(engine, reference) }
      #expect(error?.description == "no model left")
    }
  }
}
