import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@testable import EmbedderLiteRtRuntime

@Suite("On a graphics card, a model")
struct GraphicsCardTests {
  private let runtime = FakeRuntime()

  /// Compiles the fake's model for a card whose library lies in a folder.
  private func compile() throws {
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
    #expect(throws: LiteRtError.gpuLeavesOperators) { try compile() }
    #expect(runtime.leaks.isEmpty)
  }

  @Test("without a card is an error that says what was looked for")
  func noCard() throws {
    let failure: Int32 = 3
    runtime.faults = [.init(function: "CreateCompiledModel", outcome: .status(failure))]
    let error = #expect(throws: LiteRtError.self) { try compile() }
    #expect(error == .gpuCompilationFailed(LiteRtStatus(rawValue: failure)))
    for words in ["libvulkan.so.1", "VK_ICD_FILENAMES", "accelerator cpu"] {
      #expect(error?.description.contains(words) == true)
    }
    #expect(runtime.leaks.isEmpty)
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
