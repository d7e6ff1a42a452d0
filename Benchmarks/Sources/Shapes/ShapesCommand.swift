import ArgumentParser
import BatchEmbedding
import EmbedderBatchInputs
import Foundation
import ImageEmbedding

/// Measures ways to share the work on many images between threads.
@main
struct ShapesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shapes",
    abstract: "Measures ways to share the work on many images between threads.",
    discussion: """
      workers: each thread decodes and embeds one image after another, with a model of its own. \
      pipeline: threads that decode hand pixels to threads that embed, as many of each as there are \
      cores. one model: threads that decode hand pixels to one model that runs on all cores.
      """)

  @Argument(help: "A folder of images.")
  var folder: String

  @Option(help: "The model.")
  var model = BuiltInModel.efficientNetLite0.rawValue

  @Option(help: "The rounds, in which the ways take turns.")
  var rounds = 5

  func run() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let items = Array(InputList([PathBytes(folder)]))
    var options = ImageEmbedder.Options(model: ModelSource(model))
    let embedder = try ImageEmbedder(options: options)
    options.threadCount = cores
    let wideEmbedder = try ImageEmbedder(options: options)

    let shapes: [(name: String, run: () throws -> Void)] = [
      ("workers", { try Self.consume(items, BatchEmbedder(embedder, workerCount: cores)) }),
      (
        "pipeline",
        {
          try Self.consume(
            DecodedItems(items, threadCount: cores), BatchEmbedder(embedder, workerCount: cores))
        }
      ),
      (
        "one model",
        {
          try Self.consume(
            DecodedItems(items, threadCount: cores), BatchEmbedder(wideEmbedder, workerCount: 1))
        }
      ),
    ]
    var seconds = shapes.map { _ in [Double]() }
    for round in 0...rounds {
      for (index, shape) in shapes.enumerated() {
        let start = ContinuousClock.now
        try shape.run()
        let taken = ContinuousClock.now - start
        // The first round is for nothing: models are made and files come into the cache.
        if round > 0 { seconds[index].append(taken / .seconds(1)) }
      }
    }
    print("\(items.count) images, \(model), \(cores) cores, medians of \(rounds) rounds")
    for (shape, seconds) in zip(shapes, seconds) {
      let median = seconds.sorted()[seconds.count / 2]
      let rate = (Double(items.count) / median).formatted(.number.precision(.fractionLength(1)))
      print("\(shape.name): \(rate) images/s")
    }
  }

  private static func consume(
    _ items: some Sequence<BatchItem> & Sendable, _ batch: BatchEmbedder
  ) throws {
    var count = 0
    try batch.forEach(in: items) { result in
      if case .embedded = result.outcome { count += 1 }
    }
    guard count > 0 else { throw ValidationError("no image could be embedded") }
  }
}

/// Items as decoded frames, by threads of their own that run ahead a little.
private final class DecodedItems: Sequence, @unchecked Sendable {
  private let items: [BatchItem]
  private let change = NSCondition()
  private var next = 0
  private var ready: [BatchItem] = []
  private var runningCount: Int
  private let limit: Int

  init(_ items: [BatchItem], threadCount: Int) {
    self.items = items
    runningCount = threadCount
    limit = 2 * threadCount
    for _ in 0..<threadCount { Thread { self.decodeAll() }.start() }
  }

  private func decodeAll() {
    while let item = takeItem() {
      guard let image = try? ImageFile.decode(contentsOf: item.path) else { continue }
      change.withLock {
        while ready.count >= limit { change.wait() }
        ready.append(BatchItem(path: item.path, content: .frame(image.frame)))
        change.broadcast()
      }
    }
    change.withLock {
      runningCount -= 1
      change.broadcast()
    }
  }

  private func takeItem() -> BatchItem? {
    change.withLock {
      guard next < items.count else { return nil }
      defer { next += 1 }
      return items[next]
    }
  }

  func makeIterator() -> AnyIterator<BatchItem> {
    AnyIterator { [self] in
      change.withLock {
        while ready.isEmpty, runningCount > 0 { change.wait() }
        guard !ready.isEmpty else { return nil }
        change.broadcast()
        return ready.removeFirst()
      }
    }
  }
}
