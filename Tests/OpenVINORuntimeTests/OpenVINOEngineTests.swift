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
  private func run(models count: Int = 1, threadCount: Int = 1) throws -> [[Float]] {
    let model = SharedBytes(
      try readFile(at: PathBytes(Fixtures.model("constant_3_4")), limit: 1 << 20))
    let file = try ModelFile(reading: model.bytes)
    return try fake.use {
      let library = try OpenVINOLibrary(functions: FakeOpenVINO.table)
      let engine = try OpenVINOEngine(
        core: OpenVINOCore(library: library), bytes: model, file: file, threadCount: threadCount)
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
    #expect(fake.compilations.first == ["1", "1"])
    let others = processorCount - 1
    #expect(fake.compilations.dropFirst().allSatisfy { $0 == ["\(others)", "\(others)"] })
    #expect(fake.compilations.count == (others > 0 ? 2 : 1))
    #expect(fake.leaks.isEmpty)
  }

  @Test(
    "tells of a call that fails, and frees everything",
    arguments: [
      "core_create", "core_get_property", "core_read_model", "model_inputs_size",
      "partial_shape_create", "model_reshape_single_input", "compile",
      "compiled_model_outputs_size", "compiled_model_create_infer_request",
      "tensor_create_from_host_ptr", "infer_request_set_input_tensor_by_index",
      "infer_request_infer", "infer_request_get_output_tensor_by_index",
      "tensor_get_element_type", "tensor_get_shape", "tensor_get_byte_size",
    ])
  func failure(function: String) throws {
    fake.failing = function
    let error = #expect(throws: (any Error).self) { try run() }
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
