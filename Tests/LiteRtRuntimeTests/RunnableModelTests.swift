import EmbedderInference
import EmbedderLiteRtRuntime
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite("A runnable model, on a fake runtime")
struct RunnableModelTests {
  let runtime = FakeRuntime()

  /// Hands a runnable model of one of the small files to `body` and frees it.
  private func withModel(
    _ name: String = "dynamic_float", _ body: (RunnableModel) throws -> Void
  ) throws {
    runtime.inputs = [FakeTensor(name: "image", elementType: 1, dimensions: [1, 224, 224, 3])]
    runtime.outputs = [FakeTensor(name: "embedding", elementType: 1, dimensions: [1, 3])]
    try runtime.use {
      let bytes = SharedBytes(try AlignedBuffer(copying: contents(of: Fixtures.model(name))))
      let loaded = LiteRtEngine(
        environment: try Environment(library: LiteRtLibrary(functions: FakeRuntime.table)),
        bytes: bytes, file: try ModelFile(reading: bytes.bytes))
      try body(RunnableModel(loaded, threadCount: 1))
    }
    runtime.expectAllFreed()
  }

  private func count(_ function: String) -> Int { runtime.positions(of: function).count }

  @Test("is made anew after a run that failed")
  func failedRun() throws {
    runtime.faults = [FakeRuntime.Fault(function: "RunCompiledModel", outcome: .status(3), call: 2)]
    try withModel { model in
      try model.prepare(inputShape: [1, 224, 224, 3])
      try model.run()
      #expect(throws: InferenceError.self) { try model.run() }
      #expect(throws: InferenceError.self) { try model.run() }
      #expect(count("RunCompiledModel") == 2)
      try model.prepare(inputShape: [1, 224, 224, 3])
      try model.run()
      #expect(count("CreateCompiledModel") == 2)
      #expect(count("CreateModelFromBuffer") == 1)
    }
  }

  @Test("is made anew at a size that it cannot be brought to")
  func failedResize() throws {
    runtime.faults = [
      FakeRuntime.Fault(function: "CompiledModelResizeInputTensor", outcome: .status(3))
    ]
    try withModel { model in
      runtime.inputs[0].dimensions = [1, 9, 7, 3]
      try model.prepare(inputShape: [1, 9, 7, 3])
      #expect(count("CreateCompiledModel") == 2)
      #expect(count("CreateModelFromBuffer") == 2, "the file says the new size")
      try model.run()
    }
  }

  @Test("tries other sizes where it cannot be made ready for the usual one")
  func otherSizes() throws {
    runtime.faults = [
      FakeRuntime.Fault(function: "CreateCompiledModel", outcome: .status(3)),
      FakeRuntime.Fault(function: "CreateCompiledModel", outcome: .status(3), call: 2),
    ]
    try withModel { _ in
      #expect(count("CreateCompiledModel") == 3)
    }
  }

  @Test("gives the error of the usual size where none will do")
  func noSize() throws {
    runtime.faults = (1...7).map {
      FakeRuntime.Fault(function: "CreateCompiledModel", outcome: .status(Int32($0)), call: $0)
    }
    let error = LiteRtError.compilationFailed(LiteRtStatus(rawValue: 1), details: "")
    #expect(throws: error) { try withModel { _ in } }
    runtime.expectAllFreed()
  }

  @Test("is an error, never a vector, where nothing writes its output")
  func unwritten() throws {
    runtime.writtenByte = nil
    try withModel { model in
      let error = #expect(throws: InferenceError.self) { try model.run() }
      #expect(error?.description.contains("does not write output 'embedding'") == true)
    }
  }

  @Test("may compute what its output was filled with", arguments: [0xa5, 0x5a] as [UInt8])
  func unluckyVector(byte: UInt8) throws {
    runtime.writtenByte = byte
    try withModel { model in
      try model.run()
      #expect(count("RunCompiledModel") == (byte == 0xa5 ? 2 : 1))
    }
  }
}
