import EmbedderEmbeddings
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

@Suite("Removing rows of a store")
struct RowRemovalTests {
  private static func images(_ numbers: some Sequence<Int>) -> [PathBytes] {
    numbers.map { PathBytes("./in//\($0).png") }
  }

  /// The numbers of the rows that a store holds, each of which has its own vectors.
  private static func numbers(_ path: String, _ content: StoreWriter.Content) throws -> [Int] {
    let store = try EmbeddingStore(PathBytes(path))
    #expect(store.verify().isEmpty)
    return try (0..<store.count).map { row in
      let number = try store.row(at: row).width
      for (head, (_, dimension)) in content.heads.enumerated() {
        #expect(
          try store.vector(at: row, head: head)
            == Stores.vector(number, dimension: dimension, content.type))
      }
      return number
    }
  }

  @Test(
    "leaves every other row exactly once, in whole parts",
    arguments: ComponentType.allCases,
    [[0], [3, 4], [9], [0, 1, 2, 3], Array(1...8), Array(0...9), [], [77]])
  func removal(type: ComponentType, removed: [Int]) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out"
      let content = Stores.content(type, dimensions: [3, 5])
      try Stores.write(10, to: path, content)
      let count = try EmbeddingStore.removeRows(
        of: Self.images(removed), fromStoreAt: PathBytes(path))
      let expected = Set(0..<10).subtracting(removed)
      #expect(count == 10 - expected.count)
      let numbers = try Self.numbers(path, content)
      #expect(numbers.sorted() == expected.sorted())
      // And the store can be gone on with.
      try Stores.write(2, to: path, from: 10, content, mode: .resume(retriesFailures: false))
      #expect(try Self.numbers(path, content).sorted() == (expected.sorted() + [10, 11]))
    }
  }

  @Test("takes the rows of all shards, and leaves the rest an undivided store")
  func shards() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out"
      for number in 1...2 {
        var content = Stores.content()
        content.shard = Shard(number: number, count: 2)
        try Stores.write(6, to: path, from: 6 * number, content)
      }
      let images = Self.images([7, 8, 13])
      #expect(try EmbeddingStore.removeRows(of: images, fromStoreAt: PathBytes(path)) == 3)
      let left = try Self.numbers(path, Stores.content()).sorted()
      #expect(left == [6, 9, 10, 11, 12, 14, 15, 16, 17])
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).contains("run.json"))
    }
  }

  @Test("keeps what the record says of the run")
  func details() throws {
    try withTemporaryFolder { folder in
      let path = PathBytes("\(folder)/out")
      do {
        let writer = try StoreWriter(
          path, content: Stores.content(), mode: .new, details: [("status", .string("complete"))])
        for number in 0..<3 {
          try writer.append(
            StoredRow(path: PathBytes("in/\(number).png"), width: 1, height: 1),
            [Stores.vector(number, dimension: 3)])
        }
        try writer.finish()
      }
      _ = try EmbeddingStore.removeRows(of: Self.images([1]), fromStoreAt: path)
      let record = String(decoding: try contents(of: "\(folder)/out/run.json"), as: UTF8.self)
      #expect(record.contains(#""status":"complete""#))
    }
  }

  @Test(
    "removes nothing of a store that is damaged, written, of 0.1.0 or none",
    arguments: ["damaged", "busy", "first version", "nothing", "other settings"])
  func refusals(fault: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out"
      try Stores.write(10, to: path, Stores.content())
      var writer: StoreWriter?
      let record = "\(path)/run.json"
      let expected: StoreError
      switch fault {
      case "damaged":
        let array = "\(path)/img_emb/img_emb_000001.npy"
        var bytes = try contents(of: array)
        bytes[bytes.count - 1] ^= 1
        try write(bytes, to: array)
        expected = .damaged(path: array, reason: "its bytes are not those that were written")
      case "busy":
        writer = try StoreWriter(
          PathBytes(path), content: Stores.content(), mode: .resume(retriesFailures: false))
        expected = .busy(path: path)
      case "first version":
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(
          atPath: Fixtures.store("0.1.0/plain"), toPath: path)
        expected = .firstVersion(path: path)
      case "nothing":
        try FileManager.default.removeItem(atPath: path)
        expected = .notAStore(path: path, found: "there is no such folder")
      default:
        let text = String(decoding: try contents(of: record), as: UTF8.self)
        try write(Array(text.replacing("of a model", with: "of another").utf8), to: record)
        expected = .unreadableRecord(path: record)
      }
      #expect(throws: expected) {
        try EmbeddingStore.removeRows(of: Self.images(0..<3), fromStoreAt: PathBytes(path))
      }
      _ = writer
      #expect(FileManager.default.fileExists(atPath: path) == (fault != "nothing"))
    }
  }
}
