import BatchEmbedding
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

@testable import EmbedderBatchInputs

@Suite("Reading ahead")
struct ReadAheadTests {
  private static func file(_ number: Int) -> BatchItem {
    BatchItem(path: PathBytes("nowhere/\(number).jpg"))
  }

  /// Reads ahead of items, and returns how many were taken each time one was handed over; to take those
  /// of `slow` means to wait.
  private static func takenCounts(
    _ items: [BatchItem], slow: Set<Int> = [], count: Int
  ) -> (paths: [PathBytes], counts: [Int]) {
    var takenCount = 0
    var ahead = ReadAhead(count: count) { mayWait in
      guard takenCount < items.count, mayWait || !slow.contains(takenCount) else { return nil }
      defer { takenCount += 1 }
      return items[takenCount]
    }
    var (paths, counts): ([PathBytes], [Int]) = ([], [])
    while let item = ahead.next() {
      paths.append(item.path)
      counts.append(takenCount)
    }
    #expect(ahead.next() == nil)
    return (paths, counts)
  }

  @Test(
    "keeps the order and ends with the items, however far it goes", arguments: [0, 1, 2, 7, 99])
  func order(count: Int) {
    for total in [0, 1, 2, 10] {
      let items = (0..<total).map(Self.file)
      #expect(Self.takenCounts(items, count: count).paths == items.map(\.path))
    }
  }

  @Test("takes as many items as it was told, and no more")
  func distance() {
    let counts = Self.takenCounts((0..<10).map(Self.file), count: 3).counts
    #expect(counts == [4, 5, 6, 7, 8, 9, 10, 10, 10, 10])
  }

  @Test("never waits while an item is at hand")
  func waiting() {
    let counts = Self.takenCounts((0..<6).map(Self.file), slow: [2, 3], count: 4).counts
    #expect(counts == [2, 2, 3, 6, 6, 6])
  }

  @Test("stops in front of an archive, and of a list that somebody writes")
  func inputs() throws {
    try InputListTests.with(["a.jpg", "b.jpg", "d.jpg"]) { folder in
      try EmbedderTestSupport.write([], to: "\(folder)/c.tar")
      let items = InputList([PathBytes(folder), PathBytes("\(folder)/b.jpg")]).makeIterator()
      func names(mayWait: Bool) -> [String] {
        var names: [String] = []
        while let item = items.next(mayWait: mayWait) { names.append(item.path.name.description) }
        return names
      }
      #expect(names(mayWait: false) == ["a.jpg", "b.jpg"])
      #expect(items.next(mayWait: false) == nil)
      // The archive is empty, which is an error of its own.
      #expect(items.next()?.path.name.description == "c.tar")
      #expect(items.next(mayWait: false) == nil)
      #expect(items.next()?.path.name.description == "d.jpg")
      #expect(names(mayWait: false) == ["b.jpg"])
      var list = InputList([PathBytes("\(folder)/a.jpg")])
      var ends: [Int32] = [0, 0]
      try #require(unsafe pipe(&ends) == 0)
      defer { for end in ends { close(end) } }
      list.listDescriptor = ends[0]
      let written = list.makeIterator()
      #expect(written.next(mayWait: false) != nil)
      // Nobody has written a name: to wait for one would be for ever.
      #expect(written.next(mayWait: false) == nil)
    }
  }

  @Test("changes nothing about what is read")
  func content() throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try EmbedderTestSupport.write(bytes, to: "\(folder)/a.jpg")
      let path = PathBytes("\(folder)/a.jpg")
      var items = [BatchItem(path: path), BatchItem(path: path)]
      var ahead = ReadAhead(count: 1) { _ in items.popLast() }
      while let item = ahead.next() {
        let file = try readFile(at: item.path, limit: bytes.count)
        #expect(Array(copying: file.bytes) == bytes)
      }
      #expect(items.isEmpty)
    }
  }
}
