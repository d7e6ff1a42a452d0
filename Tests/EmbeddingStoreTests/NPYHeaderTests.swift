import EmbedderTestSupport
import EmbeddingStore
import Testing

@Suite("An array file's header")
struct NPYHeaderTests {
  static func header(_ text: String, version: [UInt8] = [1, 0]) -> [UInt8] {
    let text = Array(text.utf8)
    return [0x93] + Array("NUMPY".utf8) + version
      + [UInt8(text.count & 255), UInt8(text.count >> 8)] + text
  }

  @Test(
    "is read as it is written, and takes 128 bytes", arguments: ComponentType.allCases,
    [0, 1, 1_000_000])
  func roundTrip(type: ComponentType, rowCount: Int) throws {
    let bytes = NPYHeader.bytes(type: type, rowCount: rowCount, dimension: 7)
    #expect(bytes.count == 128)
    let header = try NPYHeader(
      reading: bytes, fileByteCount: 128 + rowCount * 7 * type.byteCount)
    #expect(header.type == type)
    #expect((header.rowCount, header.dimension, header.byteCount) == (rowCount, 7, 128))
  }

  @Test(
    "is read in whatever order and spacing NumPy's format allows",
    arguments: [
      "{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}\n",
      "{\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":(2,3,),}   \n",
    ])
  func spelling(text: String) throws {
    let bytes = Self.header(text)
    let header = try NPYHeader(reading: bytes, fileByteCount: bytes.count + 24)
    #expect((header.rowCount, header.dimension) == (2, 3))
  }

  @Test(
    "that lies, or is of another kind, is an error",
    arguments: [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 1), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': '<f4', 'fortran_order': False, }", "{'descr': '<f4'", "{", "", "[]",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } x",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
    ])
  func lies(text: String) {
    let bytes = Self.header(text)
    #expect(throws: NPYHeader.Defect.self) {
      try NPYHeader(reading: bytes, fileByteCount: bytes.count + 24)
    }
  }

  @Test("that is cut anywhere is an error")
  func cut() {
    let bytes = NPYHeader.bytes(type: .float32, rowCount: 2, dimension: 3)
    for count in 0..<bytes.count {
      #expect(throws: NPYHeader.Defect.self) {
        try NPYHeader(reading: Array(bytes[..<count]), fileByteCount: count)
      }
    }
    #expect(throws: NPYHeader.Defect.self) {
      try NPYHeader(reading: Self.header("{}", version: [2, 0]), fileByteCount: 12)
    }
  }
}
