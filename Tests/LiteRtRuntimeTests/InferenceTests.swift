import EmbedderInference
import EmbedderLiteRtRuntime
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Testing

/// `Goldens/models.json`: what the runtime alone does with each test model.
private struct GoldenModels: Decodable {
  struct Case: Decodable {
    struct Outcome: Decodable {
      let outcome: String
      let outputShapes: [[Int]]?
    }

    let model: String
    let litert: Outcome
  }

  let cases: [Case]
}

@Suite("Inference", .enabled(if: Fixtures.hasLiteRt, RealRuntime.absence))
struct InferenceTests {
  /// Models that the runtime runs and we refuse, or that it refuses because of how we load them.
  static let refused = [
    "input_int32", "input_int16", "input_float16", "output_int32", "input_height_0", "outputs_0",
    "metadata_buffer_outside",
  ]

  /// The models that run, each with its outputs' shapes as the reference runtime measured them.
  static let runnable: [(name: String, shapes: [[Int]])] = {
    let golden = try? Fixtures.golden("models", as: GoldenModels.self)
    return (golden?.cases ?? []).compactMap { model in
      let name = String(model.model.dropLast(7))
      guard model.litert.outcome == "runs", !refused.contains(name) else { return nil }
      return model.litert.outputShapes.map { (name, $0) }
    }
  }()

  @Test("has the output shapes of the reference, and stays within its memory", arguments: runnable)
  func outputShapes(name: String, shapes: [[Int]]) throws {
    let compiledModel = try RealRuntime.compile(name)
    #expect(compiledModel.outputTensors.map(\.shape) == shapes)
    let byteCounts = compiledModel.outputTensors.map(\.byteCount)
    #expect(compiledModel.outputs.map { $0.bytes.byteCount } == byteCounts)
    for input in compiledModel.inputs { input.fill(with: 1) }
    try compiledModel.run()
    for buffer in compiledModel.inputs + compiledModel.outputs {
      #expect(buffer.bytes.address.isMultiple(of: 64))
      #expect(buffer.spareBytes.allSatisfy { $0 == 0 }, "something wrote past the end")
    }
  }

  @Test("has seen most of the test models")
  func mostModelsRun() {
    #expect(Self.runnable.count > 70)
  }

  // MARK: Results

  @Test(
    "of an identity gives back every byte",
    arguments: [
      ("identity_uint8_1x1", 3), ("identity_uint8_7x5", 105), ("identity_uint8_8x6", 144),
      ("identity_uint8_32x24", 2304), ("identity_uint8_224x224", 150_528),
      ("identity_int8_8x6", 144), ("output_declared_too_small", 9216),
      ("output_declared_too_large", 576), ("output_1x1x1xn", 576), ("input_not_first", 144),
      ("identity_float_8x6", 576),
    ])
  func identity(name: String, byteCount: Int) throws {
    let compiledModel = try RealRuntime.compile(name)
    for seed in 1...3 as ClosedRange<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let input = generator.bytes(byteCount)
      #expect(difference(try compiledModel.output(for: input), input) == nil)
    }
  }

  @Test("of a constant is the constant, again and again")
  func constant() throws {
    let compiledModel = try RealRuntime.compile("constant_3_4")
    let input = Array(repeating: UInt8(7), count: compiledModel.inputs[0].byteCount)
    let expected = [Float(3), 4].flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    for _ in 1...3 {
      #expect(try compiledModel.output(for: input) == expected)
    }
  }

  @Test("is the same whatever the number of threads", arguments: [2, 100_000])
  func threadCounts(threadCount: Int) throws {
    let bytes = try RealRuntime.bytes(ofFile: RealRuntime.builtInModel)
    let model = try Model(environment: RealRuntime.environment(), bytes: bytes)
    var generator = SeededGenerator(seed: 11)
    let input = generator.bytes(224 * 224 * 3)
    let single = try CompiledModel(model: model, threadCount: 1).output(for: input)
    let several = try CompiledModel(model: model, threadCount: threadCount).output(for: input)
    #expect(single.contains { $0 != single[0] })
    #expect(difference(several, single) == nil)
  }

  @Test("reaches every output")
  func severalOutputs() throws {
    let compiledModel = try RealRuntime.compile("heads_abc")
    #expect(compiledModel.outputTensors.map(\.shape) == [[1, 144], [1, 24], [1, 1, 1, 12]])
    #expect(compiledModel.outputTensors.map(\.elementType) == [.float32, .uint8, .float32])
    _ = try compiledModel.output(
      for: Array(repeating: 0x3f, count: compiledModel.inputs[0].byteCount))
    for output in compiledModel.outputs {
      #expect([UInt8](copying: output.bytes).contains { $0 != 0 })
    }
  }

  // MARK: Sizes that change

  @Test(
    "follows the size of the input",
    arguments: ["dynamic_uint8", "dynamic_float", "dynamic_input_not_first"])
  func dynamicSize(name: String) throws {
    let compiledModel = try RealRuntime.compile(name)
    for (height, width) in [(4, 5), (1, 1), (64, 33), (4, 5)] {
      try compiledModel.resizeInput(0, to: [1, height, width, 3])
      let elementSize = name == "dynamic_uint8" ? 1 : 4
      let byteCount = compiledModel.inputs[0].byteCount
      #expect(byteCount == height * width * 3 * elementSize)
      // Every pixel the same, and so is every average; 2 is a number whose sums are exact.
      let pixel = [UInt8](repeating: 2, count: 3)
      let element = elementSize == 1 ? pixel : [0, 0, 0, 0x40, 0, 0, 0, 0x40, 0, 0, 0, 0x40]
      let input = Array(repeating: element, count: height * width).flatMap(\.self)
      #expect(try compiledModel.output(for: input) == element)
    }
  }

  @Test("tells the size of an output that grows with the input")
  func dynamicOutput() throws {
    let compiledModel = try RealRuntime.compile("dynamic_output")
    #expect(compiledModel.outputTensors.map(\.shape) == [[1, 3]])
    for (height, width) in [(4, 5), (100, 100), (2, 2)] {
      try compiledModel.resizeInput(0, to: [1, height, width, 3])
      #expect(compiledModel.outputTensors.map(\.shape) == [[1, height * width * 3]])
      var generator = SeededGenerator(seed: UInt64(height))
      let input = generator.bytes(compiledModel.inputs[0].byteCount)
      #expect(difference(try compiledModel.output(for: input), input) == nil)
      #expect(compiledModel.outputs[0].spareBytes.allSatisfy { $0 == 0 })
    }
  }

  @Test("recovers from a size that the model cannot take")
  func failedResize() throws {
    let compiledModel = try RealRuntime.compile("identity_uint8_8x6")
    var generator = SeededGenerator(seed: 5)
    let input = generator.bytes(144)
    #expect(throws: LiteRtError.self) { try compiledModel.resizeInput(0, to: [1, 9, 9, 3]) }
    #expect(throws: LiteRtError.self) { try compiledModel.run() }
    try compiledModel.resizeInput(0, to: [1, 6, 8, 3])
    #expect(try compiledModel.output(for: input) == input)
  }

  @Test(
    "refuses sizes that nothing has",
    arguments: [[], [1], [1, 0, 8, 3], [1, -6, 8, 3], [1, .max, .max, 3], [1, 6, 8, 3, 1]])
  func impossibleSizes(shape: [Int]) throws {
    let compiledModel = try RealRuntime.compile("identity_uint8_8x6")
    #expect(throws: LiteRtError.self) { try compiledModel.resizeInput(0, to: shape) }
    try compiledModel.resizeInput(0, to: [1, 6, 8, 3])
    try compiledModel.run()
  }
}

extension TensorBuffer {
  /// The 64 bytes behind the last one, which are ours to read and nobody's to write.
  var spareBytes: [UInt8] {
    unsafe bytes.withUnsafeBytes { bytes in
      let end = unsafe bytes.baseAddress?.advanced(by: bytes.count)
      return unsafe Array(UnsafeRawBufferPointer(start: end, count: 64))
    }
  }

  var byteCount: Int { bytes.byteCount }

  func fill(with byte: UInt8) {
    withMutableBytes { bytes in
      for index in 0..<bytes.byteCount {
        bytes.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
      }
    }
  }
}
