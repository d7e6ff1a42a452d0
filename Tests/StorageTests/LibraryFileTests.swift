import EmbedderTestSupport
import Testing

@testable import EmbedderStorage

@Suite("A shared library's file")
struct LibraryFileTests {
  /// The start of a library of which 4096 bytes are mapped.
  private static func library(mapped: Int = 4096, tableOffset: Int = 64) -> [UInt8] {
    func bytes(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1] + bytes(0, 26)
    // Sections are far beyond the end: no loader looks at them.
    header += bytes(tableOffset, 8) + bytes(1 << 30, 8) + bytes(0, 6)
    header += bytes(56, 2) + bytes(2, 2) + bytes(64, 2) + bytes(9, 2) + bytes(0, 2)
    // Nor at a note.
    let note = bytes(4, 4) + bytes(0, 4) + bytes(1 << 30, 8) + bytes(0, 16) + bytes(9, 8)
    let load = bytes(1, 4) + bytes(0, 4) + bytes(0, 8) + bytes(0, 16) + bytes(mapped, 8)
    return header + note + bytes(0, 16) + load + bytes(0, 16)
  }

  private func isCutShort(_ content: [UInt8]) throws -> Bool {
    try withTemporaryFolder { folder in
      try write(content, to: "\(folder)/library.so")
      return isFileCutShort(PathBytes("\(folder)/library.so"))
    }
  }

  private func padded(_ content: [UInt8], to count: Int) -> [UInt8] {
    content + [UInt8](repeating: 0, count: count - content.count)
  }

  @Test("is whole where it has all that is mapped of it")
  func whole() throws {
    #expect(try !isCutShort(padded(Self.library(), to: 4096)))
  }

  @Test("is cut short one byte before")
  func cutShort() throws {
    #expect(try isCutShort(padded(Self.library(), to: 4095)))
    #expect(try isCutShort(Array(Self.library().prefix(120))))
    #expect(try isCutShort([]))
  }

  @Test("is left to the system's loader where it is none that is known")
  func unknown() throws {
    #expect(try !isCutShort(Array("no library".utf8)))
    #expect(try !isCutShort(Array(Self.library().prefix(63))))
    #expect(try !isCutShort(Self.library(tableOffset: Int.max)))
    #expect(try !isCutShort(Self.library(mapped: -1)))
    #expect(!isFileCutShort("/nowhere/library.so"))
    #expect(!isFileCutShort("/dev/zero"))
  }
}
