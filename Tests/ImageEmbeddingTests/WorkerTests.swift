import EmbedderTestSupport
import Foundation
import Testing

@testable import ImageEmbedding

@Suite("A worker that misbehaves is one error")
struct WorkerTests {
  /// Makes an embedder whose model is in a worker of the kind that is told.
  private func embedder(model: ModelSource, worker: String) throws -> ImageEmbedder {
    var options = ImageEmbedder.Options(model: model)
    options.isolation = ImageEmbedder.Isolation(workerPath: worker, timeoutSeconds: 1)
    return try ImageEmbedder(options: options)
  }

  @Test("where it never reads, though the model is more than the system keeps for it")
  func deafWorker() throws {
    let error = #expect(throws: EmbedderError.self) {
      // It writes for ever and reads nothing.
      try embedder(model: .builtIn(.efficientNetLite0), worker: "/usr/bin/yes")
    }
    #expect(error?.code == .deadlineExceeded)
    #expect(error?.description.contains("still loading the model after 1 seconds") == true)
  }

  @Test(
    "where its outputs are larger than any memory",
    arguments: [[1 << 40, 1 << 40], [.max, 2], [-1, 4], [1, 1 << 62]])
  func impossibleOutput(shape: [Int]) throws {
    try withTemporaryFolder { folder in
      let worker = try FakeWorker(outputShape: shape, in: folder).isolation.workerPath
      let model = Fixtures.model("constant_3_4")
      let error = #expect(throws: EmbedderError.self) {
        try embedder(model: .file(path: model), worker: worker)
      }
      #expect(error?.code == .internal)
      #expect(error?.description.contains("an output of the shape \(shape)") == true)
    }
  }

  @Test("where it says itself what went wrong, of the kind that it says", arguments: reports)
  func report(number: Int, kind: InferenceError.Kind, code: StatusCode) throws {
    try withTemporaryFolder { folder in
      let sentence = Array("no such library: x; install it".utf8)
      let content = [number, sentence.count].flatMap(littleEndian) + sentence
      let worker = try FakeWorker(answer: [5] + littleEndian(content.count) + content, in: folder)
      let error = #expect(throws: EmbedderError.self) {
        try makeEmbedder("constant_3_4") { $0.isolation = worker.isolation }
      }
      guard case .engine(_, let cause)? = error else {
        Issue.record("\(String(describing: error)) is no error of an engine")
        return
      }
      #expect(cause.kind == kind && error?.code == code)
      #expect(cause.description == "no such library: x; install it")
    }
  }

  @Test("where it reports what no worker can know", arguments: [5, -1, 1 << 40])
  func unknownReport(number: Int) throws {
    try withTemporaryFolder { folder in
      let content = [number, 0].flatMap(littleEndian)
      let worker = try FakeWorker(answer: [5] + littleEndian(content.count) + content, in: folder)
      let error = #expect(throws: EmbedderError.self) {
        try makeEmbedder("constant_3_4") { $0.isolation = worker.isolation }
      }
      #expect(error?.code == .internal)
      #expect(error?.description.contains("a failure of kind \(number)") == true)
    }
  }

  @Test(
    "is told which accelerator to use, in which precision and by which library",
    arguments: [
      (Accelerator.cpu, Precision.float32), (.openVINO, .float32), (.openVINO, .bfloat16),
      (.gpu, .float32),
    ])
  func accelerator(accelerator: Accelerator, precision: Precision) throws {
    try withTemporaryFolder { folder in
      let libraries = [[], Array("/lib/\u{e9}".utf8), [0x2f, 0xff]]
      for library in libraries.prefix(accelerator == .cpu ? 1 : 3) {
        let name = Array(accelerator.rawValue.utf8)
        let numbers = Array(precision.rawValue.utf8)
        let model = Fixtures.model("constant_3_4")
        let bytes = try contents(of: model)
        // Two threads, no library of LiteRT, no signature, the accelerator, its precision and
        // library, 60 seconds, the model.
        let content =
          ([2, 0, 0, 0, name.count].flatMap(littleEndian) + name)
          + (littleEndian(numbers.count) + numbers)
          + (littleEndian(library.count) + library)
          + (littleEndian(60) + littleEndian(bytes.count) + bytes)
        let request = [1] + littleEndian(content.count) + content
        let worker = try FakeWorker(
          outputShape: [1, 2], readingFirst: request.count, in: folder)
        let embedder = try makeEmbedder("constant_3_4") { options in
          options.threadCount = 2
          options.accelerator = accelerator
          options.precision = precision
          options.acceleratorLibraryPath = library.isEmpty ? nil : PathBytes(library)
          options.isolation = worker.isolation
        }
        #expect(try contents(of: worker.requestPath) == request)
        #expect(embedder.heads.map(\.dimension) == [2])
      }
    }
  }
}

/// What workers say of themselves, with the number that stands for it in messages.
private let reports: [(number: Int, kind: InferenceError.Kind, code: StatusCode)] = [
  (0, .failed, .internal), (1, .modelRefused, .invalidArgument), (2, .engineNotFound, .notFound),
  (3, .engineUnusable, .failedPrecondition), (4, .outOfMemory, .resourceExhausted),
]

/// A program that answers as a worker does, the same whatever it is asked.
struct FakeWorker {
  let isolation: ImageEmbedder.Isolation
  /// The file with what it read first.
  let requestPath: String

  /// Writes a program that says that it has loaded a model of one output of floats.
  ///
  /// - Parameters:
  ///   - shape: The shape of the output.
  ///   - byteCount: How many bytes it reads before it answers.
  ///   - folder: Where it is put.
  /// - Throws: What the system says when it cannot be written.
  init(outputShape shape: [Int], readingFirst byteCount: Int = 0, in folder: String) throws {
    // One output without a name, of floats, not quantized.
    let content = ([1, 0, 0, shape.count] + shape + [0, 0, 0]).flatMap(littleEndian)
    try self.init(
      answer: [3] + littleEndian(content.count) + content, readingFirst: byteCount, in: folder)
  }

  /// Writes a program that answers with the bytes of a message.
  init(answer: [UInt8], readingFirst byteCount: Int = 0, in folder: String) throws {
    try write(answer, to: "\(folder)/answer")
    requestPath = "\(folder)/request"
    // The socket is its standard input, on which it answers and then listens.
    let text =
      "#!/bin/sh\nhead -c \(byteCount) >'\(requestPath)'\ncat '\(folder)/answer' >&0\ncat >/dev/null\n"
    try write(Array(text.utf8), to: "\(folder)/text")
    // A process that another test starts may inherit a file that is being written here, and nobody may
    // run a file that somebody has open for writing.
    let copy = try CommandLineRunner.shell("cp text worker && chmod 700 worker", folder: folder)
    try #require(copy.ending == .exit(status: 0))
    isolation = ImageEmbedder.Isolation(workerPath: "\(folder)/worker")
  }
}

private func littleEndian(_ value: Int) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
