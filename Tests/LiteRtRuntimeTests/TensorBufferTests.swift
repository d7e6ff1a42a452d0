import EmbedderInference
import EmbedderLiteRtRuntime
import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

@Suite("A tensor buffer")
struct TensorBufferTests {
  static func tensor(
    _ shape: [Int], _ type: ElementType = .uint8
  ) -> TensorDescription {
    TensorDescription(name: "t", elementType: type, shape: shape)
  }

  @Test(
    "has as many bytes as type and shape make",
    arguments: [
      (tensor([1]), 1), (tensor([1, 6, 8, 3]), 144), (tensor([1, 6, 8, 3], .float32), 576),
      (tensor([7], .int8), 7), (tensor([]), 1), (tensor([], .float32), 4),
      (tensor([1, 1, 1, 1, 1, 1, 1, 2]), 2), (tensor([Int(Int32.max)]), Int(Int32.max)),
    ])
  func byteCount(tensor: TensorDescription, expected: Int) throws {
    #expect(tensor.byteCount == expected)
  }

  @Test(
    "has no size for extents below 1, and none that 32 bits do not hold",
    arguments: [
      tensor([0]), tensor([1, 0, 3]), tensor([-1]), tensor([1, -1, -1, 3]), tensor([.min]),
      tensor([Int(Int32.max) + 1]), tensor([Int(Int32.max)], .float32), tensor([.max, .max]),
      tensor([1 << 32, 1 << 32]), tensor([65_536, 65_536]), tensor([1 << 62, 4, 0]),
    ])
  func noByteCount(tensor: TensorDescription) throws {
    #expect(tensor.byteCount == nil)
  }

  @Test(
    "is of uint8, int8 or float32",
    arguments: ElementType.allCases.filter { ![.uint8, .int8, .float32].contains($0) })
  func otherTypes(type: ElementType) {
    #expect(Self.tensor([1], type).byteCount == nil)
  }

  @Test("is not made where there is no size")
  func refused() {
    let runtime = FakeRuntime()
    runtime.use {
      let library = LiteRtLibrary(functions: FakeRuntime.table)
      #expect(throws: LiteRtError.self) {
        try TensorBuffer(library: library, tensor: Self.tensor([0]))
      }
    }
    #expect(runtime.calls == [])
  }

  @Test(
    "is described to the runtime by its type and shape",
    arguments: [
      tensor([1, 6, 8, 3]), tensor([1, 2, 3, 4, 5, 6, 7, 8], .float32), tensor([]),
    ])
  func description(tensor: TensorDescription) throws {
    let runtime = FakeRuntime()
    try runtime.use {
      _ = try TensorBuffer(
        library: LiteRtLibrary(functions: FakeRuntime.table), tensor: tensor)
    }
    #expect(runtime.buffers.map(\.shape) == [tensor.shape.map { Int32($0) }])
    #expect(runtime.buffers.map(\.byteCount) == [tensor.byteCount])
    runtime.expectAllFreed()
  }

  @Test("holds what is written to it")
  func writing() throws {
    let runtime = FakeRuntime()
    try runtime.use {
      let buffer = try TensorBuffer(
        library: LiteRtLibrary(functions: FakeRuntime.table), tensor: Self.tensor([1, 5]))
      buffer.withMutableBytes { bytes in
        for index in 0..<bytes.byteCount {
          bytes.storeBytes(of: UInt8(index + 1), toByteOffset: index, as: UInt8.self)
        }
      }
      #expect([UInt8](copying: buffer.bytes) == [1, 2, 3, 4, 5])
      #expect(runtime.buffers.map(\.address) == [buffer.bytes.address])
    }
  }

  @Test("passes on the errors of who writes to it")
  func failingWriter() throws {
    struct Stop: Error {}
    let runtime = FakeRuntime()
    try runtime.use {
      let buffer = try TensorBuffer(
        library: LiteRtLibrary(functions: FakeRuntime.table), tensor: Self.tensor([1, 5]))
      #expect(throws: Stop.self) {
        try buffer.withMutableBytes { _ throws(Stop) in throw Stop() }
      }
    }
    runtime.expectAllFreed()
  }
}

extension RawSpan {
  /// Where the bytes lie.
  var address: UInt {
    unsafe withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }
}
