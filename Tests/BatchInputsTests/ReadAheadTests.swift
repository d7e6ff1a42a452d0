import BatchEmbedding
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

@testable import EmbedderBatchInputs

@Suite("Reading ahead")
struct ReadAheadTests {
  /// Items that count how many of them were taken.
  private final class Source: Sequence {
    private(set) var takenCount = 0
    private let items: [BatchItem]

    init(_ items: [BatchItem]) { self.items = items }

    func makeIterator() -> AnyIterator<BatchItem> {
      AnyIterator {
        guard self.takenCount < self.items.count else { return nil }
        defer { self.takenCount += 1 }
        return self.items[self.takenCount]
      }
    }
  }

  private static func file(_ number: Int) -> BatchItem {
    BatchItem(path: PathBytes("nowhere/\(number).jpg"))
  }

  @Test(
    "keeps the order and ends with the items, however far it goes", arguments: [0, 1, 2, 7, 99])
  func order(count: Int) {
    for total in [0, 1, 2, 10] {
      let items = (0..<total).map(Self.file)
      let found = ReadAhead(items, count: count).map(\.path)
      #expect(found == items.map(\.path))
    }
  }

  @Test("takes as many items as it was told, and no more")
  func distance() {
    let source = Source((0..<10).map(Self.file))
    let items = ReadAhead(source, count: 3).makeIterator()
    var counts: [Int] = []
    while items.next() != nil { counts.append(source.takenCount) }
    #expect(counts == [4, 5, 6, 7, 8, 9, 10, 10, 10, 10])
    #expect(items.next() == nil)
  }

  @Test("takes nothing ahead behind what holds its content in memory")
  func memory() {
    let member = BatchItem(path: "a.tar/1.jpg", content: .encoded([1]), isFound: true)
    let source = Source([Self.file(0), member, member, Self.file(3), Self.file(4)])
    let items = ReadAhead(source, count: 4).makeIterator()
    var counts: [Int] = []
    while items.next() != nil { counts.append(source.takenCount) }
    #expect(counts == [2, 2, 3, 5, 5])
  }

  @Test("changes nothing about what is read")
  func content() throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try EmbedderTestSupport.write(bytes, to: "\(folder)/a.jpg")
      let path = PathBytes("\(folder)/a.jpg")
      for item in ReadAhead([BatchItem(path: path)], count: 1) {
        let file = try readFile(at: item.path, limit: bytes.count)
        #expect(Array(copying: file.bytes) == bytes)
      }
    }
  }
}
