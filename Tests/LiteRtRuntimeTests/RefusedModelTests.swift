import EmbedderLiteRtRuntime
import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite(
  "A model that cannot be used, in the real runtime",
  .enabled(if: Fixtures.hasLiteRt, RealRuntime.absence))
struct RefusedModelTests {
  static func expectInvalid(_ bytes: [UInt8], _ comment: Comment) throws {
    let environment = try RealRuntime.environment()
    let error = #expect(throws: LiteRtError.self, comment) {
      try Model(environment: environment, bytes: SharedBytes(AlignedBuffer(copying: bytes)))
    }
    guard case .invalidModel = error else {
      Issue.record("\(String(describing: error)), \(comment)")
      return
    }
  }

  // MARK: Bytes

  @Test("is refused without any bytes")
  func empty() throws {
    try Self.expectInvalid([], "no bytes")
  }

  @Test("is refused where its bytes are random, whether or not they begin like a model's")
  func random() async {
    await #expect(processExitsWith: .success) {
      var generator = SeededGenerator(seed: 1)
      for count in [1, 2, 3, 4, 7, 8, 9, 12, 16, 63, 64, 65, 1000, 100_000] {
        for _ in 1...20 {
          var bytes = generator.bytes(count)
          try RefusedModelTests.expectInvalid(bytes, "\(count) random bytes")
          guard count >= 8 else { continue }
          bytes.replaceSubrange(4..<8, with: Array("TFL3".utf8))
          try RefusedModelTests.expectInvalid(bytes, "\(count) random bytes with an identifier")
          bytes.replaceSubrange(0..<4, with: [8, 0, 0, 0])
          try RefusedModelTests.expectInvalid(bytes, "\(count) random bytes with a root")
        }
      }
    }
  }

  @Test("is refused where it is another kind of file")
  func foreign() throws {
    for text in ["<html>", "version https://git-lfs.github.com/spec/v1\n", "PK\u{3}\u{4}"] {
      let padding = Array(repeating: UInt8(32), count: 100)
      try Self.expectInvalid(Array(text.utf8) + padding, "\(text)")
    }
  }

  @Test(
    "is refused where it is cut short",
    arguments: ["identity_uint8_8x6", "identity_float_8x6", "heads_abc", "constant_long"])
  func truncated(name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let whole = try contents(of: Fixtures.model(name))
      // The last bytes may be padding, without which a model is still one.
      for count in 0..<whole.count - 64 {
        try RefusedModelTests.expectInvalid(Array(whole[..<count]), "\(count) bytes of \(name)")
      }
      let environment = try RealRuntime.environment()
      for count in whole.count - 64..<whole.count {
        let bytes = try SharedBytes(AlignedBuffer(copying: Array(whole[..<count])))
        guard let model = try? Model(environment: environment, bytes: bytes) else { continue }
        _ = try? model.border()
      }
    }
  }

  @Test(
    "does no harm where single bytes are damaged",
    arguments: ["identity_uint8_8x6", "metadata_rich", "heads_abc", "operation_custom"])
  func damaged(name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let whole = try contents(of: Fixtures.model(name))
      let environment = try RealRuntime.environment()
      var generator = SeededGenerator(seed: 7)
      var refusals = 0
      for _ in 1...500 {
        let bytes = try SharedBytes(AlignedBuffer(copying: generator.damaging(whole)))
        guard let model = try? Model(environment: environment, bytes: bytes) else {
          refusals += 1
          continue
        }
        // Whatever it is now, it can be looked at.
        _ = try? model.border()
        _ = model.metadata(named: "TFLITE_METADATA")
      }
      #expect(refusals > 0 && refusals < 500)
    }
  }

  // MARK: Content

  @Test("is refused with the runtime's own words, which name the operation that is missing")
  func customOperation() throws {
    let error = try #require(throws: LiteRtError.self) {
      try RealRuntime.compile("operation_custom")
    }
    guard case .callFailed(_, LiteRtStatus(rawValue: 3), let details) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(details.contains("ImageEmbedderTestOperation"))
    #expect(error.description.contains("ImageEmbedderTestOperation"))
    #expect(!error.description.contains { $0.isNewline })
  }

  @Test(
    "is refused where it asks for an operation that the runtime does not have",
    arguments: ["operation_version", "operation_unknown"])
  func unknownOperation(name: String) throws {
    let error = try #require(throws: LiteRtError.self) { try RealRuntime.compile(name) }
    switch error {
    case .compilationFailed, .invalidModel, .callFailed: break
    default: Issue.record("\(error)")
    }
  }

  @Test(
    "is refused for tensors of types that no image embedder has",
    arguments: [
      ("input_int32", "image", "int32"), ("input_int16", "image", "int16"),
      ("input_float16", "image", "float16"), ("output_int32", "embedding", "int32"),
    ])
  func elementType(name: String, tensor: String, type: String) {
    let error = LiteRtError.unsupportedTensor(
      name: tensor, reason: "its elements are of type \(type)")
    #expect(throws: error) { try RealRuntime.compile(name) }
  }

  @Test(
    "is refused without rows, outputs or subgraphs, or with metadata that lead nowhere",
    arguments: ["input_height_0", "outputs_0", "subgraphs_0", "metadata_buffer_outside"])
  func incomplete(name: String) {
    #expect(throws: LiteRtError.self) { try RealRuntime.compile(name) }
  }

  @Test("does not stop the next one")
  func nextModel() throws {
    let environment = try RealRuntime.environment()
    let bytes = try RealRuntime.bytes(ofFile: Fixtures.model("operation_custom"))
    let custom = try Model(environment: environment, bytes: bytes)
    for _ in 1...3 {
      #expect(throws: LiteRtError.self) { try CompiledModel(model: custom, threadCount: 1) }
    }
    let sound = try Model(
      environment: environment,
      bytes: RealRuntime.bytes(ofFile: Fixtures.model("identity_uint8_8x6")))
    let input = (0..<144).map { UInt8($0) }
    #expect(try CompiledModel(model: sound, threadCount: 1).output(for: input) == input)
  }
}
