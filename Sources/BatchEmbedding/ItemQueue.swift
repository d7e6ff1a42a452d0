import BatchEmbedding
import EmbedderStorage
import ImageEmbedding

/// Items on their way from the caller to the workers.
final class ItemQueue: Sendable {
  private struct State {
    /// In order.
    var added: [BatchItem] = []
    /// In reverse order; comes before what was added.
    var next: [BatchItem] = []
    var isClosed = false

    var mayTake: Bool { isClosed || !next.isEmpty || !added.isEmpty }

    mutating func take() -> BatchItem? {
      if next.isEmpty {
        next = added.reversed()
        added = []
      }
      return next.popLast()
    }
  }

  private let state = Locked(State())

  /// Adds an item.
  ///
  /// - Throws: ``CallError`` when the queue is closed.
  func add(_ item: BatchItem) throws {
    let isAdded = state.withLock { state in
      guard !state.isClosed else { return false }
      state.added.append(item)
      return true
    }
    guard isAdded else {
      throw CallError(
        code: .failedPrecondition,
        "the batch is finished, stopped or cancelled; a batch that takes items is needed")
    }
  }

  /// Takes no more items; those that are there can still be taken, unless they are dropped.
  func close(droppingItems isDropping: Bool = false) {
    state.withLock { state in
      state.isClosed = true
      if isDropping {
        state.added = []
        state.next = []
      }
    }
  }

  /// The next item, which it waits for; `nil` at the end.
  fileprivate func take() -> BatchItem? {
    state.withLock(when: { $0.mayTake }, do: { $0.take() })
  }
}

extension ItemQueue: Sequence {
  struct Iterator: IteratorProtocol {
    fileprivate let queue: ItemQueue

    func next() -> BatchItem? { queue.take() }
  }

  func makeIterator() -> Iterator { Iterator(queue: self) }
}
