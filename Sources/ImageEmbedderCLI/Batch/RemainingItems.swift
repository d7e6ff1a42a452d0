import BatchEmbedding
import BatchInputs

/// The inputs that are this run's: those of its shard that earlier runs have not dealt with.
struct RemainingItems: Sequence, Sendable {
  let list: InputList
  let shard: Shard?
  let earlier: EarlierWork

  func makeIterator() -> AnyIterator<BatchItem> {
    let items = list.makeIterator()
    var earlier = earlier
    var index = 0
    return AnyIterator {
      while let item = items.next() {
        defer { index += 1 }
        guard shard?.takes(index) ?? true else {
          earlier.passes(item.path)
          continue
        }
        if !earlier.takesBack(item.path) { return item }
      }
      return nil
    }
  }
}
