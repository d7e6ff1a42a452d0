import CEmbedderOpenVINO
import EmbedderInference
import EmbedderModelMetadata
import EmbedderOpenVINORuntime
import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite("An engine on a fake OpenVINO")
struct OpenVINOEngineTests {
  private let fake = FakeOpenVINO()

  /// Makes an engine, and as many models as are asked for, and runs each.
  private func run(
    models count: Int = 1, threadCount: Int = 1, in precision: Precision = .float32
  ) throws -> [[Float]] {
    let model = SharedBytes(
      try readFile(at: PathBytes(Fixtures.model("constant_3_4")), limit: 1 << 20))
    let file = try ModelFile(reading: model.bytes)
    return try fake.use {
      let library = try OpenVINOLibrary(functions: FakeOpenVINO.table)
      let engine = try OpenVINOEngine(
        core: OpenVINOCore(library: library), bytes: model, file: file, threadCount: threadCount,
        precision: precision)
      return try (0..<count).map { _ in
        let model = try engine.makeModel()
        try model.prepare(inputShape: file.initialInputShapes[0])
        try model.run()
        return model.readOutput(0) { bytes in
          (0..<bytes.byteCount / 4).map {
            unsafe bytes.unsafeLoad(fromByteOffset: 4 * $0, as: Float.self)
          }
        }
      }
    }
  }

  @Test("gives what the last run computed, and frees everything")
  func outputs() throws {
    // The first run tells the shapes.
    #expect(try run() == [[2, 2]])
    #expect(fake.leaks.isEmpty)
  }

  @Test("compiles once for one inference, and once for all that there are cores for besides")
  func compilations() throws {
    _ = try run(models: 3)
    #expect(fake.compilations.first == ["1", "1", "f32"])
    let others = processorCount - 1
    #expect(fake.compilations.dropFirst().allSatisfy { $0 == ["\(others)", "\(others)", "f32"] })
    #expect(fake.compilations.count == (others > 0 ? 2 : 1))
    #expect(fake.leaks.isEmpty)
  }

  @Test(
    "computes in the precision that is asked for, every time it compiles",
    arguments: [(Precision.float32, "f32"), (.bfloat16, "bf16")])
  func precisions(precision: Precision, name: String) throws {
    #expect(try run(models: 3, in: precision).count == 3)
    #expect(fake.compilations.allSatisfy { $0.last == name })
    #expect(fake.leaks.isEmpty)
  }

  @Test(
    "refuses bfloat16 on a processor that is not said to compute in it, and asks nothing for float32",
    arguments: ["FP32 INT8", "", "FP32 NOBF16 BF16X"])
  func incapable(capabilities: String) throws {
    fake.capabilities = capabilities
    let error = try #require(throws: OpenVINOError.self) { try run(in: .bfloat16) }
    #expect(error == .unsupportedPrecision(.bfloat16))
    #expect(error.description.contains("use the precision float32"))
    #expect(!fake.calls.contains("core_read_model"))
    #expect(fake.leaks.isEmpty)
    fake.calls.removeAll()
    _ = try run()
    #expect(!fake.calls.contains("core_get_property of capabilities"))
  }

  @Test(
    "refuses a model that OpenVINO computes in another precision than it was asked for",
    arguments: Precision.allCases, ["f16", "dynamic", ""])
  func otherPrecision(precision: Precision, found: String) throws {
    fake.precision = found
    let error = try #require(throws: InferenceError.self) { try run(in: precision) }
    #expect(error.kind == .engineUnusable)
    for words in ["in '\(found)'", precision.rawValue, "use the"] {
      #expect(error.description.contains(words))
    }
    #expect(fake.leaks.isEmpty)
  }

  @Test("refuses each of both precisions in place of the other")
  func exchanged() throws {
    fake.precision = "f32"
    #expect(throws: InferenceError.self) { try run(in: .bfloat16) }
    fake.precision = "bf16"
    #expect(throws: InferenceError.self) { try run(in: .float32) }
    #expect(fake.leaks.isEmpty)
  }

  @Test(
    "tells of a call that fails, and frees everything",
    arguments: [
      "core_create", "core_get_property", "core_get_property of capabilities", "core_read_model",
      "model_inputs_size",
      "partial_shape_create", "model_reshape_single_input", "compile",
      "compiled_model_get_property",
      "compiled_model_outputs_size", "compiled_model_create_infer_request",
      "tensor_create_from_host_ptr", "infer_request_set_input_tensor_by_index",
      "infer_request_infer", "infer_request_get_output_tensor_by_index",
      "tensor_get_element_type", "tensor_get_shape", "tensor_get_byte_size",
    ])
  func failure(function: String) throws {
    fake.failing = function
    let error = #expect(throws: (any Error).self) { try run(in: .bfloat16) }
    #expect(fake.calls.contains(function))
    // OpenVINO's words, without the places in its source.
    #expect("\(try #require(error))".contains("no translator for operator X"))
    #expect(!"\(try #require(error))".contains("src/a.cpp"))
    #expect(fake.leaks.isEmpty)
  }

  @Test("refuses another version, which it names")
  func version() throws {
    fake.version = "2025.4.0-1-other"
    let error = try #require(throws: OpenVINOError.self) { try run() }
    #expect(error.description.contains("it is OpenVINO 2025.4.0-1-other"))
    #expect(error.description.contains("2026.3.1 is needed"))
  }

  @Test("refuses a model of several inputs or of other outputs")
  func counts() throws {
    fake.inputCount = 2
    #expect(throws: InferenceError.self) { try run() }
    fake.inputCount = 1
    fake.outputCount = 2
    let error = try #require(throws: InferenceError.self) { try run() }
    #expect(error.kind == .modelRefused)
    #expect(error.description.contains("2 outputs for 1"))
    #expect(fake.leaks.isEmpty)
  }

  @Test("refuses an output of another type, or of another size than its shape")
  func outputKinds() throws {
    fake.outputType = 7
    #expect(throws: InferenceError.self) { try run() }
    fake.outputType = 4
    fake.additionalBytes = 4
    let error = try #require(throws: InferenceError.self) { try run() }
    #expect(error.description.contains("12 bytes for the shape [1, 2]"))
    #expect(fake.leaks.isEmpty)
  }
}
