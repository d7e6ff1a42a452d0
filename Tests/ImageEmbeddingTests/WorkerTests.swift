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

  @Test("is told which accelerator to use, and by which library", arguments: Accelerator.allCases)
  func accelerator(accelerator: Accelerator) throws {
    try withTemporaryFolder { folder in
      let libraries = [Array("/lib/\u{e9}".utf8), [0x2f, 0xff], []]
      for library in libraries {
        let name = Array(accelerator.rawValue.utf8)
        let model = Fixtures.model("constant_3_4")
        let bytes = try contents(of: model)
        // Two threads, no library of LiteRT, no signature, the accelerator, 60 seconds, the model.
        let content =
          ([2, 0, 0, 0, name.count].flatMap(littleEndian) + name)
          + (littleEndian(library.count) + library)
          + (littleEndian(60) + littleEndian(bytes.count) + bytes)
        let request = [1] + littleEndian(content.count) + content
        let worker = try FakeWorker(
          outputShape: [1, 2], readingFirst: request.count, in: folder)
        let embedder = try makeEmbedder("constant_3_4") { options in
          options.threadCount = 2
          options.accelerator = accelerator
          options.acceleratorLibraryPath = library.isEmpty ? nil : PathBytes(library)
          options.isolation = worker.isolation
        }
        #expect(try contents(of: worker.requestPath) == request)
        #expect(embedder.heads.map(\.dimension) == [2])
      }
    }
  }
}

/// A program that says that it has loaded a model of one output of floats.
struct FakeWorker {
  let isolation: ImageEmbedder.Isolation
  /// The file with what it read first.
  let requestPath: String

  /// Writes the program.
  ///
  /// - Parameters:
  ///   - shape: The shape of the output.
  ///   - byteCount: How many bytes it reads before it answers.
  ///   - folder: Where it is put.
  /// - Throws: What the system says when it cannot be written.
  init(outputShape shape: [Int], readingFirst byteCount: Int = 0, in folder: String) throws {
    // One output without a name, of floats, not quantized.
    let content = ([1, 0, 0, shape.count] + shape + [0, 0, 0]).flatMap(littleEndian)
    try write([3] + littleEndian(content.count) + content, to: "\(folder)/answer")
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
