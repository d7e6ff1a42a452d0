import BatchEmbedding
import EmbedderStorage
import ImageEmbedding

/// The number of inputs that a list comes to, counted beside the run: a run need not wait for the last
/// folder to be listed, and still can tell how much is left.
package final class InputCount: Sendable {
  private let count = Locked<Int?>(nil)

  /// Begins to count; `nil` where that would use up the inputs, as for a list that is read from a pipe.
  package init?(of list: InputList) {
    guard list.listDescriptor == nil, !list.paths.contains(where: \.claimsArchive) else {
      return nil
    }
    let isStarted = WorkerThread.start { [count] in
      var number = 0
      for item in IteratorSequence(list.makeIterator()) {
        // An archive would have to be read to its end.
        switch item.content {
        case .image(let image) where image.path == nil: return
        case .passedOver: return
        case .image, .unreadable: break
        }
        number += 1
      }
      count.withLock { $0 = number }
    }
    guard isStarted else { return nil }
  }

  /// The number, as soon as it is known.
  package var value: Int? { count.withLock { $0 } }
}
