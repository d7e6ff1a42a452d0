import EmbedderLiteRtRuntime
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

/// The real runtime library, for tests that are enabled where it is.
enum RealRuntime {
  static let absence: Comment = "the LiteRT library is missing; run scripts/setup"

  static func environment() throws -> Environment {
    try Environment(library: LiteRtLibrary(path: PathBytes(Fixtures.liteRtLibrary)))
  }

  /// Loads a test model.
  static func load(_ name: String) throws -> Model {
    try Model(environment: environment(), bytes: bytes(ofFile: Fixtures.model(name)))
  }

  /// Loads and compiles a test model.
  static func compile(_ name: String, threadCount: Int = 1) throws -> CompiledModel {
    try CompiledModel(model: load(name), threadCount: threadCount)
  }

  static func bytes(ofFile path: String) throws -> SharedBytes {
    SharedBytes(try readFile(at: PathBytes(path), limit: 1 << 30))
  }

  /// The built-in model of the repository: large enough that its runs overlap.
  static let builtInModel = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Models/efficientnet-lite0-int8.tflite").path
}

extension CompiledModel {
  /// Writes `bytes` to the first input, runs the model and returns the first output.
  func output(for bytes: [UInt8]) throws -> [UInt8] {
    let input = try #require(inputs.first)
    let byteCount = input.bytes.byteCount
    try #require(byteCount == bytes.count)
    input.withMutableBytes { target in
      for (index, byte) in bytes.enumerated() {
        target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
      }
    }
    try run()
    let output = try #require(outputs.first)
    return [UInt8](copying: output.bytes)
  }
}
