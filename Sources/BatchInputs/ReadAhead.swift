package import BatchEmbedding
import EmbedderPlatform
import EmbedderStorage
import ImageEmbedding

/// Items, the files of the next of which the system reads before their turn comes.
///
/// Workers then find in memory what they would wait for. Files are read ahead whose names claim images, and raw
/// frames: of whatever else is found, a film for instance, only the first bytes are wanted.
package struct ReadAhead: IteratorProtocol {
  private let count: Int
  private let source: (_ mayWait: Bool) -> BatchItem?
  /// In order, with what is to be handed over next in front.
  private var taken: [BatchItem] = []

  /// Reads ahead.
  ///
  /// - Parameters:
  ///   - count: How many items are taken before their turn.
  ///   - source: Gives the next item, or `nil` after the last. Told that it may not wait, it also gives
  ///     `nil` where the next item takes long, such as a search in an archive, or somebody who wants to know
  ///     first what became of another.
  package init(count: Int, of source: @escaping (_ mayWait: Bool) -> BatchItem?) {
    self.count = count
    self.source = source
  }

  package mutating func next() -> BatchItem? {
    if taken.isEmpty, let item = source(true) { taken.append(item) }
    while taken.count <= count, let item = source(false) {
      item.readAhead()
      taken.append(item)
    }
    return taken.isEmpty ? nil : taken.removeFirst()
  }
}

extension BatchItem {
  fileprivate func readAhead() {
    guard case .image(let image) = content else { return }
    switch image.content {
    case .file(let path) where path.claimsImage: readFileAhead(at: path)
    case .rawFile(let path, _): readFileAhead(at: path)
    default: break
    }
  }
}
