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
      // One output without a name, of floats, not quantized.
      let content = ([1, 0, 0, shape.count] + shape + [0, 0, 0]).flatMap(littleEndian)
      try write([3] + littleEndian(content.count) + content, to: "\(folder)/answer")
      // The socket is its standard input, on which it answers and then listens.
      try write(
        Array("#!/bin/sh\ncat '\(folder)/answer' >&0\ncat >/dev/null\n".utf8), to: "\(folder)/text")
      // A process that another test starts may inherit a file that is being written here, and nobody may
      // run a file that somebody has open for writing.
      let copy = try CommandLineRunner.shell("cp text worker && chmod 700 worker", folder: folder)
      try #require(copy.ending == .exit(status: 0))
      let worker = "\(folder)/worker"
      let model = Fixtures.model("constant_3_4")
      let error = #expect(throws: EmbedderError.self) {
        try embedder(model: .file(path: model), worker: worker)
      }
      #expect(error?.code == .internal)
      #expect(error?.description.contains("an output of the shape \(shape)") == true)
    }
  }

  private func littleEndian(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
