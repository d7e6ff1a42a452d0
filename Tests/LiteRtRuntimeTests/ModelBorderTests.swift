import EmbedderLiteRtRuntime
import EmbedderModelMetadata
import EmbedderStorage
import Testing

@Suite("A model's inputs and outputs, on a fake runtime")
struct ModelBorderTests {
  let runtime = FakeRuntime()

  /// Loads the fake's model, hands it to `body` and frees it.
  func withModel<Result>(_ body: (Model) throws -> Result) throws -> Result {
    let result = try runtime.use {
      let environment = try Environment(library: LiteRtLibrary(functions: FakeRuntime.table))
      return try body(Model(environment: environment, bytes: SharedBytes([1, 2, 3])))
    }
    runtime.expectAllFreed()
    return result
  }

  @Test("are described in order, with types, shapes and quantization")
  func descriptions() throws {
    runtime.inputs = [
      FakeTensor(
        name: "image", elementType: 3, dimensions: [1, 6, 8, 3],
        quantization: (scale: 0.0078125, zeroPoint: 128))
    ]
    runtime.outputs = [
      FakeTensor(name: "a", elementType: 1, dimensions: [1, 7]),
      FakeTensor(
        name: "b", elementType: 9, dimensions: [1, 1, 1, 5], quantization: (scale: 2, zeroPoint: -1)
      ),
    ]
    let border = try withModel { try $0.border() }
    #expect(
      border.inputs == [
        TensorDescription(
          name: "image", elementType: .uint8, shape: [1, 6, 8, 3],
          quantization: Quantization(scale: 0.0078125, zeroPoint: 128))
      ])
    #expect(
      border.outputs == [
        TensorDescription(name: "a", elementType: .float32, shape: [1, 7]),
        TensorDescription(
          name: "b", elementType: .int8, shape: [1, 1, 1, 5],
          quantization: Quantization(scale: 2, zeroPoint: -1)),
      ])
  }

  /// The runtime's number of each type (`TfLiteType`), which is not the schema's.
  static let numbers: [(Int32, ElementType)] = [
    (1, .float32), (2, .int32), (3, .uint8), (4, .int64), (5, .string), (6, .bool), (7, .int16),
    (8, .complex64), (9, .int8), (10, .float16), (11, .float64), (12, .complex128), (13, .uint64),
    (14, .resource), (15, .variant), (16, .uint32), (17, .uint16), (18, .int4), (19, .bfloat16),
    (20, .int2), (21, .uint4), (22, .float8e4m3), (23, .float8e5m2),
  ]

  @Test("have the element type of the runtime's number", arguments: numbers)
  func elementTypes(number: Int32, type: ElementType) throws {
    runtime.outputs[0].elementType = number
    #expect(try withModel { try $0.border() }.outputs[0].elementType == type)
  }

  @Test("are of all types that the schema has")
  func allTypes() {
    #expect(Set(Self.numbers.map(\.1)) == Set(ElementType.allCases))
  }

  @Test("of types that nobody knows are refused", arguments: [0, 24, -1, .max, .min] as [Int32])
  func unknownTypes(number: Int32) {
    runtime.inputs[0].elementType = number
    let error = LiteRtError.unsupportedTensor(
      name: "image", reason: "its element type is number \(number)")
    #expect(throws: error) { try withModel { try $0.border() } }
  }

  @Test("without a rank are refused")
  func unranked() {
    runtime.outputs[0].isRanked = false
    let error = LiteRtError.unsupportedTensor(
      name: "embedding", reason: "its rank is not fixed")
    #expect(throws: error) { try withModel { try $0.border() } }
  }

  @Test("may have every rank that the interface has room for", arguments: 0...8)
  func ranks(rank: Int) throws {
    let dimensions = (0..<rank).map { Int32($0 + 2) }
    runtime.outputs[0].dimensions = dimensions
    #expect(try withModel { try $0.border() }.outputs[0].shape == dimensions.map(Int.init))
  }

  @Test(
    "that claim a higher rank are read no further than the interface has room",
    arguments: [
      9, 42, 127,
    ] as [UInt32])
  func excessiveRank(rank: UInt32) throws {
    runtime.outputs[0].dimensions = [1, 2, 3, 4, 5, 6, 7, 8]
    runtime.outputs[0].rank = rank
    #expect(try withModel { try $0.border() }.outputs[0].shape == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test("may be nameless")
  func noName() throws {
    runtime.inputs[0].name = nil
    #expect(try withModel { try $0.border() }.inputs[0].name == "")
  }

  @Test("may be missing")
  func none() throws {
    runtime.inputs = []
    runtime.outputs = []
    let border = try withModel { try $0.border() }
    #expect(border.inputs.isEmpty && border.outputs.isEmpty)
  }

  @Test("come with metadata, or without")
  func metadata() throws {
    try withModel { model in
      #expect(model.metadata(named: "KNOWN") == Array("KNOWN".utf8))
      #expect(model.metadata(named: "OTHER") == nil)
    }
    runtime.faults = [.init(function: "GetModelMetadata", outcome: .status(42), call: 3)]
    #expect(try withModel { $0.metadata(named: "KNOWN") } == nil)
  }

  @Test("need bytes")
  func noBytes() {
    #expect(throws: LiteRtError.invalidModel(LiteRtStatus(rawValue: 1))) {
      try runtime.use {
        let environment = try Environment(library: LiteRtLibrary(functions: FakeRuntime.table))
        _ = try Model(environment: environment, bytes: SharedBytes([]))
      }
    }
    runtime.expectAllFreed()
  }
}
