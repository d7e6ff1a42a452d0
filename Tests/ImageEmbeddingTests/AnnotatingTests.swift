import EmbedderTestSupport
import Foundation
import Testing

@testable import ImageEmbedding

@Suite("Annotated models", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct AnnotatingTests {
  private static let model = Fixtures.model("identity_float_8x6_no_metadata")

  private static func annotations(
    _ mean: [Float] = [1, 2, 3], _ std: [Float] = [4, 5, 6]
  ) throws -> ModelAnnotations {
    var annotations = ModelAnnotations()
    annotations.normalization = try Normalization(mean: mean, std: std)
    annotations.headNames = ["pixels"]
    return annotations
  }

  @Test("give the vectors that the model gives with the normalization as an option")
  func vectors() throws {
    let frame = try PixelImage(patternOfWidth: 20, height: 10, channels: 3).frame()
    let given = try makeEmbedder("identity_float_8x6_no_metadata") {
      $0.normalization = try? Normalization(mean: [1, 2, 3], std: [4, 5, 6])
    }
    let bytes = try ImageEmbedder.annotated(.file(path: Self.model), with: Self.annotations())
    let annotated = try ImageEmbedder(options: .init(model: .bytes(bytes)))
    #expect(try annotated.floats(frame) == given.floats(frame))
    #expect(annotated.heads.map(\.name) == ["pixels"])
  }

  @Test("state one number where three are the same, and three where they are not")
  func numberCount() throws {
    for (mean, count) in [([127.5], 1), ([127.5, 127.5, 127.5], 1), ([1, 2, 3], 3)]
      as [([Float], Int)]
    {
      let bytes = try ImageEmbedder.annotated(
        .file(path: Self.model), with: Self.annotations(mean, mean))
      let info = try ModelInfo(of: .init(model: .bytes(bytes)))
      let unit = try #require(info.file.metadata?.inputs?.first?.normalizations.first)
      #expect(unit.mean.count == count && unit.std.count == count)
    }
  }

  @Test("run with data behind the FlatBuffer")
  func outerData() throws {
    let frame = try PixelImage(patternOfWidth: 8, height: 6, channels: 3).frame()
    let source = ModelSource.file(path: Fixtures.annotating("outer_data"))
    let bytes = try ImageEmbedder.annotated(source, with: Self.annotations([0], [1]))
    let embedder = try ImageEmbedder(options: .init(model: .bytes(bytes)))
    let pixels = PixelImage(patternOfWidth: 8, height: 6, channels: 3).bytes
    #expect(try embedder.floats(frame) == pixels.map(Float.init))
  }

  @Test("appear as files, whole, and replace models of that name")
  func files() throws {
    try withTemporaryFolder { folder in
      let output = PathBytes("\(folder)/copy.tflite")
      let source = ModelSource.file(path: Self.model)
      try ImageEmbedder.annotate(source, with: Self.annotations(), output: output)
      #expect(
        try contents(of: "\(folder)/copy.tflite")
          == ImageEmbedder.annotated(source, with: Self.annotations()))
      var second = ModelAnnotations()
      second.name = "second"
      try ImageEmbedder.annotate(source, with: second, output: output)
      #expect(
        try ModelInfo(of: .init(model: .file(path: "\(folder)/copy.tflite"))).file.metadata?.name
          == "second")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["copy.tflite"])
    }
  }

  @Test("replace an empty file, and of a link what it leads to")
  func links() throws {
    try withTemporaryFolder { folder in
      try write([], to: "\(folder)/empty.tflite")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link.tflite", withDestinationPath: "empty.tflite")
      try ImageEmbedder.annotate(
        .file(path: Self.model), with: Self.annotations(),
        output: PathBytes("\(folder)/link.tflite"))
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link.tflite")
          == "empty.tflite")
      #expect(
        try ModelInfo(of: .init(model: .file(path: "\(folder)/empty.tflite"))).firstError == nil)
    }
  }

  @Test("of built-in models are models")
  func builtIn() throws {
    var annotations = ModelAnnotations()
    annotations.name = "mine"
    let bytes = try ImageEmbedder.annotated(.builtIn(.efficientNetLite0), with: annotations)
    let info = try ModelInfo(of: .init(model: .bytes(bytes)))
    #expect(info.firstError == nil && info.file.metadata?.name == "mine")
    #expect(info.normalization?.mean == [127, 127, 127])
  }

  @Test("that were findings are refused", arguments: try Fixtures.findings("annotate"))
  func findings(path: String) throws {
    // The first byte tells the fuzzer what to write.
    let model = Array(try contents(of: path).dropFirst())
    #expect(throws: EmbedderError.self) {
      try ImageEmbedder.annotated(.bytes(model), with: Self.annotations())
    }
  }

  @Test("have errors of their own")
  func errors() throws {
    let error = EmbedderError.annotation(model: "m", .notReadBack)
    #expect(error.code == .internal)
    #expect(EmbedderError.annotation(model: "m", .nothing).code == .invalidArgument)
    #expect("\(error)".hasPrefix("model 'm' cannot be annotated: "))
    let full = FileError.system(path: "o", operation: "write", errno: ENOSPC, reason: "full")
    #expect(EmbedderError.output(full).code == .resourceExhausted)
    #expect("\(EmbedderError.output(full))" == "cannot write 'o': full")
  }
}
