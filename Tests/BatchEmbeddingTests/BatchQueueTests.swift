import EmbedderStorage
import EmbedderTestSupport
import ImageEmbedding
import Testing

@testable import BatchEmbedding

@Suite("A batch queue", .enabled(if: Fixtures.hasLiteRt, "the LiteRT library is missing"))
struct BatchQueueTests {
  static func queue(workerCount: Int = 2) throws -> BatchQueue {
    try BatchQueue(BatchEmbedder(BatchEmbedderTests.embedder(), workerCount: workerCount))
  }

  /// Item `n` shows picture `n`.
  static func item(_ number: Int) -> BatchItem {
    BatchItem(
      path: PathBytes("\(number)"),
      content: .encoded(PNGWriter(BatchEmbedderTests.picture(number)).file))
  }

  static func expect(_ result: BatchResult?, is number: Int) {
    guard case .embedded(let image) = result?.outcome else {
      Issue.record("\(number): \(result.map { "\($0.outcome)" } ?? "nothing")")
      return
    }
    #expect(result?.index == number)
    #expect(
      image.embeddings[0].featureVector.floats
        == BatchEmbedderTests.picture(number).bytes.map(Float.init))
  }

  @Test("gives each item its own vector, in order, while others are added")
  func addingAndTaking() throws {
    let queue = try Self.queue()
    for number in 0..<3 { try queue.add(Self.item(number)) }
    for number in 0..<200 {
      try queue.add(Self.item(number + 3))
      Self.expect(queue.results.next(), is: number)
    }
    queue.finish()
    for number in 200..<203 { Self.expect(queue.results.next(), is: number) }
    #expect(queue.results.next() == nil)
  }

  @Test("gives them to a task that awaits them while another adds")
  func awaiting() async throws {
    let queue = try Self.queue()
    async let adding: Void = {
      for number in 0..<100 { try queue.add(Self.item(number)) }
      queue.finish()
    }()
    var count = 0
    for await result in queue.results {
      Self.expect(result, is: count)
      count += 1
    }
    try await adding
    #expect(count == 100)
  }

  @Test("waits for an item no longer than it is told to")
  func timeout() throws {
    let queue = try Self.queue()
    guard case .timedOut = queue.results.next(withinSeconds: 0) else {
      Issue.record("there is a result of nothing")
      return
    }
    try queue.add(Self.item(0))
    Self.expect(queue.results.next(), is: 0)
  }

  @Test(
    "takes no items after its end",
    arguments: [
      { $0.finish() }, { $0.results.stop() }, { $0.results.cancel() },
    ] as [@Sendable (BatchQueue) -> Void])
  func ended(end: @Sendable (BatchQueue) -> Void) throws {
    let queue = try Self.queue()
    try queue.add(Self.item(0))
    end(queue)
    #expect(throws: EmbedderError.batchEnded) { try queue.add(Self.item(1)) }
    while queue.results.next() != nil {}
    queue.results.waitForWorkers()
  }

  @Test("takes no items after the task that awaited results was cancelled")
  func cancelledTask() async throws {
    let queue = try Self.queue()
    let task = Task {
      var count = 0
      for await _ in queue.results { count += 1 }
      return count
    }
    task.cancel()
    #expect(await task.value == 0)
    #expect(throws: EmbedderError.batchEnded) { try queue.add(Self.item(0)) }
  }

  @Test("drops what was not begun when it is stopped, and gives what was")
  func stopping() throws {
    let queue = try Self.queue(workerCount: 1)
    for number in 0..<500 { try queue.add(Self.item(number)) }
    Self.expect(queue.results.next(), is: 0)
    queue.results.stop()
    var count = 1
    while let result = queue.results.next() {
      Self.expect(result, is: count)
      count += 1
    }
    #expect(count < 500)
  }

  @Test("ends its results when nobody can add any longer")
  func forgotten() throws {
    var queue: BatchQueue? = try Self.queue()
    try queue?.add(Self.item(0))
    let results = try #require(queue?.results)
    queue = nil
    Self.expect(results.next(), is: 0)
    #expect(results.next() == nil)
  }
}
