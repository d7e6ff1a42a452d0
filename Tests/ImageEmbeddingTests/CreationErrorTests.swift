import EmbedderTestSupport
import Foundation
import Testing

@testable import ImageEmbedding

@Suite("Models that cannot be used")
struct CreationErrorTests {
  @Test("are named when they do not exist")
  func missingFile() {
    let reason = unsafe String(cString: strerror(ENOENT))
    let expected = EmbedderError.modelFile(
      .system(path: "/missing/a.tflite", operation: "open", errno: ENOENT, reason: reason))
    #expect(throws: expected) { try ImageEmbedder(modelPath: "/missing/a.tflite") }
    #expect(expected.code == .notFound)
    #expect("\(expected)".contains("/missing/a.tflite"))
  }

  @Test("are refused as files")
  func unusableFiles() throws {
    try withTemporaryFolder { folder in
      try write([], to: "\(folder)/empty.tflite")
      expect(.modelFile(.empty(path: "\(folder)/empty.tflite")), "\(folder)/empty.tflite")
      expect(.modelFile(.notAFile(path: folder, kind: "a folder")), folder)
      expect(.modelFile(.notAFile(path: "/dev/zero", kind: "a device")), "/dev/zero")
      expect(.modelFile(.invalidPath(path: "")), "")
    }
  }

  private func expect(
    _ error: EmbedderError, _ path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try ImageEmbedder(modelPath: path) }
    #expect(error.code == .invalidArgument, sourceLocation: sourceLocation)
  }

  @Test("are refused when they are no models, with a word for what they are")
  func foreignContent() throws {
    let png = PNGWriter(PixelImage(patternOfWidth: 2, height: 2, channels: 3)).file
    for (bytes, found) in [
      ([], "only 0 bytes"), (png, "a PNG image"), (SmallJPEG.baseline, "a JPEG image"),
    ] as [([UInt8], String)] {
      let expected = EmbedderError.modelContent(
        model: "\(bytes.count) bytes in memory", .notAModel(found: found))
      #expect(throws: expected) { try ImageEmbedder(options: .init(model: .bytes(bytes))) }
      #expect(expected.code == .invalidArgument)
    }
  }

  @Test("are refused for random bytes, behind the identifier too", arguments: 0..<3)
  func randomBytes(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<100 {
      let tail = generator.bytes(Int.random(in: 0...500, using: &generator))
      for bytes in [tail, [24, 0, 0, 0] + Array("TFL3".utf8) + tail] {
        #expect(
          code { try ImageEmbedder(options: .init(model: .bytes(bytes))) } == .invalidArgument)
      }
    }
  }

  @Test(
    "are refused wherever they are cut short",
    .enabled(if: Fixtures.hasLiteRt, runtimeMissing),
    arguments: ["identity_uint8_8x6", "metadata_rich", "heads_abc", "constant_3_4"])
  func truncation(model: String) throws {
    let file = try contents(of: Fixtures.model(model))
    // What follows the FlatBuffer, an archive, may be missing.
    let end = model == "metadata_rich" ? 1000 : file.count
    for count in stride(from: 0, to: end, by: 7) {
      let found = code {
        try ImageEmbedder(options: .init(model: .bytes(Array(file[..<count]))))
      }
      #expect(found == .invalidArgument || found == .notFound, "\(count) of \(file.count) bytes")
    }
  }

  @Test(
    "are refused when a large model is cut short",
    .enabled(if: Fixtures.hasLiteRt, runtimeMissing), arguments: [1000, 100_000, 4_000_000])
  func truncatedBuiltIn(count: Int) {
    let file = Array(copying: BuiltInModel.efficientNetLite0Int8.bytes.bytes)
    let found = code { try ImageEmbedder(options: .init(model: .bytes(Array(file[..<count])))) }
    #expect(found == .invalidArgument)
  }

  @Test(
    "without a normalization say how to give one",
    arguments: ["identity_float_8x6_no_metadata", "identity_int8_8x6_rgb_only"])
  func missingNormalization(model: String) throws {
    let path = Fixtures.model(model)
    let type: ElementType = model.contains("float") ? .float32 : .int8
    let expected = EmbedderError.modelRequirement(model: path, .missingNormalization(type))
    #expect(throws: expected) { try ImageEmbedder(modelPath: path) }
    #expect(expected.code == .notFound)
    let text = "\(expected)"
    for word in ["--mean", "--std", "Options.normalization", path] { #expect(text.contains(word)) }
  }

  @Test("are not given a normalization where they take pixels as they are")
  func superfluousNormalization() throws {
    let given = try Normalization(mean: [127.5], std: [127.5])
    let model = Fixtures.model("identity_uint8_8x6")
    let error = EmbedderError.modelRequirement(model: model, .needlessNormalization)
    #expect(throws: error) {
      try makeEmbedder("identity_uint8_8x6") { $0.normalization = given }
    }
    #expect(error.code == .invalidArgument)
    // What is said of the model before is the same.
    let info = try ModelInfo(of: .init(model: .file(path: model), normalization: given))
    #expect(info.firstError == .needlessNormalization)
  }

  @Test("cannot be used without the runtime, whose place is named")
  func missingRuntime() {
    let path = "/missing/libLiteRt.so"
    #expect {
      try makeEmbedder("identity_uint8_8x6") { $0.liteRtPath = PathBytes(path) }
    } throws: { error in
      guard case .engine(_, let cause) = error as? EmbedderError else { return false }
      return (error as? EmbedderError)?.code == .notFound && cause.kind == .engineNotFound
        && cause.description.contains(path) && "\(error)".contains(path)
    }
  }

  @Test(
    "cannot be used by an accelerator whose library is missing, which is named",
    arguments: [
      Accelerator.openVINO, .gpu,
    ])
  func missingAccelerator(accelerator: Accelerator) {
    #expect {
      try makeEmbedder("identity_uint8_8x6") {
        $0.accelerator = accelerator
        $0.acceleratorLibraryPath = "/missing/library.so"
      }
    } throws: { error in
      guard case .engine(_, let cause) = error as? EmbedderError else { return false }
      return (error as? EmbedderError)?.code == .notFound && cause.kind == .engineNotFound
    }
  }

  @Test("are not given an accelerator's library without an accelerator")
  func libraryWithoutAccelerator() {
    let expected = EmbedderError.invalidOption(
      name: "the accelerator's library", found: "'/a/library.so'",
      needed: "an accelerator that has one beside it, openvino or gpu,")
    #expect(throws: expected) {
      try makeEmbedder("identity_uint8_8x6") { $0.acceleratorLibraryPath = "/a/library.so" }
    }
    #expect(expected.code == .invalidArgument)
  }

  @Test("are not computed in bfloat16 but by OpenVINO", arguments: [Accelerator.cpu, .gpu])
  func precisionWithoutOpenVINO(accelerator: Accelerator) {
    let expected = EmbedderError.invalidOption(
      name: "the precision", found: "bfloat16",
      needed: "the accelerator openvino beside it, which alone computes in that,")
    #expect(throws: expected) {
      try makeEmbedder("identity_uint8_8x6") {
        $0.accelerator = accelerator
        $0.precision = .bfloat16
      }
    }
    #expect(expected.code == .invalidArgument)
  }

  @Test("cannot be used with a file that is no library")
  func noLibrary() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/libLiteRt.so"
      try write(Array("not a library".utf8), to: path)
      let found = code {
        try makeEmbedder("identity_uint8_8x6") { $0.liteRtPath = PathBytes(path) }
      }
      #expect(found == .notFound)
    }
  }

  #if os(Linux)
  @Test("cannot be used with another library, whose missing function is named")
  func otherLibrary() {
    let library = "libyuv.so.0"
    let error = #expect(throws: EmbedderError.self) {
      try makeEmbedder("identity_uint8_8x6") { $0.liteRtPath = PathBytes(library) }
    }
    #expect(error?.code == .failedPrecondition)
    let text = error?.description ?? ""
    #expect(text.contains(library) && text.contains("LiteRtCreateEnvironment"))
  }
  #endif

  @Test("are refused for the layout of a map that nothing pools")
  func layoutWithoutPooling() {
    #expect(
      throws: EmbedderError.invalidOption(
        name: "the layout of a map that is pooled", found: "nchw",
        needed: "a pooling beside it, or no layout,")
    ) {
      try makeEmbedder("identity_uint8_8x6") { $0.mapLayout = .nchw }
    }
  }

  @Test(
    "are refused by the runtime for operations that it does not have",
    .enabled(if: Fixtures.hasLiteRt, runtimeMissing),
    arguments: ["operation_version", "operation_unknown"])
  func unknownOperations(model: String) {
    #expect {
      try makeEmbedder(model)
    } throws: { error in
      guard case .engine(Fixtures.model(model), let cause) = error as? EmbedderError else {
        return false
      }
      return cause.kind == .modelRefused && (error as? EmbedderError)?.code == .invalidArgument
    }
  }

  @Test(
    "name the custom operations that the runtime does not have",
    .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
  func customOperations() {
    let error = EmbedderError.modelRequirement(
      model: Fixtures.model("operation_custom"), .customOperators(["ImageEmbedderTestOperation"]))
    #expect(throws: error) { try makeEmbedder("operation_custom") }
    #expect(error.code == .invalidArgument)
  }

  private func code(_ body: () throws -> ImageEmbedder) -> StatusCode? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? EmbedderError)?.code
    }
  }
}
