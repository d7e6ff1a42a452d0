// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderEmbeddings
import EmbedderPlatform
import EmbedderStorage
import EmbeddingStore
import ImageEmbedding

/// A folder of vectors that is read, with the text that C asks of it.
final class StoreHandle: Handle {
  let store: EmbeddingStore
  let fingerprint: CText
  let settings: CText

  init(_ store: EmbeddingStore) {
    self.store = store
    fingerprint = CText(store.fingerprint)
    settings = CText(store.settingsText)
  }
}

extension StoreError {
  /// The canonical code of the error.
  var code: StatusCode {
    switch self {
    case .system(_, _, ENOENT, _), .notAStore: .notFound
    case .system(_, _, EACCES, _): .permissionDenied
    case .system: .unknown
    case .noRow, .noHead: .outOfRange
    case .newerRecord: .unimplemented
    case .damaged, .unreadableRecord: .dataLoss
    case .outOfMemory: .resourceExhausted
    case .busy: .unavailable
    case .taken: .alreadyExists
    case .wrongVectors, .notAFolder: .invalidArgument
    case .otherFingerprint, .otherLayout, .otherShardCount, .foreignFile, .replaced,
      .unresolvedPaths, .firstVersion:
      .failedPrecondition
    }
  }
}

/// Calls `body` and gives an error of a store its code.
private func reading<Result>(_ body: () throws(StoreError) -> Result) throws(CallError) -> Result {
  do throws(StoreError) {
    return try body()
  } catch {
    throw CallError(code: error.code, error.description)
  }
}

@c @implementation
public func ie_store_open(
  _ path: UnsafePointer<CChar>?, _ store: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(store, "store", error) {
    let path = try unsafe PathBytes(path)
    return StoreHandle(try reading { () throws(StoreError) in try EmbeddingStore(path) })
  }
}

@c @implementation
public func ie_store_count(_ store: OpaquePointer?) -> Int {
  unsafe StoreHandle.find(store)?.store.count ?? 0
}

@c @implementation
public func ie_store_head_count(_ store: OpaquePointer?) -> Int {
  unsafe StoreHandle.find(store)?.store.heads.count ?? 0
}

@c @implementation
public func ie_store_head_dimension(_ store: OpaquePointer?, _ head: Int) -> Int64 {
  guard let heads = unsafe StoreHandle.find(store)?.store.heads, heads.indices.contains(head) else {
    return -1
  }
  return Int64(heads[head].dimension)
}

@c @implementation
public func ie_store_fingerprint(_ store: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe StoreHandle.find(store)?.fingerprint.pointer
}

@c @implementation
public func ie_store_row(
  _ store: OpaquePointer?, _ row: Int, _ path: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ width: UnsafeMutablePointer<Int32>?, _ height: UnsafeMutablePointer<Int32>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe path?.pointee = nil
  return unsafe perform(error) {
    let store = try unsafe StoreHandle.get(store, "store").store
    let stored = try reading { () throws(StoreError) in try store.row(at: row) }
    unsafe path?.pointee = unsafe stored.path.withCString { unsafe strdup($0) }
    unsafe width?.pointee = Int32(clamping: stored.width)
    unsafe height?.pointee = Int32(clamping: stored.height)
  }
}

@c @implementation
public func ie_store_vector(
  _ store: OpaquePointer?, _ row: Int, _ head: Int, _ components: UnsafeMutablePointer<Float>?,
  _ count: Int, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe perform(error) {
    let store = try unsafe StoreHandle.get(store, "store").store
    guard let components = unsafe components else { throw CallError.null("components") }
    let vector = try reading { () throws(StoreError) in try store.vector(at: row, head: head) }
    guard vector.count == count else {
      throw CallError.invalid("count", count, needed: "the head's dimension, \(vector.count),")
    }
    let values =
      switch vector {
      case .float(let values): values
      case .quantized(let values): values.map(Float.init)
      }
    for (index, value) in values.enumerated() { unsafe components[index] = value }
  }
}

@c @implementation
public func ie_store_remove_rows(
  _ path: UnsafePointer<CChar>?, _ images: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ removedCount: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe removedCount?.pointee = 0
  return unsafe perform(error) {
    let path = try unsafe PathBytes(path)
    let paths = try unsafe PathBytes.list(images, count, "images", "count")
    let removed = try reading { () throws(StoreError) in
      try EmbeddingStore.removeRows(of: paths, fromStoreAt: path)
    }
    unsafe removedCount?.pointee = removed
  }
}

@c @implementation
public func ie_store_close(_ store: OpaquePointer?) {
  _ = unsafe StoreHandle.take(store)
}
