package import BatchEmbedding
import EmbedderPlatform
import EmbedderStorage
import ImageEmbedding

/// Items, the files of the next of which the system reads before their turn comes.
///
/// Workers then find in memory what they would wait for. Files are read ahead whose names claim images, and raw
/// frames: of whatever else is found, a film for instance, only the first bytes are wanted. Behind an item whose
/// content is in memory, such as an archive's member, nothing is taken ahead, so that at most one waits.
package struct ReadAhead<Base: Sequence<BatchItem>>: Sequence {
  private let base: Base
  private let count: Int

  /// Reads ahead.
  ///
  /// - Parameters:
  ///   - base: The items, of which as many are taken before their turn; taking one must not wait for
  ///     anybody who first wants to know what became of another.
  ///   - count: How many items, at least 1.
  package init(_ base: Base, count: Int) {
    self.base = base
    self.count = Swift.max(1, count)
  }

  package func makeIterator() -> AnyIterator<BatchItem> {
    var items = Optional(base.makeIterator())
    // In order; more than `count` while the first is handed over.
    var taken: [BatchItem] = []
    return AnyIterator {
      while taken.count <= count, taken.last?.isInMemory != true {
        guard let item = items?.next() else {
          items = nil
          break
        }
        item.readAhead()
        taken.append(item)
      }
      return taken.isEmpty ? nil : taken.removeFirst()
    }
  }
}

extension ReadAhead: Sendable where Base: Sendable {}

extension BatchItem {
  fileprivate var isInMemory: Bool {
    guard case .image(let image) = content else { return false }
    switch image.content {
    case .file, .rawFile: return false
    default: return true
    }
  }

  fileprivate func readAhead() {
    guard case .image(let image) = content else { return }
    switch image.content {
    case .file(let path) where path.claimsImage: readFileAhead(at: path)
    case .rawFile(let path, _): readFileAhead(at: path)
    default: break
    }
  }
}
