import Testing

@testable import EmbedderStorage

@Suite("Large blocks")
struct ReusedMemoryTests {
  static let large = 2 << 20

  /// The address of a buffer of that size, which is freed again.
  static func address(of byteCount: Int) throws -> UInt {
    let buffer = try AlignedBuffer(byteCount: byteCount)
    return UInt(bitPattern: unsafe buffer.baseAddress)
  }

  @Test("are used again by a thread that works on many images, where they fit")
  func reuse() throws {
    try ReusedMemory.onThisThread {
      Result {
        let first = try Self.address(of: Self.large)
        #expect(try Self.address(of: Self.large) == first)
        #expect(try Self.address(of: Self.large - 1000) == first)
        // Held at once they are different blocks, whose two largest stay.
        let a = try AlignedBuffer(byteCount: Self.large)
        let b = try AlignedBuffer(byteCount: 9 << 20)
        #expect(unsafe a.baseAddress != b.baseAddress)
        #expect(a.byteCount == Self.large && b.byteCount == 9 << 20)
      }
    }.get()
  }

  @Test("are not kept for requests that need far less")
  func misfit() throws {
    try ReusedMemory.onThisThread {
      Result {
        let first = try Self.address(of: 8 << 20)
        let small = try AlignedBuffer(byteCount: 3 << 20)
        #expect(unsafe UInt(bitPattern: small.baseAddress) != first)
      }
    }.get()
  }

  @Test("are freed when several images in a row had no use for them")
  func aging() throws {
    try ReusedMemory.onThisThread {
      Result {
        let huge = 64 << 20
        _ = try Self.address(of: huge)
        #expect(ReusedMemory.keptByteCount >= huge)
        // Images that need less than half of it.
        for number in 1...5 {
          _ = try Self.address(of: Self.large)
          ReusedMemory.finishImage()
          #expect((ReusedMemory.keptByteCount >= huge) == (number < 5))
        }
        // What they need stays.
        #expect(ReusedMemory.keptByteCount >= Self.large)
        let kept = try Self.address(of: Self.large)
        ReusedMemory.finishImage()
        #expect(try Self.address(of: Self.large) == kept)
      }
    }.get()
    #expect(ReusedMemory.keptByteCount == 0)
  }

  @Test("are readable beyond their end whatever they held before")
  func spare() throws {
    try ReusedMemory.onThisThread {
      Result {
        var first = try AlignedBuffer(byteCount: Self.large)
        unsafe first.withUnsafeMutableBytes { bytes in
          for index in bytes.indices { unsafe bytes[index] = 7 }
        }
        _ = consume first
        let second = try AlignedBuffer(byteCount: Self.large - 4096)
        let end = unsafe UnsafeRawBufferPointer(
          start: second.baseAddress + second.byteCount, count: AlignedBuffer.spareByteCount)
        #expect(unsafe end.allSatisfy { $0 == 0 })
      }
    }.get()
  }
}
