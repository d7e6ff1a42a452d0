import BatchEmbedding
import EmbedderBatchInputs
import EmbeddingStore
import ImageEmbedding

/// Finds out which rows of a store are no longer those of its inputs, and removes them.
///
/// A disk that is not mounted must not empty a store: a row goes only where its image lies under an input
/// of this run, every listing succeeded and the file is not there; and where an input is missing or empty,
/// or most rows would go, nothing is removed unless that is what is wanted.
struct StoreSynchronization {
  let list: InputList
  let isForced: Bool

  /// What the inputs hold now.
  private struct Listing {
    var images = KnownImages()
    /// Inputs that are missing or hold nothing, in words.
    var doubts: [String] = []
    /// Why something could not be listed.
    var failure: EmbedderError?
  }

  /// Removes the rows of images that are gone, and those of changed ones, which are embedded anew.
  ///
  /// - Throws: ``Failure`` where the inputs look as if they were not there, before anything is changed.
  func apply(to store: StoreWriter, isVerbose: Bool) throws {
    let folder = PathBytes.currentFolder
    let listing = listImages(in: folder)
    let inputs = list.paths.map { $0.absolute(in: folder) }
    var (gone, changed) = (Set<StoreWriter.Place>(), Set<StoreWriter.Place>())
    var count = 0
    try store.forEachRow { place, row, path in
      count += 1
      switch listing.images.knowledge(of: path, row.stamp) {
      case .unchanged where row.stamp != nil: break
      // Of rows of 0.1.0 nobody knows.
      case .unchanged, .changed: changed.insert(place)
      case .unknown:
        if inputs.contains(where: path.isWithin), isGone(path) { gone.insert(place) }
      }
    }
    if let failure = listing.failure, !gone.isEmpty {
      report("\(failure); so no rows are removed, since it cannot be told what is gone")
      gone = []
    }
    if !gone.isEmpty, !isForced { try check(listing, goneCount: gone.count, of: count) }
    if isVerbose, !gone.isEmpty || !changed.isEmpty {
      report(
        "\(gone.count) rows of images that are gone, \(changed.count) of images that have changed")
    }
    try store.removeRows(at: gone.union(changed))
  }

  private func check(_ listing: Listing, goneCount: Int, of count: Int) throws {
    let needed = "; see whether all disks are there, or give --sync=force if that is what is meant"
    if let doubt = listing.doubts.first {
      throw Failure("\(doubt), and \(goneCount) of \(count) rows would be removed\(needed)")
    }
    guard goneCount * 2 <= count else {
      throw Failure("\(goneCount) of \(count) rows would be removed, more than half\(needed)")
    }
  }

  private func listImages(in folder: PathBytes) -> Listing {
    var listing = Listing()
    for input in list.paths {
      var one = list
      one.paths = [input]
      var itemCount = 0
      for item in IteratorSequence(one.makeIterator()) {
        itemCount += 1
        if case .unreadable(let error) = item.content, error.isOfListing {
          listing.failure = listing.failure ?? error
        }
        let path = item.path.absolute(in: folder)
        listing.images.add(path, FileStamp(of: path))
      }
      if case .gone = FilePresence(of: input.absolute(in: folder)) {
        listing.doubts.append("\(quoted(input.description)) is not there")
      } else if itemCount == 0 {
        listing.doubts.append("\(quoted(input.description)) is empty")
      }
    }
    listing.images.sort()
    return listing
  }

  /// Whether nothing is left of an image that no listing has met.
  private func isGone(_ path: PathBytes) -> Bool {
    switch FilePresence(of: path) {
    case .gone, .folder: true
    // Inside of an archive, where a listing without filters meets everything.
    case .there: path.isInsideOfFile && list.filter.takesAll
    case .unknown: false
    }
  }
}

extension EmbedderError {
  /// Whether something could not be listed; a member of an archive that is no image was.
  fileprivate var isOfListing: Bool {
    if case .image(_, let error) = self {
      if case .file = error { true } else { false }
    } else {
      true
    }
  }
}
