import EmbedderStorage

/// Items on their way from those who add them to the workers.
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

  /// Adds an item; returns whether the queue still takes any.
  func add(_ item: BatchItem) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.added.append(item)
      return true
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
