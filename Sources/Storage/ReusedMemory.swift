import EmbedderPlatform

/// Large blocks of memory that a thread uses again for its next image.
///
/// The system clears every page of a new block, which for a photograph of 12 megapixels takes a tenth of
/// the time of its decoding; the allocator gives even half a megabyte back to it whenever it is freed.
/// A thread that works on one image after another therefore keeps the two largest blocks that it freed,
/// a file's and its pixels'. A block that a few images in a row had no use for is freed, so that one
/// large image among small ones costs its memory for a moment only.
@safe
package enum ReusedMemory {
  /// Blocks below this size are the allocator's business, which is good at them.
  static let smallestByteCount = 1 << 17

  /// A block that nobody uses now.
  @safe
  struct Block {
    let start: UnsafeMutableRawPointer
    let byteCount: Int

    /// The images in a row that the thread has finished without it.
    fileprivate var idleCount = 0

    init(start: UnsafeMutableRawPointer, byteCount: Int) {
      unsafe self.start = start
      self.byteCount = byteCount
    }
  }

  private final class Blocks {
    var blocks: [Block] = []
    static let limit = 2
    /// The images in a row after which a block that none of them used is freed.
    static let mostIdle = 4

    deinit {
      for block in blocks { unsafe free(block.start) }
    }
  }

  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    return unsafe pthread_key_create(&key, nil) == 0 ? key : nil
  }()

  private static var ofThisThread: Blocks? {
    guard let key, let pointer = unsafe pthread_getspecific(key) else { return nil }
    return unsafe Unmanaged<Blocks>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Calls `body`, and has the calling thread use large blocks again until it returns.
  package static func onThisThread<Result>(_ body: () -> Result) -> Result {
    guard let key, ofThisThread == nil else { return body() }
    let blocks = Blocks()
    unsafe pthread_setspecific(key, Unmanaged.passUnretained(blocks).toOpaque())
    defer { pthread_setspecific(key, nil) }
    return withExtendedLifetime(blocks) { body() }
  }

  /// The bytes that the calling thread keeps for its next image.
  static var keptByteCount: Int {
    ofThisThread?.blocks.reduce(0) { $0 + $1.byteCount } ?? 0
  }

  /// A kept block of at least `byteCount` bytes and at most twice as many.
  static func take(_ byteCount: Int) -> Block? {
    guard let kept = ofThisThread else { return nil }
    let best = kept.blocks.indices
      .filter { (byteCount...2 * byteCount).contains(kept.blocks[$0].byteCount) }
      .min { kept.blocks[$0].byteCount < kept.blocks[$1].byteCount }
    return best.map { kept.blocks.remove(at: $0) }
  }

  /// Keeps a block, or frees it or a smaller one where there are enough.
  static func giveBack(_ block: Block) {
    guard let kept = ofThisThread else {
      unsafe free(block.start)
      return
    }
    kept.blocks.append(block)
    guard kept.blocks.count > Blocks.limit else { return }
    let smallest = kept.blocks.indices
      .min { kept.blocks[$0].byteCount < kept.blocks[$1].byteCount }
    if let smallest { unsafe free(kept.blocks.remove(at: smallest).start) }
  }

  /// Says that the calling thread is done with an image, and frees what the last few did not need.
  package static func finishImage() {
    guard let kept = ofThisThread else { return }
    for index in kept.blocks.indices.reversed() {
      kept.blocks[index].idleCount += 1
      guard kept.blocks[index].idleCount > Blocks.mostIdle else { continue }
      unsafe free(kept.blocks.remove(at: index).start)
    }
  }
}
