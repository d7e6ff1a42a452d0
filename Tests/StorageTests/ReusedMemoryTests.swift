import Foundation
import Testing

@testable import Storage

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
    let byteCount = 64 << 20
    /// The memory that the process has in use, from the system's own count.
    func resident() throws -> Int {
      let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      return try #require(Int(text.split(separator: " ")[1])) * Int(getpagesize())
    }
    try ReusedMemory.onThisThread {
      Result {
        let before = try resident()
        for _ in 0..<2 {
          var large = try AlignedBuffer(byteCount: byteCount)
          unsafe large.withUnsafeMutableBytes { bytes in
            for index in stride(from: 0, to: bytes.count, by: 4096) { unsafe bytes[index] = 1 }
          }
        }
        #expect(try resident() - before > byteCount / 2)
        // Small images, each of which needs less than half of it.
        for _ in 0..<5 {
          _ = try Self.address(of: Self.large)
          ReusedMemory.finishImage()
        }
        #expect(try resident() - before < byteCount / 2)
        // What they need stays.
        let kept = try Self.address(of: Self.large)
        ReusedMemory.finishImage()
        #expect(try Self.address(of: Self.large) == kept)
      }
    }.get()
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
