import EmbedderEmbeddings
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingSearch
import Foundation
import Testing

@Suite("Searching for tasks")
struct WaitingTests {
  static let vectors = SearchedStores.stored(SearchedStores.vectors(200, dimension: 24), .float32)

  @Test("gives each of many tasks what it asked for")
  func nearest() async throws {
    try await Self.withIndex { index in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for row in 0..<100 {
          group.addTask {
            let expected = SearchedStores.nearest(4, to: Self.vectors[row], in: Self.vectors)
            let found = try await index.nearest(4, to: Self.vectors[row])
            #expect(found == expected)
            let both = try await index.nearest(4, toEach: [Self.vectors[row], Self.vectors[3]])
            #expect(both.first == expected)
          }
        }
        try await group.waitForAll()
      }
      await #expect(throws: SearchError.invalidCount(0)) {
        try await index.nearest(0, to: Self.vectors[0])
      }
    }
  }

  @Test("gives pairs in order, to each loop anew", arguments: [nil, Array(20..<90), []])
  func pairs(rows: [Int]?) async throws {
    try await Self.withIndex { index in
      let expected = Pair.expected(in: Self.vectors, minCosine: 0.7)
        .filter { pair in rows.map { $0.contains(pair.first) && $0.contains(pair.second) } ?? true }
      let pairs = try index.pairs(minCosine: 0.7, among: rows.map { RowSet($0) })
      for _ in 0..<2 {
        var found: [Pair] = []
        for try await pair in pairs { found.append(pair) }
        #expect(found == expected)
      }
      var iterator = try index.pairs(minCosine: 2).makeAsyncIterator()
      for _ in 0..<2 {
        let pair = try await iterator.next()
        #expect(pair == nil)
      }
      #expect(throws: SearchError.invalidCosine) { try index.pairs(minCosine: .nan) }
    }
  }

  @Test("is not begun for a task that was cancelled")
  func cancelledBefore() async throws {
    try await Self.withIndex { index in
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await index.nearest(1, to: Self.vectors[0])
      }
      task.cancel()
      await #expect(throws: SearchError.cancelled) { try await task.value }
    }
  }

  @Test("gives up looking for pairs when the task is cancelled")
  func cancelledBetween() async throws {
    try await Self.withIndex { index in
      let task = Task {
        var iterator = try index.pairs(minCosine: -1).makeAsyncIterator()
        let first = try await iterator.next()
        #expect(first?.second == 1)
        unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
        await #expect(throws: SearchError.cancelled) { try await iterator.next() }
        // It is at its end after an error.
        return try await iterator.next()
      }
      let last = try await task.value
      #expect(last == nil)
    }
  }

  @Test("passes on that a part is gone, and is at its end then")
  func missingPart() async throws {
    try await Self.withIndex { index in
      try FileManager.default.removeItem(atPath: "\(index.store.path)/img_emb/img_emb_000001.npy")
      await #expect(throws: SearchError.self) { try await index.nearest(200, to: Self.vectors[0]) }
      var iterator = try index.pairs(minCosine: -1).makeAsyncIterator()
      await #expect(throws: SearchError.self) { try await iterator.next() }
      let last = try await iterator.next()
      #expect(last == nil)
    }
  }

  private static func withIndex(
    _ body: (EmbeddingIndex) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try SearchedStores.write([vectors], to: "\(folder)/out")
    try await body(EmbeddingIndex(EmbeddingStore(PathBytes("\(folder)/out"))))
  }
}
