import EmbedderLiteRtRuntime
import EmbedderModelMetadata
import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite(
  "A model in the real runtime", .enabled(if: Fixtures.hasLiteRt, RealRuntime.absence))
struct ModelTests {
  static let names = (try? Fixtures.modelNames) ?? []

  @Test("has the inputs and outputs that its file states", arguments: names)
  func border(name: String) throws {
    let bytes = try RealRuntime.bytes(ofFile: Fixtures.model(name))
    guard let file = try? ModelFile(reading: bytes.bytes),
      let model = try? Model(environment: RealRuntime.environment(), bytes: bytes)
    else { return }
    let border = try model.border()
    expectSame(border.inputs, file.inputs)
    expectSame(border.outputs, file.outputs)
  }

  private func expectSame(_ found: [TensorDescription], _ stated: [TensorDescription]) {
    #expect(found.map(\.name) == stated.map(\.name))
    #expect(found.map(\.elementType) == stated.map(\.elementType))
    #expect(found.map(\.quantization) == stated.map(\.quantization))
    for (found, stated) in zip(found, stated) {
      // For an extent that may change the runtime gives -1, the file 1 beside it.
      #expect(found.shape == stated.shape || found.shape == stated.shapeSignature)
    }
  }

  @Test("has the metadata that its file states", arguments: names)
  func metadata(name: String) throws {
    let bytes = try RealRuntime.bytes(ofFile: Fixtures.model(name))
    guard let file = try? ModelFile(reading: bytes.bytes),
      let model = try? Model(environment: RealRuntime.environment(), bytes: bytes)
    else { return }
    let metadata = try model.metadata(named: "TFLITE_METADATA").map {
      try unsafe TFLiteMetadata(reading: $0.span.bytes)
    }
    #expect(metadata == file.metadata)
    #expect(model.metadata(named: "NO_SUCH_NAME") == nil)
    #expect(model.metadata(named: "") == nil)
  }

  @Test("is read by both readers in nearly all cases")
  func mostAreRead() throws {
    let read = try Self.names.filter { name in
      let bytes = try RealRuntime.bytes(ofFile: Fixtures.model(name))
      let file = try? ModelFile(reading: bytes.bytes)
      let model = try? Model(environment: RealRuntime.environment(), bytes: bytes)
      return file != nil && model != nil
    }
    #expect(read.count > Self.names.count * 3 / 4)
    #expect(read.contains("metadata_rich") && read.contains("heads_abc"))
  }
}
