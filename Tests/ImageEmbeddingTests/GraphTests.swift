import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("Graphs that do not run as they are", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct GraphTests {
  private func embedder(_ graph: GraphCase, threadCount: Int = 1) throws -> ImageEmbedder {
    var options = ImageEmbedder.Options(model: .file(path: graph.path))
    options.threadCount = threadCount
    return try ImageEmbedder(options: options)
  }

  @Test(
    "give every picture of every session the interpreter's vectors", arguments: GraphCase.sound,
    [1, 2])
  func vectors(graph: GraphCase, threadCount: Int) throws {
    let embedder = try embedder(graph, threadCount: threadCount)
    #expect(embedder.heads.map(\.dimension) == graph.vectors[0].map(\.count))
    for _ in 1...2 {
      for (picture, expected) in zip(graph.pictures, graph.vectors) {
        let found = try embedder.embed(picture.frame()).embeddings
        try #require(found.count == expected.count)
        for (embedding, right) in zip(found, expected) {
          let floats = try #require(embedding.featureVector.floats)
          // Kernels of other processors sum in another order.
          #expect(difference(floats, right, tolerance: 1e-5) == nil, "\(graph.about)")
        }
      }
    }
  }

  @Test("give them also to two threads at once", arguments: GraphCase.sound)
  func concurrency(graph: GraphCase) async throws {
    let embedder = try embedder(graph)
    let pictures = graph.pictures
    let first = try pictures.map { try embedder.embed($0.frame()) }
    try await withThrowingTaskGroup(of: [EmbeddingResult].self) { group in
      for _ in 1...4 {
        group.addTask { try pictures.map { try embedder.embed($0.frame()) } }
      }
      for try await results in group { #expect(results == first) }
    }
  }

  @Test("are refused in words that lead on where no runtime has them", arguments: GraphCase.refused)
  func refusals(graph: GraphCase) throws {
    let error = try #require(throws: EmbedderError.self) { try embedder(graph) }
    for word in graph.refused { #expect("\(error)".contains(word), "\(error)") }
    #expect(!"\(error)".contains("damaged"), "\(error)")
  }

  @Test("are there")
  func casesAreThere() {
    #expect(GraphCase.sound.count >= 22)
    #expect(GraphCase.refused.count >= 5)
  }

  @Test("take a thousand sizes in turn, each with the vector that it has by itself")
  func manySizes() throws {
    let graph = try #require(GraphCase.sound.first { $0.name == "pooled_in_the_run" })
    let used = try embedder(graph)
    for number in 0..<1000 {
      let picture = PixelImage(
        patternOfWidth: 3 + number * 7 % 41, height: 3 + number * 5 % 37, channels: 3)
      let found = try used.floats(picture.frame())
      if number % 100 == 99 {
        let alone = try embedder(graph).floats(picture.frame())
        #expect(difference(found, alone, tolerance: 1e-6) == nil)
      }
    }
  }

  @Test("that cannot take a picture go on with the next")
  func afterFailure() throws {
    let graph = try #require(GraphCase.sound.first { $0.name == "convolution_of_open_size" })
    let embedder = try embedder(graph)
    for (picture, expected) in zip(graph.pictures, graph.vectors) {
      // No window of 3 x 3 fits into it.
      let tiny = PixelImage(patternOfWidth: 2, height: 1, channels: 3)
      let error = #expect(throws: EmbedderError.self) { try embedder.embed(tiny.frame()) }
      #expect(error?.description.contains("2 x 1 pixels") == true)
      let found = try embedder.floats(picture.frame())
      #expect(difference(found, expected[0], tolerance: 1e-5) == nil)
    }
  }
}
