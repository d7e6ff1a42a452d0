import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite("Shared bytes")
struct SharedBytesTests {
  private static let content: [UInt8] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]

  @Test("are those of an array", arguments: [0, 1, 11])
  func array(count: Int) {
    let bytes = SharedBytes(Array(Self.content[..<count]))
    #expect(Array(copying: bytes.bytes) == Array(Self.content[..<count]))
  }

  @Test("are those of memory that was handed over")
  func owned() throws {
    let bytes = SharedBytes(try AlignedBuffer(copying: Self.content))
    #expect(Array(copying: bytes.bytes) == Self.content)
  }

  @Test("are those of a constant, uncopied")
  func constant() throws {
    try unsafe Self.content.withUnsafeBytes { constant in
      let bytes = unsafe SharedBytes(constant: constant)
      #expect(Array(copying: bytes.bytes) == Self.content)
      let start = unsafe try #require(constant.baseAddress)
      #expect(address(of: bytes.bytes) == UInt(bitPattern: start))
    }
  }

  @Test("stay where they are, from one look to the next")
  func stability() throws {
    for bytes in [SharedBytes(Self.content), SharedBytes(try AlignedBuffer(copying: Self.content))]
    {
      let first = address(of: bytes.bytes)
      let others = (0..<3).map { _ in address(of: bytes.bytes) }
      #expect(others == [first, first, first])
    }
  }

  @Test("do not follow the array that they were made of")
  func independence() {
    var array = Self.content
    let bytes = SharedBytes(array)
    array[0] = 200
    #expect(Array(copying: bytes.bytes) == Self.content)
    #expect(array[0] == 200)
  }
}
