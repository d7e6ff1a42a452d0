import BatchEmbedding
import EmbedderBatchInputs
import EmbeddingStore
import ImageEmbedding

/// The inputs that are this run's: those of its shard that the store does not know.
struct RemainingItems: Sequence, Sendable {
  let list: InputList
  let shard: Shard?
  let known: KnownImages
  /// Where the stamps of files go, or `nil` where nobody stores them.
  let stamps: FileStamps?
  /// How many files the system reads ahead.
  let readAheadCount: Int

  func makeIterator() -> AnyIterator<BatchItem> {
    let items = list.makeIterator()
    let folder = PathBytes.currentFolder
    var (index, count) = (0, 0)
    func next(mayWait: Bool) -> BatchItem? {
      while let item = items.next(mayWait: mayWait) {
        defer { index += 1 }
        guard shard?.takes(index) ?? true else { continue }
        guard let stamps else { return item }
        let path = item.path.absolute(in: folder)
        // Before the file is read: one that changes meanwhile is seen to have changed.
        let stamp = FileStamp(of: path)
        switch known.knowledge(of: path, stamp) {
        case .unknown: break
        case .unchanged: continue
        case .changed:
          stamps.addChanged()
          continue
        }
        stamps.add(stamp, at: count)
        count += 1
        return item
      }
      if mayWait { stamps?.endedArchives = items.readArchives.map { $0.absolute(in: folder) } }
      return nil
    }
    return AnyIterator(ReadAhead(count: readAheadCount, of: next))
  }
}

/// The stamps of the files in work, by the number of the item, and what else listing them shows.
final class FileStamps: Sendable {
  private struct State {
    var stamps: [Int: FileStamp] = [:]
    var changedCount = 0
    var endedArchives: [PathBytes] = []
  }

  private let state = Locked(State())

  /// The absolute paths of the archives in which nothing was wrong, once all inputs are listed.
  var endedArchives: [PathBytes] {
    get { state.withLock { $0.endedArchives } }
    set { state.withLock { $0.endedArchives = newValue } }
  }

  /// The files that have changed since they were embedded.
  var changedCount: Int { state.withLock { $0.changedCount } }

  func add(_ stamp: FileStamp?, at index: Int) {
    state.withLock { $0.stamps[index] = stamp }
  }

  func addChanged() {
    state.withLock { $0.changedCount += 1 }
  }

  func take(_ index: Int) -> FileStamp? {
    state.withLock { $0.stamps.removeValue(forKey: index) }
  }
}
