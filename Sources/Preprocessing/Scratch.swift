import EmbedderStorage

/// Memory that grows to the largest size ever asked for and stays.
@safe
struct Scratch: ~Copyable {
  private var buffer: AlignedBuffer?
  private var start: UnsafeMutablePointer<UInt8>?
  private var capacity = 0

  /// The memory, of at least `byteCount` bytes; what it held is lost.
  mutating func take(_ byteCount: Int) throws(PreprocessingError) -> UnsafeMutablePointer<UInt8> {
    if capacity >= byteCount, let start = unsafe start { return unsafe start }
    // The old memory goes before the new is asked for.
    capacity = 0
    buffer = nil
    do {
      let larger = try AlignedBuffer(byteCount: byteCount)
      let newStart = unsafe larger.baseAddress.assumingMemoryBound(to: UInt8.self)
      buffer = consume larger
      unsafe start = newStart
      capacity = byteCount
      return unsafe newStart
    } catch {
      throw .outOfMemory(error)
    }
  }
}

/// The intermediate images of a preprocessor, kept for the next call.
struct Workspace: ~Copyable {
  /// A source in another pixel format; only some of its rows may be written.
  var converted = Scratch()
  /// The sums of an area's average.
  var sums = Scratch()
  private var front = Scratch()
  private var back = Scratch()

  /// Memory for the next step's result, other than the memory that the last step wrote.
  mutating func next(_ byteCount: Int) throws(PreprocessingError) -> UnsafeMutablePointer<UInt8> {
    swap(&front, &back)
    return try unsafe front.take(byteCount)
  }
}

/// Throws unless a call of libyuv succeeded.
func check(_ function: String, _ status: CInt) throws(PreprocessingError) {
  guard status == 0 else {
    throw .stepFailed(function: function, status: Int(status))
  }
}
