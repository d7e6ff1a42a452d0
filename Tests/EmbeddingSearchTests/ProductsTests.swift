import CEmbedderSearch
import EmbedderTestSupport
import Testing

@Suite("The products of integers")
struct ProductsTests {
  static let kernels = [
    "portable": CSEARCH_PORTABLE, "NEON": CSEARCH_NEON, "AVX2": CSEARCH_AVX2,
    "AVX-512 VNNI": CSEARCH_AVX512_VNNI,
  ].filter { csearch_has($0.value) }

  @Test(
    "are those of plain arithmetic with every kernel of this processor",
    arguments: kernels.keys.sorted(), [64, 128, 1280])
  func products(name: String, stride: Int) throws {
    let kernel = try #require(Self.kernels[name])
    var random = SeededGenerator(seed: UInt64(stride))
    let largest = min(Int(Int16.max), Int(CSEARCH_LARGEST_SUM) / stride)
    for (rowCount, queryCount) in [(1, 1), (5, 3), (7, 4), (2, 11)] {
      var rows = random.bytes(rowCount * stride).map { Int8(bitPattern: $0) }
      var queries = (0..<queryCount * stride).map { _ in
        Int16.random(in: Int16(-largest)...Int16(largest), using: &random)
      }
      // The largest sum that there can be.
      for index in 0..<stride { (rows[index], queries[index]) = (-128, Int16(-largest)) }
      let expected = (0..<queryCount).flatMap { query in
        (0..<rowCount).map { row in
          (0..<stride).reduce(0) {
            $0 + Int(rows[row * stride + $1]) * Int(queries[query * stride + $1])
          }
        }
      }
      #expect(products(kernel, rows, queries, stride: stride).map { Int($0) } == expected)
    }
  }

  @Test("are computed by a kernel that this processor has")
  func fastest() {
    #expect(csearch_has(csearch_fastest()))
    #if arch(arm64)
    #expect(csearch_fastest() == CSEARCH_NEON)
    #endif
  }

  private func products(
    _ kernel: csearch_kernel, _ rows: [Int8], _ queries: [Int16], stride: Int
  ) -> [Int32] {
    let alignment = Int(CSEARCH_ALIGNMENT)
    let alignedRows = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows.count, alignment: alignment)
    let alignedQueries = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 2 * queries.count, alignment: alignment)
    defer {
      unsafe alignedRows.deallocate()
      unsafe alignedQueries.deallocate()
    }
    unsafe rows.withUnsafeBytes { unsafe alignedRows.copyMemory(from: $0) }
    unsafe queries.withUnsafeBytes { unsafe alignedQueries.copyMemory(from: $0) }
    let (rowCount, queryCount) = (rows.count / stride, queries.count / stride)
    var products = [Int32](repeating: 0, count: rowCount * queryCount)
    unsafe csearch_products(
      kernel, alignedRows.assumingMemoryBound(to: Int8.self).baseAddress, rowCount, stride,
      alignedQueries.assumingMemoryBound(to: Int16.self).baseAddress, queryCount, &products)
    return products
  }
}

@Suite("The checksum of a block")
struct ChecksumTests {
  @Test("changes with every byte, with the length, and where blocks change places")
  func changes() {
    var random = SeededGenerator(seed: 4)
    for count in [0, 1, 63, 64, 200] {
      let bytes = random.bytes(count)
      let sum = checksum(bytes)
      for index in bytes.indices {
        var other = bytes
        other[index] ^= 1 << UInt8(index % 8)
        #expect(checksum(other) != sum)
      }
      #expect(checksum(bytes + [0]) != sum)
    }
    #expect(checksum([UInt8](repeating: 0, count: 4096)) != 0)
    let (first, second) = (random.bytes(64), random.bytes(64))
    #expect(checksum(first + second) != checksum(second + first))
  }

  private func checksum(_ bytes: [UInt8]) -> UInt64 {
    unsafe csearch_checksum(bytes, bytes.count)
  }
}
