import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@testable import EmbedderLiteRtRuntime

@Suite("On a graphics card, a model")
struct GraphicsCardTests {
  private let runtime = FakeRuntime()

  private static let refusal = """
    Following operations are not supported by GPU delegate:
    PACK: Unknown layout.
    SHAPE: Operation is not supported.
    2 operations will run on the GPU, and the remaining 5 operations will run on the CPU.

    """
  private static let operators = ["PACK: Unknown layout", "SHAPE: Operation is not supported"]

  /// Compiles the fake's model for a card whose library lies in a folder.
  private func compile(by runtime: FakeRuntime? = nil) throws {
    let runtime = runtime ?? self.runtime
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(WebGPULibrary.fileName)"
      try Data().write(to: URL(filePath: path))
      try runtime.use {
        let library = LiteRtLibrary(functions: FakeRuntime.table)
        let environment = try Environment(
          library: library, webGPU: WebGPULibrary(path: PathBytes(path), for: library))
        let model = try Model(environment: environment, bytes: SharedBytes([1, 2, 3]))
        _ = try CompiledModel(model: model, threadCount: 1)
      }
    }
  }

  @Test("is compiled for the card alone, in single precision")
  func options() throws {
    try compile()
    let gpu: Int32 = 2
    #expect(runtime.accelerators == [gpu])
    // Both are registered; the card's library is looked for in the folder, which is a string.
    let (accelerators, integer): (Int64, Int64) = (24, 2)
    #expect(runtime.environmentOptions.first == [accelerators, integer, 3])
    #expect(runtime.environmentOptions.last?.prefix(2) == [22, 8])
    #expect(runtime.violations.isEmpty)
    #expect(runtime.leaks.isEmpty)
  }

  @Test("that the card runs only in part is refused, since the rest would run elsewhere in silence")
  func parts() throws {
    runtime.isFullyAccelerated = false
    runtime.errorMessages = Self.refusal
    #expect(throws: LiteRtError.gpuLacksOperators(Self.operators)) { try compile() }
    #expect(runtime.leaks.isEmpty)
  }

  @Test("that is not compiled for the card alone is refused by the names of its operators")
  func operators() throws {
    runtime.faults = [.init(function: "CreateCompiledModel", outcome: .status(504))]
    runtime.errorMessages = Self.refusal
    let error = #expect(throws: LiteRtError.self) { try compile() }
    #expect(error == .gpuLacksOperators(Self.operators))
    #expect(error?.description.contains("(PACK: Unknown layout; SHAPE: Operation") == true)
    #expect(error?.description.contains("use the accelerator cpu") == true)
    // Once more with the processor, since only a compiled model has messages.
    #expect(runtime.accelerators == [2, 3])
    #expect(runtime.violations.isEmpty)
    #expect(runtime.leaks.isEmpty)
  }

  @Test("that is refused for no reason that the runtime gives is an error that says so")
  func noReason() throws {
    for (calls, messages) in [([1, 2], Self.refusal), ([1], ""), ([1], "a node failed")] {
      let runtime = FakeRuntime()
      runtime.faults = calls.map {
        .init(function: "CreateCompiledModel", outcome: .status(3), call: $0)
      }
      runtime.errorMessages = messages
      let error = #expect(throws: LiteRtError.self) { try compile(by: runtime) }
      #expect(error == .gpuCompilationFailed(LiteRtStatus(rawValue: 3), shapeOperators: []))
      #expect(error?.description.contains("does not say why; use the accelerator cpu") == true)
      #expect(runtime.leaks.isEmpty)
    }
  }

  @Test("that is refused for shapes that only the run tells is an error that names what gives them")
  func computedShapes() throws {
    let file = try ModelFile(
      reading: SharedBytes(AlignedBuffer(copying: contents(of: Fixtures.graph("open_batch")))).bytes
    )
    let error = LiteRtError.gpuCompilationFailed(
      LiteRtStatus(rawValue: 3), shapeOperators: file.shapeOperators)
    #expect(error.description.contains("these give: operator"))
    #expect(error.description.contains("(reshape)"))
    let many = LiteRtError.gpuCompilationFailed(
      LiteRtStatus(rawValue: 3), shapeOperators: (1...5).map { "operator \($0)" })
    #expect(many.description.contains("operator 3 and 2 more; use the accelerator cpu"))
  }

  @Test("without a card is an error that says what was looked for")
  func noCard() throws {
    let failure: Int32 = 3
    runtime.hasGraphicsCard = false
    runtime.faults = [.init(function: "CreateCompiledModel", outcome: .status(failure))]
    let error = #expect(throws: LiteRtError.self) { try compile() }
    guard case .graphicsCardNotFound(let status, _)? = error else {
      Issue.record("\(String(describing: error)) says nothing of the card")
      return
    }
    #expect(status == LiteRtStatus(rawValue: failure))
    // Nothing is compiled again for a card that is not there.
    #expect(runtime.accelerators == [2])
    #expect(runtime.leaks.isEmpty)
  }

  @Test(
    "without a card is an error that tells a missing loader from a missing driver",
    arguments: [
      ("no such file", ["libvulkan.so.1", "no such file", "accelerator cpu"]),
      (nil, ["libvulkan.so.1", "driver", "VK_ICD_FILENAMES", "accelerator cpu"]),
    ] as [(String?, [String])])
  func missing(loader: String?, words: [String]) {
    let error = LiteRtError.graphicsCardNotFound(LiteRtStatus(rawValue: 3), loader: loader)
    for word in words { #expect(error.description.contains(word)) }
  }

  /// Hands a runnable model on a card to `body` and frees it.
  private func withRunnableModel(_ body: (LiteRtEngine, RunnableModel) throws -> Void) throws {
    runtime.inputs = [FakeTensor(name: "image", elementType: 1, dimensions: [1, 224, 224, 3])]
    runtime.outputs = [FakeTensor(name: "embedding", elementType: 1, dimensions: [1, 3])]
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(WebGPULibrary.fileName)"
      try Data().write(to: URL(filePath: path))
      try runtime.use {
        let library = LiteRtLibrary(functions: FakeRuntime.table)
        let bytes = SharedBytes(
          try AlignedBuffer(copying: contents(of: Fixtures.model("dynamic_float"))))
        let engine = LiteRtEngine(
          environment: try Environment(
            library: library, webGPU: WebGPULibrary(path: PathBytes(path), for: library)),
          bytes: bytes, file: try ModelFile(reading: bytes.bytes))
        let model = try #require(try engine.makeModel() as? RunnableModel)
        try body(engine, model)
      }
    }
    runtime.expectAllFreed()
  }

  private func count(_ function: String) -> Int { runtime.positions(of: function).count }

  // The runtime keeps the device with the environment.
  @Test("has a device of its own")
  func devices() throws {
    try withRunnableModel { engine, _ in
      let before = count("CreateEnvironment")
      _ = try engine.makeModel()
      _ = try engine.makeModel()
      #expect(count("CreateEnvironment") == before + 2)
    }
  }

  @Test("whose card vanishes is an error of each image, and runs again on one that is back")
  func vanishing() throws {
    let shape = [1, 224, 224, 3]
    runtime.faults =
      [.init(function: "RunCompiledModel", outcome: .status(3), call: 2)]
      + (2...4).map {
        .init(function: "CreateCompiledModel", outcome: .status(3), call: $0)
      }
    try withRunnableModel { _, model in
      try model.prepare(inputShape: shape)
      try model.run()
      let environments = count("CreateEnvironment")
      runtime.hasGraphicsCard = false
      let error = #expect(throws: InferenceError.self) { try model.run() }
      #expect(error?.description.contains("LiteRtRunCompiledModel failed") == true)
      for _ in 1...3 {
        let error = #expect(throws: InferenceError.self) { try model.prepare(inputShape: shape) }
        #expect(error?.kind == .failed)
        #expect(error?.description.contains("finds no graphics card") == true)
        // Nothing is read of a model that is not there.
        #expect(model.readOutput(0) { $0.byteCount } == 0)
      }
      runtime.hasGraphicsCard = true
      try model.prepare(inputShape: shape)
      try model.run()
      // A lost device stays lost: each attempt is on another one.
      #expect(count("CreateEnvironment") == environments + 4)
    }
  }

  @Test("without the library is an error that says where it was looked for")
  func missingLibrary() {
    let library = LiteRtLibrary(functions: FakeRuntime.table)
    let error = #expect(throws: LiteRtError.self) {
      try WebGPULibrary(path: PathBytes("/nowhere/\(WebGPULibrary.fileName)"), for: library)
    }
    #expect(
      error == .webGPUNotFound(places: ["/nowhere/\(WebGPULibrary.fileName)"]))
    #expect(error?.description.contains("scripts/setup gpu") == true)
  }

  // LiteRT opens it by its own name in the folder.
  @Test("is not run by a library of another name")
  func otherName() throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(filePath: "\(folder)/libOther.so"))
      let library = LiteRtLibrary(functions: FakeRuntime.table)
      #expect(throws: LiteRtError.self) {
        try WebGPULibrary(path: PathBytes("\(folder)/libOther.so"), for: library)
      }
    }
  }
}
