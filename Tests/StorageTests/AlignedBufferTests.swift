import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite("Aligned buffer")
struct AlignedBufferTests {
  @Test("starts at a multiple of 64 bytes", arguments: [0, 1, 63, 64, 65, 4096, 1_000_003])
  func alignment(byteCount: Int) throws {
    let buffer = try AlignedBuffer(byteCount: byteCount)
    let address = unsafe UInt(bitPattern: buffer.baseAddress)
    let (count, spanCount) = (buffer.byteCount, buffer.bytes.byteCount)
    #expect(address.isMultiple(of: UInt(AlignedBuffer.alignment)))
    #expect(count == byteCount)
    #expect(spanCount == byteCount)
  }

  @Test("has 64 readable zeros behind its end", arguments: [0, 1, 64, 1000])
  func spare(byteCount: Int) throws {
    let buffer = try AlignedBuffer(byteCount: byteCount)
    let spare = unsafe UnsafeRawBufferPointer(
      start: buffer.baseAddress + byteCount, count: AlignedBuffer.spareByteCount)
    #expect(AlignedBuffer.spareByteCount == 64)
    #expect(unsafe spare.allSatisfy { $0 == 0 })
  }

  @Test("refuses sizes that no memory can have", arguments: [-1, Int.min, Int.max, Int.max - 64])
  func impossibleSize(byteCount: Int) {
    #expect(throws: OutOfMemory(byteCount: byteCount)) {
      _ = try AlignedBuffer(byteCount: byteCount)
    }
  }

  @Test("says how much memory was needed")
  func outOfMemoryText() {
    #expect(OutOfMemory(byteCount: 12_345).description.contains("12345 bytes"))
  }

  @Test("gives back what was written through its span")
  func mutableBytes() throws {
    var buffer = try AlignedBuffer(byteCount: 10)
    let count = writeCountdown(to: &buffer)
    let bytes = Array(copying: buffer.bytes)
    #expect(count == 10)
    #expect(bytes == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  }

  private func writeCountdown(to buffer: inout AlignedBuffer) -> Int {
    var bytes = buffer.mutableBytes
    let count = bytes.byteCount
    for index in 0..<count {
      bytes.storeBytes(of: UInt8(count - 1 - index), toByteOffset: index, as: UInt8.self)
    }
    return count
  }

  @Test("hands C functions all of its bytes and passes their result on")
  func unsafeBytes() throws {
    var buffer = try AlignedBuffer(byteCount: 70)
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 7)
      return bytes.count
    }
    let bytes = Array(copying: buffer.bytes)
    #expect(count == 70)
    #expect(bytes == Array(repeating: 7, count: 70))
  }

  @Test("keeps the first bytes when it is truncated", arguments: [0, 1, 99, 100])
  func truncation(newByteCount: Int) throws {
    let original = [UInt8](0..<100)
    var buffer = try AlignedBuffer(copying: original)
    buffer.truncate(to: newByteCount)
    let (count, bytes) = (buffer.byteCount, Array(copying: buffer.bytes))
    #expect(count == newByteCount)
    #expect(bytes == Array(original[..<newByteCount]))
  }

  @Test("copies an array", arguments: [0, 1, 1000])
  func copying(count: Int) throws {
    var generator = SeededGenerator(seed: 1)
    let original = generator.bytes(count)
    let buffer = try AlignedBuffer(copying: original)
    let bytes = Array(copying: buffer.bytes)
    #expect(bytes == original)
  }
}
