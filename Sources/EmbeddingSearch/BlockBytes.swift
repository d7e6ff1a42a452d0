import CEmbedderSearch
import EmbeddingStore

/// A block in memory that somebody else keeps, for reading and filling.
@safe
struct BlockBytes {
  let block: BlockLayout.Block
  let stride: Int
  let start: UnsafeMutableRawPointer

  /// Refers to `byteCount` bytes of a block, which begin at a multiple of 64.
  @unsafe
  init(_ block: BlockLayout.Block, stride: Int, at start: UnsafeMutableRawPointer) {
    self.block = block
    self.stride = stride
    unsafe self.start = start
  }

  /// The rows, one after the other.
  var rows: UnsafeMutablePointer<Int8> {
    unsafe start.assumingMemoryBound(to: Int8.self)
  }

  /// What a row's bytes are to be multiplied with to have length 1.
  var scales: UnsafeMutablePointer<Float> {
    unsafe (start + block.rowCount * stride).assumingMemoryBound(to: Float.self)
  }

  /// How far a row's bytes, scaled, may be from the row of length 1; see ``QuantizedRow``.
  var errors: UnsafeMutablePointer<Float> {
    unsafe scales + block.rowCount
  }

  /// All bytes of the block.
  var span: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: block.byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Whether the bytes are those that were written.
  var isWhole: Bool {
    unsafe checksum == (start + checksumOffset).loadUnaligned(as: UInt64.self).littleEndian
  }

  /// Fills the block with rows of the store.
  func fill(with vectors: [FeatureVector]) {
    unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: block.byteCount)
    for (row, vector) in vectors.enumerated() {
      let target = unsafe UnsafeMutableBufferPointer(
        start: rows + row * stride, count: vector.count)
      let quantized = unsafe QuantizedRow(vector, components: target)
      unsafe scales[row] = quantized.scale
      unsafe errors[row] = quantized.error
    }
    unsafe (start + checksumOffset).storeBytes(of: checksum.littleEndian, as: UInt64.self)
  }

  private var checksumOffset: Int { block.byteCount - MemoryLayout<UInt64>.size }

  private var checksum: UInt64 { unsafe csearch_checksum(start, checksumOffset) }
}
