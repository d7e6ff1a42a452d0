import EmbedderPlatform

/// Uninitialized-on-creation memory whose start is 64-byte aligned and that may be read a little past
/// its end.
///
/// The runtime's kernels need both: tensors in host memory must start at a multiple of 64 bytes, and
/// vector loads reach up to 16 bytes past a tensor's last element. The owner frees the memory.
/// Pages are taken from the system when they are first written, so a large buffer of which little is
/// used costs little.
@safe
package struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  /// The alignment of the first byte.
  package static let alignment = 64

  /// The number of readable bytes after the last one.
  package static let spareByteCount = 64

  /// The number of bytes that the buffer holds.
  package private(set) var byteCount: Int

  private let start: UnsafeMutableRawPointer

  /// The number of bytes that were taken from the system.
  private let capacity: Int

  /// Takes memory from the system.
  ///
  /// - Throws: ``OutOfMemory`` when there is not enough.
  package init(byteCount: Int) throws(OutOfMemory) {
    let (total, overflow) = byteCount.addingReportingOverflow(Self.spareByteCount)
    guard byteCount >= 0, !overflow else {
      throw OutOfMemory(byteCount: byteCount)
    }
    var memory: UnsafeMutableRawPointer?
    var capacity = total
    if total >= ReusedMemory.smallestByteCount, let kept = ReusedMemory.take(total) {
      unsafe memory = kept.start
      capacity = kept.byteCount
    } else if unsafe posix_memalign(&memory, Self.alignment, total) != 0 {
      throw OutOfMemory(byteCount: byteCount)
    }
    guard let start = unsafe memory else {
      throw OutOfMemory(byteCount: byteCount)
    }
    unsafe (start + byteCount).initializeMemory(
      as: UInt8.self, repeating: 0, count: Self.spareByteCount)
    self.byteCount = byteCount
    self.capacity = capacity
    unsafe self.start = start
  }

  deinit {
    if capacity >= ReusedMemory.smallestByteCount {
      ReusedMemory.giveBack(unsafe .init(start: start, byteCount: capacity))
    } else {
      unsafe free(start)
    }
  }

  /// Forgets the bytes from `newByteCount` on; they become part of the readable spare.
  package mutating func truncate(to newByteCount: Int) {
    precondition((0...byteCount).contains(newByteCount))
    byteCount = newByteCount
  }

  /// The bytes, for reading; valid as long as the buffer.
  package var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: start, byteCount: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The bytes, for writing; valid as long as nobody else uses the buffer.
  package var mutableBytes: MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      let span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: byteCount)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// Calls `body` with the bytes, for C functions that write them.
  package mutating func withUnsafeMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeMutableRawBufferPointer(start: start, count: byteCount))
  }

  /// The address of the first byte, for a C interface that keeps it; valid until the buffer goes.
  @unsafe
  package var baseAddress: UnsafeMutableRawPointer {
    unsafe start
  }
}

/// The system had no memory for a request.
public struct OutOfMemory: Error, Hashable, CustomStringConvertible {
  /// The number of bytes that were asked for.
  public let byteCount: Int

  /// Makes the error for a request of `byteCount` bytes.
  package init(byteCount: Int) {
    self.byteCount = byteCount
  }

  /// A sentence that names the size of the request.
  public var description: String {
    "\(byteCount) bytes of memory were needed and the system has none left; use a smaller image or"
      + " model, or free memory"
  }
}
