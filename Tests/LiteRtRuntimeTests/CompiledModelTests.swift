import EmbedderLiteRtRuntime
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@Suite("A compiled model, on a fake runtime")
struct CompiledModelTests {
  let runtime = FakeRuntime()

  /// Compiles the fake's model, hands it to `body` and frees it.
  func withCompiledModel(
    threadCount: Int = 1, _ body: (CompiledModel) throws -> Void = { _ in }
  ) throws {
    try runtime.use {
      let environment = try Environment(library: LiteRtLibrary(functions: FakeRuntime.table))
      let model = try Model(environment: environment, bytes: SharedBytes([1, 2, 3]))
      try body(CompiledModel(model: model, threadCount: threadCount))
    }
    runtime.expectAllFreed()
  }

  // MARK: Order

  @Test("fixes the output layouts before it asks for sizes and makes buffers")
  func layoutsComeFirst() throws {
    try withCompiledModel()
    #expect(runtime.layoutUpdates == [true])
    let layouts = try #require(runtime.positions(of: "GetCompiledModelOutputTensorLayouts").first)
    for function in [
      "GetCompiledModelInputBufferRequirements", "GetCompiledModelOutputBufferRequirements",
      "GetTensorBufferRequirementsBufferSize", "CreateTensorBufferFromHostMemory",
    ] {
      let first = try #require(runtime.positions(of: function).first)
      #expect(layouts < first, "\(function) comes before the layouts are fixed")
    }
  }

  @Test("is destroyed before its model, and that before the environment")
  func orderOfDestruction() throws {
    try withCompiledModel()
    let order = ["DestroyCompiledModel", "DestroyModel", "DestroyEnvironment"]
    #expect(runtime.calls.filter { order.contains($0) } == order)
  }

  @Test("frees its options once the compilation is over")
  func optionsAreFreed() throws {
    try withCompiledModel { _ in
      let compiled = try #require(runtime.positions(of: "CreateCompiledModel").first)
      let freed = try #require(runtime.positions(of: "DestroyOptions").first)
      #expect(compiled < freed)
      #expect(!runtime.calls.contains("DestroyOpaqueOptions"), "they belong to the options")
    }
  }

  @Test("keeps the model and the environment that it was made of")
  func ownership() throws {
    try runtime.use {
      let compiledModel = try CompiledModel(
        model: Model(
          environment: Environment(library: LiteRtLibrary(functions: FakeRuntime.table)),
          bytes: SharedBytes([1])), threadCount: 1)
      #expect(!runtime.calls.contains { ["DestroyModel", "DestroyEnvironment"].contains($0) })
      try compiledModel.run()
    }
    runtime.expectAllFreed()
  }

  // MARK: Options

  @Test(
    "gives both parts of the runtime a thread count from 1 to the number of cores",
    arguments: [Int.min, -1, 0, 1, 2, 3, 100_000, Int.max])
  func threadCount(asked: Int) throws {
    try withCompiledModel(threadCount: asked)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads = min(max(asked, 1), cores)
    for identifier in ["xnnpack", "cpu_delegate"] {
      let texts = runtime.optionTexts.filter { $0.identifier == identifier }.map(\.text)
      #expect(texts == ["num_threads = \(threads)\n"])
    }
  }

  @Test("collects error messages, and runs on the processor")
  func options() throws {
    try withCompiledModel()
    let others = runtime.optionTexts.filter { !$0.text.hasPrefix("num_threads") }
    #expect(others.map(\.identifier) == ["runtime_options_string"])
    #expect(others.map(\.text) == ["error_reporter_mode = 2\n"])
    #expect(runtime.accelerators == [1])
  }

  @Test("lives in an environment of the processor alone that logs nothing")
  func environmentOptions() throws {
    try withCompiledModel()
    let (accelerators, severity, integer): (Int64, Int64, Int64) = (24, 25, 2)
    #expect(runtime.environmentOptions == [[accelerators, integer, 1], [severity, integer, 4]])
  }

  // MARK: Buffers

  @Test("takes the output's shape from the updated layout, not from the declaration")
  func updatedLayout() throws {
    runtime.updatedLayouts = [[1, 2304]]
    try withCompiledModel { compiledModel in
      #expect(compiledModel.outputTensors.map(\.shape) == [[1, 2304]])
      #expect(compiledModel.outputs.map { $0.bytes.byteCount } == [4 * 2304])
    }
    #expect(runtime.buffers.map(\.byteCount) == [144, 4 * 2304])
    #expect(runtime.buffers.map(\.shape) == [[1, 6, 8, 3], [1, 2304]])
  }

  @Test("has one buffer for each input and output, in order")
  func severalTensors() throws {
    runtime.outputs = [
      FakeTensor(name: "a", elementType: 1, dimensions: [1, 7]),
      FakeTensor(name: "b", elementType: 3, dimensions: [1, 5]),
      FakeTensor(name: "c", elementType: 9, dimensions: [1, 1, 1, 3]),
    ]
    try withCompiledModel { compiledModel in
      #expect(compiledModel.outputs.map { $0.bytes.byteCount } == [28, 5, 3])
      #expect(compiledModel.outputTensors.map(\.name) == ["a", "b", "c"])
      #expect(compiledModel.outputTensors.map(\.elementType) == [.float32, .uint8, .int8])
      try compiledModel.run()
    }
  }

  @Test("hands over memory that is 64-byte aligned and starts as zeros")
  func memory() throws {
    try withCompiledModel { compiledModel in
      for buffer in runtime.buffers {
        #expect(buffer.address.isMultiple(of: 64))
      }
      for buffer in compiledModel.inputs + compiledModel.outputs {
        #expect([UInt8](copying: buffer.bytes).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(
    "refuses a runtime that wants another number of bytes than type and shape make",
    arguments: [1, -1, 64, 1 << 40])
  func sizeMismatch(difference: Int) {
    runtime.additionalRequiredBytes = difference
    let error = LiteRtError.bufferSizeMismatch(
      tensor: "image", required: 144 + difference, computed: 144)
    #expect(throws: error) { try withCompiledModel() }
    #expect(runtime.buffers.isEmpty)
    runtime.expectAllFreed()
  }

  @Test(
    "refuses layouts without a size",
    arguments: [[1, 0], [1, -1], [0], [1, .max, .max], [65_536, 65_536]] as [[Int32]])
  func layoutsWithoutSize(layout: [Int32]) throws {
    runtime.updatedLayouts = [layout]
    let error = try #require(throws: LiteRtError.self) { try withCompiledModel() }
    guard case .unsupportedTensor(name: "embedding", _) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("\(layout)"))
    runtime.expectAllFreed()
  }

  // MARK: Resizing

  @Test("is resized by new buffers, again after the layouts are fixed")
  func resize() throws {
    try withCompiledModel { compiledModel in
      runtime.calls = []
      runtime.updatedLayouts = [[1, 60]]
      try compiledModel.resizeInput(0, to: [1, 4, 5, 3])
      #expect(
        runtime.calls == [
          "DestroyTensorBuffer", "DestroyTensorBuffer", "CompiledModelResizeInputTensor",
          "GetCompiledModelOutputTensorLayouts",
          "GetCompiledModelInputBufferRequirements", "GetTensorBufferRequirementsBufferSize",
          "CreateTensorBufferFromHostMemory",
          "GetCompiledModelOutputBufferRequirements", "GetTensorBufferRequirementsBufferSize",
          "CreateTensorBufferFromHostMemory",
        ])
      #expect(runtime.layoutUpdates == [true, true])
      #expect(runtime.resizes == [[1, 4, 5, 3]])
      #expect(compiledModel.inputs.map { $0.bytes.byteCount } == [60])
      #expect(compiledModel.outputs.map { $0.bytes.byteCount } == [240])
    }
  }

  @Test("does nothing for the shape that it has")
  func noResize() throws {
    try withCompiledModel { compiledModel in
      runtime.calls = []
      try compiledModel.resizeInput(0, to: [1, 6, 8, 3])
      #expect(runtime.calls == [])
      try compiledModel.resizeInput(0, to: [1, 4, 5, 3])
      try compiledModel.resizeInput(0, to: [1, 4, 5, 3])
      #expect(runtime.resizes.count == 1)
    }
  }

  @Test(
    "can be used after a resize that failed once another one succeeds",
    arguments: [
      ("CompiledModelResizeInputTensor", 1), ("GetCompiledModelOutputTensorLayouts", 2),
      ("CreateTensorBufferFromHostMemory", 3), ("CreateTensorBufferFromHostMemory", 4),
    ], [[1, 6, 8, 3], [1, 2, 2, 3], [1, 9, 9, 3]])
  func recovery(failing: (function: String, call: Int), next: [Int]) throws {
    runtime.faults = [
      .init(function: failing.function, outcome: .status(42), call: failing.call)
    ]
    try withCompiledModel { compiledModel in
      #expect(throws: LiteRtError.self) { try compiledModel.resizeInput(0, to: [1, 9, 9, 3]) }
      #expect(throws: LiteRtError.self, "it has no buffers") { try compiledModel.run() }
      try compiledModel.resizeInput(0, to: next)
      #expect(compiledModel.inputs.map { $0.bytes.byteCount } == [next.reduce(1, *)])
      try compiledModel.run()
    }
  }

  @Test("hands extents that no C int holds to the runtime as the nearest that one does")
  func hugeResize() throws {
    try withCompiledModel { compiledModel in
      runtime.updatedLayouts = [[1, 1]]
      #expect(throws: LiteRtError.self) {
        try compiledModel.resizeInput(0, to: [1, Int.max, Int.min, 3])
      }
      #expect(runtime.resizes == [[1, .max, .min, 3]])
    }
  }

  // MARK: Messages

  @Test("fetches the runtime's messages after a failed run, and clears them")
  func messages() throws {
    runtime.faults = [.init(function: "RunCompiledModel", outcome: .status(3), call: 1)]
    try withCompiledModel { compiledModel in
      runtime.calls = []
      let error = try #require(throws: LiteRtError.self) { try compiledModel.run() }
      #expect(
        runtime.calls == [
          "RunCompiledModel", "CompiledModelGetErrorMessages", "CompiledModelClearErrors",
        ])
      #expect(
        error.description
          == "LiteRtRunCompiledModel failed: runtime failure (LiteRT status 3): a node failed; for"
          + " a reason")
      try compiledModel.run()
    }
  }

  @Test(
    "frees the runtime's messages",
    .disabled(if: ProcessMemory.isSanitized, ProcessMemory.sanitizerKeepsMemory))
  func messagesAreFreed() async {
    await #expect(processExitsWith: .success) {
      let runtime = FakeRuntime()
      runtime.errorMessages = String(repeating: "m", count: 1 << 20)
      runtime.faults = (1...300).map {
        .init(function: "RunCompiledModel", outcome: .status(3), call: $0)
      }
      try runtime.use {
        let environment = try Environment(library: LiteRtLibrary(functions: FakeRuntime.table))
        let model = try Model(environment: environment, bytes: SharedBytes([1]))
        let compiledModel = try CompiledModel(model: model, threadCount: 1)
        func failures(_ count: Int) -> Int {
          (1...count).count { _ in (try? compiledModel.run()) == nil }
        }
        #expect(failures(100) == 100)
        let before = try ProcessMemory.residentByteCount()
        #expect(failures(200) == 200)
        // 200 messages of 1 MiB that stay would be 200 MiB.
        #expect(try ProcessMemory.residentByteCount() < before + 64 << 20)
      }
    }
  }
}
