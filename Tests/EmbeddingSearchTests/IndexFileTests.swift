import EmbedderEmbeddings
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingSearch
import Foundation
import Testing

@Suite("The file beside a store")
struct IndexFileTests {
  static let vectors = SearchedStores.stored(SearchedStores.vectors(170, dimension: 70), .float32)

  @Test("is made by the first index and used by the next")
  func reuse() throws {
    try withStore { store in
      var reports: [[Int]] = []
      let index = try EmbeddingIndex(store) { reports.append([$0, $1]) }
      #expect(index.fileError == nil)
      #expect(reports.first == [0, 170])
      #expect(reports.last == [170, 170])
      let made = try Self.state(of: store)
      try Self.expectAnswers(EmbeddingIndex(store) { _, _ in Issue.record("it was made again") })
      #expect(try Self.state(of: store) == made)
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/derived")
      #expect(names == ["search.int8"])
    }
  }

  @Test("is given up when that is wanted, and nothing of it is left")
  func cancelled() throws {
    try withStore { store in
      #expect(throws: SearchError.cancelled) {
        try EmbeddingIndex(store, isCancelled: { true })
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/derived")
      #expect(names == [])
    }
  }

  @Test("is extended when the store has grown", arguments: [1, 50, 60])
  func extending(count: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out"
      try SearchedStores.write([Array(Self.vectors.dropLast(count))], to: path)
      let former = try EmbeddingIndex(EmbeddingStore(PathBytes(path)))
      let more = [Array(Self.vectors.suffix(count))]
      try SearchedStores.write(more, to: path, mode: .resume(retriesFailures: false))
      let store = try EmbeddingStore(PathBytes(path))
      try Self.expectAnswers(EmbeddingIndex(store))
      try Self.expectAnswers(EmbeddingIndex(store) { _, _ in Issue.record("it was made again") })
      // Who opened the store before sees what counted then.
      let rows = Array(Self.vectors.dropLast(count))
      #expect(
        try former.nearest(3, to: rows[8]) == SearchedStores.nearest(3, to: rows[8], in: rows))
    }
  }

  @Test("is copied where the store's parts are the same")
  func copying() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out"
      try SearchedStores.write([Array(Self.vectors.prefix(120))], to: path)
      _ = try EmbeddingIndex(EmbeddingStore(PathBytes(path)))
      try SearchedStores.write(
        [Array(Self.vectors.dropFirst(120))], to: path, mode: .resume(retriesFailures: false))
      let store = try EmbeddingStore(PathBytes(path))
      // The vectors of the first part cannot be read, and need not be.
      let part = "\(path)/img_emb/img_emb_000000.npy"
      try FileManager.default.moveItem(atPath: part, toPath: "\(part).aside")
      let index = try EmbeddingIndex(store)
      #expect(index.fileError == nil)
      #expect(throws: SearchError.self) { try index.nearest(170, to: Self.vectors[0]) }
      try FileManager.default.moveItem(atPath: "\(part).aside", toPath: part)
      try Self.expectAnswers(index)
    }
  }

  @Test("does no harm when it is cut", arguments: [0, 10, 60, 200, 4095, 4096, 9000, -1])
  func cut(byteCount: Int) throws {
    try withStore { store in
      let index = try EmbeddingIndex(store)
      let path = Self.path(of: store)
      let bytes = try contents(of: path)
      try write(Array(bytes.prefix(byteCount < 0 ? bytes.count - 1 : byteCount)), to: path)
      try Self.expectAnswers(index)
      try Self.expectAnswers(EmbeddingIndex(store))
    }
  }

  @Test("does no harm when it is cut or removed beneath an index")
  func cutBeneath() throws {
    try withStore { store in
      for round in 0..<3 {
        let index = try EmbeddingIndex(store)
        if round > 0 { try Self.expectAnswers(index) }
        let path = Self.path(of: store)
        if round == 2 {
          try FileManager.default.removeItem(atPath: path)
        } else {
          let file = try FileHandle(forWritingTo: URL(filePath: path))
          try file.truncate(atOffset: 5000)
          try file.close()
        }
        try Self.expectAnswers(index)
        try Self.expectAnswers(index)
      }
    }
  }

  @Test("does no harm when its bytes are others")
  func damage() throws {
    try withStore { store in
      _ = try EmbeddingIndex(store)
      let path = Self.path(of: store)
      let bytes = try contents(of: path)
      var random = SeededGenerator(seed: 7)
      for round in 0..<40 {
        var damaged = bytes
        // The header has a small part of the bytes and the larger part of what can go wrong.
        let most = round % 2 == 0 ? 500 : bytes.count
        damaged[Int.random(in: 22..<most, using: &random)] ^= 1 << UInt8(round % 8)
        try write(damaged, to: path)
        try Self.expectAnswers(EmbeddingIndex(store))
      }
    }
  }

  @Test("does no harm when its pages were never written, or hold others'", arguments: [0, 1, 127])
  func lostPages(byte: UInt8) throws {
    try withStore { store in
      let index = try EmbeddingIndex(store)
      let path = Self.path(of: store)
      let bytes = try contents(of: path)
      let (start, end) = (4096, 4096 + (bytes.count - 4096) / 2)
      try write(
        bytes[..<start] + Array(repeating: byte, count: end - start) + bytes[end...], to: path)
      try Self.expectAnswers(index)
      try Self.expectAnswers(EmbeddingIndex(store))
    }
  }

  @Test("of other vectors is made again", arguments: ["fingerprint", "rows"])
  func ofAnother(kind: String) throws {
    try withStore { store in
      try withTemporaryFolder { folder in
        let other = SearchedStores.stored(
          SearchedStores.vectors(170, dimension: 70, seed: 9), .float32)
        try SearchedStores.write(
          [kind == "rows" ? other : Self.vectors], to: "\(folder)/out",
          fingerprint: kind == "rows" ? "of a model" : "of another")
        let otherStore = try EmbeddingStore(PathBytes("\(folder)/out"))
        _ = try EmbeddingIndex(otherStore)
        _ = try EmbeddingIndex(store)
        let own = try contents(of: Self.path(of: store))
        try write(contents(of: Self.path(of: otherStore)), to: Self.path(of: store))
        try Self.expectAnswers(EmbeddingIndex(store))
        #expect(try contents(of: Self.path(of: store)) == own)
      }
    }
  }

  @Test("is not made where another's file has its name", arguments: [[], Array("notes".utf8)])
  func foreign(bytes: [UInt8]) throws {
    try withStore { store in
      let path = Self.path(of: store)
      try FileManager.default.createDirectory(
        atPath: "\(store.path)/derived", withIntermediateDirectories: true)
      try write(bytes, to: path)
      let index = try EmbeddingIndex(store)
      #expect(index.fileError == .foreignFile(path: path))
      try Self.expectAnswers(index)
      try Self.expectAnswers(index)
      #expect(try contents(of: path) == bytes)
    }
  }

  @Test("is done without where it cannot be written")
  func unwritable() throws {
    try withStore { store in
      try FileManager.default.createSymbolicLink(
        atPath: "\(store.path)/derived", withDestinationPath: "nowhere")
      let index = try EmbeddingIndex(store)
      guard case .file = index.fileError else {
        Issue.record("\(String(describing: index.fileError))")
        return
      }
      try Self.expectAnswers(index)
      try Self.expectAnswers(index)
    }
  }

  @Test("is right when several make it at once")
  func concurrency() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try SearchedStores.write([Self.vectors], to: "\(folder)/out")
    let store = try EmbeddingStore(PathBytes("\(folder)/out"))
    try await withThrowingTaskGroup { group in
      for _ in 0..<6 {
        group.addTask { try Self.expectAnswers(EmbeddingIndex(store, threadCount: 3)) }
      }
      try await group.waitForAll()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/derived")
    #expect(names == ["search.int8"])
  }

  @Test("does not hide that a part is gone")
  func missingPart() throws {
    try withStore { store in
      let index = try EmbeddingIndex(store)
      try FileManager.default.removeItem(atPath: "\(store.path)/img_emb/img_emb_000001.npy")
      #expect(throws: SearchError.self) { try index.nearest(170, to: Self.vectors[0]) }
      #expect(throws: SearchError.self) { try Pair.all(in: index, minCosine: -1) }
    }
  }

  private func withStore(_ body: (EmbeddingStore) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try SearchedStores.write([Self.vectors], to: "\(folder)/out")
      try body(EmbeddingStore(PathBytes("\(folder)/out")))
    }
  }

  private static func path(of store: EmbeddingStore) -> String {
    "\(store.path)/derived/search.int8"
  }

  private static func state(of store: EmbeddingStore) throws -> [UInt64] {
    let attributes = try FileManager.default.attributesOfItem(atPath: path(of: store))
    return [
      (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
      (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
    ]
  }

  private static func expectAnswers(_ index: EmbeddingIndex) throws {
    for query in [vectors[3], vectors[160]] {
      let expected = SearchedStores.nearest(5, to: query, in: vectors)
      #expect(try index.nearest(5, to: query) == expected)
    }
  }
}
