import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Embedding for tasks", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct AsyncEmbeddingTests {
  private static func source(_ number: Int) throws -> (ImageSource, [UInt8]) {
    var generator = SeededGenerator(seed: UInt64(number))
    let image = PixelImage(randomOfWidth: 8, height: 6, channels: 3, using: &generator)
    return (ImageSource(.encoded(EncodedImage(PNGWriter(image).file))), image.bytes)
  }

  @Test("gives each of many tasks its own vector")
  func manyTasks() async throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let (source, pixels) = try Self.source(number)
          let result = try await embedder.embed(source)
          #expect(result.pixels == pixels)
          #expect((result.width, result.height) == (8, 6))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("is an error of the task that asks, and of no other")
  func failure() async throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let error = await #expect(throws: EmbedderError.self) {
      _ = try await embedder.embed(ImageSource.file("/missing.png"))
    }
    #expect(error?.code == .notFound)
    let (source, pixels) = try Self.source(7)
    #expect(try await embedder.embed(source).pixels == pixels)
  }

  @Test("is not begun for a task that was cancelled")
  func cancellation() async throws {
    let embedder = try makeEmbedder("identity_uint8_8x6")
    let (source, _) = try Self.source(3)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await embedder.embed(source)
    }
    task.cancel()
    await #expect(throws: EmbedderError.cancelled) { try await task.value }
    #expect(EmbedderError.cancelled.code == .cancelled)
  }
}
