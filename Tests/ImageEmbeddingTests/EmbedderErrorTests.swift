import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

@Suite("Errors and their codes")
struct EmbedderErrorTests {
  @Test("have the canonical codes")
  func codes() {
    let memory = OutOfMemory(byteCount: 5)
    let expectations: [(StatusCode, [EmbedderError])] = [
      (
        .notFound,
        [
          .modelFile(file(ENOENT)), .modelFile(file(ENOTDIR)),
          .image(path: "x", .file(file(ENOENT))),
          .modelRequirement(model: "m", .missingNormalization(.float32)),
          failure(.engineNotFound),
        ]
      ),
      (.permissionDenied, [.modelFile(file(EACCES)), .image(path: nil, .file(file(EPERM)))]),
      (
        .failedPrecondition,
        [
          .modelFile(file(EBADF)), failure(.engineUnusable), .batchEnded,
        ]
      ),
      (.unknown, [.modelFile(file(EIO))]),
      (
        .resourceExhausted,
        [
          .outOfMemory(memory), .modelFile(.outOfMemory(path: "x", memory)),
          .modelFile(.tooLarge(path: "x", byteCount: 2, limit: 1)),
          failure(.outOfMemory), .preprocessing(.outOfMemory(memory)),
          .image(path: nil, .outOfMemory(memory)),
          .image(path: nil, .tooManyPixels(width: 1, height: 2, limit: 1)),
        ]
      ),
      (
        .invalidArgument,
        [
          .modelFile(.empty(path: "x")), .modelFile(.notAFile(path: "x", kind: "a folder")),
          .modelFile(.invalidPath(path: "")), .modelContent(model: "m", .missing(part: "p")),
          .modelRequirement(model: "m", .noOutputs), failure(.modelRefused),
          .outputSizeChanged(head: 0, found: 1, expected: 2), .similarity(.zeroNorm),
          .invalidOption(name: "n", found: "f", needed: "e"),
          .preprocessing(.frame(.invalidDimensions(width: 0, height: 0))),
          .image(path: nil, .unknownFormat(found: "text")),
          .image(path: nil, .truncated(.png, details: "")),
          .image(path: nil, .damaged(.jpeg, details: "")),
          .image(path: nil, .frame(.invalidDimensions(width: 0, height: 0))),
          .image(path: "x", .rawFrameSize(found: 1, needed: 2)),
        ]
      ),
      (
        .deadlineExceeded,
        [
          failure(.timedOut),
          .modelFile(.noWriter(path: "x")),
        ]
      ),
      (
        .unimplemented,
        [
          .image(path: nil, .unsupported(.jpeg, details: "CMYK")),
          .image(path: nil, .foreignFormat(name: "QOI", advice: "convert it")),
        ]
      ),
      (
        .internal,
        [
          failure(.failed), failure(.ended),
          .preprocessing(.stepFailed(function: "f", status: 1)),
          .preprocessing(.inputSize(found: 1, needed: 2)), .preprocessing(.missingRows),
        ]
      ),
    ]
    for (code, errors) in expectations {
      for error in errors { #expect(error.code == code, "\(error)") }
    }
  }

  private func file(_ number: Int32) -> FileError {
    .system(path: "x", operation: "open", errno: number, reason: "reason")
  }

  private func failure(_ kind: InferenceError.Kind) -> EmbedderError {
    .engine(model: "m", InferenceError(kind, engine: "e", "it is so"))
  }

  @Test("name the model, the image or the option")
  func texts() {
    let expectations: [(EmbedderError, String)] = [
      (.modelFile(.empty(path: "a.tflite")), "model: 'a.tflite' is empty"),
      (
        .modelFile(file(ENOENT)),
        "model: cannot open 'x': reason; the path of a .tflite file or a built-in name is needed:"
          + " efficientnet-lite0 or efficientnet-lite0-int8"
      ),
      (
        .modelContent(model: "a\nb", .missing(part: "subgraph")),
        #"model 'a\nb': the model file is damaged or incomplete: it has no subgraph"#
      ),
      (
        .modelRequirement(model: "m", .noOutputs),
        "model 'm' cannot be used: \(ModelError.noOutputs)"
      ),
      (
        .invalidOption(name: "the thread count", found: "-2", needed: "a positive number"),
        "the thread count is -2; a positive number is needed"
      ),
      (.image(path: "a\tb.png", .unknownFormat(found: "text")), #"'a\tb.png': "#),
      (.image(path: "x", .file(.empty(path: "x"))), "'x' is empty"),
      (.similarity(.zeroNorm), "\(SimilarityError.zeroNorm)"),
      (.outputSizeChanged(head: 3, found: 9, expected: 6), "the model's output 3 has 9 components"),
      (failure(.engineNotFound), "it is so"), (failure(.engineUnusable), "it is so"),
      (failure(.modelRefused), "model 'm' cannot be used: it is so"),
      (
        .inference(model: "m", InferenceError(.failed, engine: "e", "it is so")),
        "model 'm' failed on the image: it is so"
      ),
    ]
    for (error, start) in expectations { #expect("\(error)".hasPrefix(start), "\(error)") }
  }

  @Test("of similarity are the reference's, in the embedder's own type")
  func similarity() throws {
    #expect(throws: EmbedderError.similarity(.mixedKinds)) {
      try ImageEmbedder.cosineSimilarity(.float([1]), .quantized([1]))
    }
    #expect(throws: EmbedderError.similarity(.differentSizes(1, 2, quantized: false))) {
      try ImageEmbedder.cosineSimilarity(.float([1]), .float([1, 2]))
    }
    #expect(try ImageEmbedder.cosineSimilarity(.float([3, 4]), .float([-3, -4])) == -1)
  }
}

@Suite("Status codes")
struct StatusCodeTests {
  @Test("have the canonical numbers and names")
  func numbersAndNames() {
    let names = [
      "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
      "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
      "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]
    #expect(StatusCode.allCases.map(\.name) == names)
    #expect(StatusCode.allCases.map(\.rawValue) == Array(0...16))
  }
}

@Suite("Model sources")
struct ModelSourceTests {
  @Test("are built-in models by name, and files by everything else")
  func names() {
    #expect(ModelSource("efficientnet-lite0") == .builtIn(.efficientNetLite0))
    #expect(ModelSource("efficientnet-lite0-int8") == .builtIn(.efficientNetLite0Int8))
    for path in ["efficientnet-lite0.tflite", "./efficientnet-lite0", "EfficientNet-Lite0", ""] {
      #expect(ModelSource(path) == .file(path: path))
    }
  }

  @Test("are described by name, path or size")
  func descriptions() {
    #expect("\(ModelSource.builtIn(.efficientNetLite0Int8))" == "efficientnet-lite0-int8")
    #expect("\(ModelSource.file(path: "a/b.tflite"))" == "a/b.tflite")
    #expect("\(ModelSource.bytes([1, 2, 3]))" == "3 bytes in memory")
  }
}
