// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import BatchEmbedding
public import CImageEmbedder
import EmbedderFrameBuffers
import EmbedderStorage
import ImageEmbedding

/// Images on their way to vectors.
final class BatchHandle: Handle {
  private let process = OwnProcess()
  private let queue: BatchQueue
  private let borrowsMemory: Bool

  /// Begins a batch.
  ///
  /// - Parameters:
  ///   - embedder: What the images are embedded with.
  ///   - options: What C wants; `nil` for the defaults.
  ///   - borrowsMemory: Whether memory is borrowed, whatever the options say.
  /// - Throws: ``CallError`` for options that cannot be, ``EmbedderError`` when there is no thread to give.
  init(
    _ embedder: ImageEmbedder, _ options: UnsafePointer<ie_batch_options>?,
    borrowsMemory: Bool = false
  ) throws {
    let options = try unsafe options.map { try unsafe ie_batch_options($0, "options") }
    guard options.map({ $0.reserved == (0, 0, 0) }) ?? true else {
      throw CallError("reserved of options is not 0; 0 is needed")
    }
    let workerCount = options.map { Int($0.worker_count) } ?? 0
    guard workerCount >= 0 else {
      throw CallError.invalid("worker_count", workerCount, needed: "a number from 0")
    }
    self.borrowsMemory = borrowsMemory || options?.borrows_memory == true
    let batch = BatchEmbedder(
      embedder, workerCount: workerCount == 0 ? nil : min(workerCount, Self.largestWorkerCount))
    queue = try BatchQueue(batch)
  }

  /// More threads than this only take memory.
  private static let largestWorkerCount = 1024

  /// Adds the item that C describes.
  func add(_ pointer: UnsafePointer<ie_item>?) throws {
    let item = try unsafe ie_item(pointer, "item")
    let region = unsafe RegionOfInterest(item.region)
    let path = try unsafe item.path.map { try unsafe PathBytes($0) }
    let content: ImageSource.Content
    if let frame = unsafe item.frame {
      let lent = try unsafe FrameBuffer(frame)
      content = .frame(borrowsMemory ? lent : try lent.copied())
    } else if let bytes = unsafe item.bytes {
      let lent = try unsafe SharedBytes.lent(bytes, item.byte_count, "bytes")
      let image = borrowsMemory ? lent : try SharedBytes.copies(of: [lent])[0]
      content = .encoded(EncodedImage(image))
    } else if let path {
      content = .file(path)
    } else {
      throw CallError("the item has no path, no bytes and no frame; one of them is needed")
    }
    try queue.add(
      BatchItem(path: path ?? "", content: .image(ImageSource(content, region: region))))
  }

  func finish() {
    queue.finish()
  }

  /// The next result, `nil` at the end.
  ///
  /// - Throws: ``CallError`` when it does not come in time.
  func next(withinSeconds seconds: Double) throws -> ResultHandle? {
    guard !seconds.isNaN else {
      throw CallError.invalid("timeout_seconds", seconds, needed: "a number of seconds")
    }
    guard seconds >= 0 else { return queue.results.next().map(ResultHandle.init) }
    switch queue.results.next(withinSeconds: seconds) {
    case .result(let result): return ResultHandle(result)
    case .end: return nil
    case .timedOut:
      throw CallError(
        code: .deadlineExceeded, "no result came within \(seconds) seconds; it may come later")
    }
  }

  func stop() {
    queue.results.stop()
  }

  func cancel() {
    queue.results.cancel()
  }

  /// The batch at a pointer, which this process began.
  ///
  /// - Throws: ``CallError`` where there is none.
  static func getOwn(_ pointer: OpaquePointer?) throws -> BatchHandle {
    let batch = try unsafe get(pointer, "batch")
    guard !batch.process.isForeign else {
      throw CallError(
        code: .failedPrecondition,
        "the batch belongs to the process that began it; one that this process begins is needed")
    }
    return batch
  }

  /// Cancels, and waits for the threads: they read C's memory, and a program that begins batch after batch
  /// would otherwise have more and more of them.
  func end() {
    guard !process.isForeign else { return process.leakIfForeign(self) }
    cancel()
    queue.results.waitForWorkers()
  }
}

@c @implementation
public func ie_batch_create(
  _ embedder: OpaquePointer?, _ options: UnsafePointer<ie_batch_options>?,
  _ batch: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(batch, "batch", error) {
    try unsafe BatchHandle(EmbedderHandle.get(embedder, "embedder").embedder, options)
  }
}

@c @implementation
public func ie_batch_add(
  _ batch: OpaquePointer?, _ item: UnsafePointer<ie_item>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe perform(error) { try unsafe BatchHandle.getOwn(batch).add(item) }
}

@c @implementation
public func ie_batch_finish(_ batch: OpaquePointer?) -> ie_status {
  perform(nil) { try unsafe BatchHandle.getOwn(batch).finish() }
}

@c @implementation
public func ie_batch_next(
  _ batch: OpaquePointer?, _ timeout: Double, _ result: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe result?.pointee = nil
  return unsafe perform(error) {
    guard let result = unsafe result else { throw CallError.null("result") }
    let next = try unsafe BatchHandle.getOwn(batch).next(withinSeconds: timeout)
    unsafe result.pointee = next?.retainedPointer()
  }
}

@c @implementation
public func ie_batch_stop(_ batch: OpaquePointer?) -> ie_status {
  perform(nil) { try unsafe BatchHandle.getOwn(batch).stop() }
}

@c @implementation
public func ie_batch_cancel(_ batch: OpaquePointer?) -> ie_status {
  perform(nil) { try unsafe BatchHandle.getOwn(batch).cancel() }
}

@c @implementation
public func ie_batch_destroy(_ batch: OpaquePointer?) {
  unsafe BatchHandle.take(batch)?.end()
}

@c @implementation
public func ie_embedder_embed_batch(
  _ embedder: OpaquePointer?, _ items: UnsafePointer<ie_item>?, _ count: Int,
  _ options: UnsafePointer<ie_batch_options>?, _ results: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe perform(error) {
    let embedder = try unsafe EmbedderHandle.get(embedder, "embedder").embedder
    guard count >= 0, count <= Int(Int32.max) else {
      throw CallError.invalid("count", UInt(bitPattern: count), needed: "a number of items")
    }
    guard count > 0 else { return }
    guard let results = unsafe results else { throw CallError.null("results") }
    unsafe results.update(repeating: nil, count: count)
    guard let items = unsafe items else { throw CallError.null("items") }
    // The size of a caller's item is the distance to the next.
    let size = unsafe items.pointee.struct_size
    let batch = try unsafe BatchHandle(embedder, options, borrowsMemory: true)
    defer { batch.end() }
    for index in 0..<count {
      let item = unsafe UnsafeRawPointer(items).advanced(by: index * size)
      do {
        try unsafe batch.add(item.assumingMemoryBound(to: ie_item.self))
      } catch {
        let failure = CallError(error)
        throw CallError(code: failure.code, "item \(index): \(failure.message)")
      }
    }
    batch.finish()
    while let result = try batch.next(withinSeconds: -1) {
      unsafe results[result.index] = result.retainedPointer()
    }
  }
}
