import CEmbedderOpenVINO
import EmbedderInference
import EmbedderModelMetadata
import EmbedderOpenVINORuntime
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@Suite("Compiled models that are kept, on a fake OpenVINO")
struct KeptModelsTests {
  /// What an engine did for one model, and what the model gave.
  private struct Run {
    let fake: FakeOpenVINO
    let isForgotten: Bool

    var isCompiled: Bool { !fake.compilations.isEmpty }
    var isImported: Bool { !fake.imports.isEmpty }
  }

  /// Makes and runs a model by a new engine, as a new process would.
  private func run(
    _ kept: KeptModels?, model name: String = "constant_3_4", threadCount: Int = 1,
    precision: Precision = .float32, models count: Int = 1, forgetting: Bool = false,
    _ change: (FakeOpenVINO) -> Void = { _ in }
  ) throws -> Run {
    let fake = FakeOpenVINO()
    change(fake)
    let bytes = SharedBytes(try readFile(at: PathBytes(Fixtures.model(name)), limit: 1 << 20))
    let file = try ModelFile(reading: bytes.bytes)
    let isForgotten = try fake.use {
      let library = try OpenVINOLibrary(functions: FakeOpenVINO.table)
      let engine = try OpenVINOEngine(
        core: OpenVINOCore(library: library), bytes: bytes, file: file, threadCount: threadCount,
        precision: precision, kept: kept)
      for _ in 0..<count {
        let model = try engine.makeModel()
        try model.prepare(inputShape: file.initialInputShapes[0])
        try model.run()
      }
      guard forgetting else { return false }
      let isForgotten = engine.forgetsKeptModel()
      _ = try engine.makeModel()
      return isForgotten
    }
    #expect(fake.leaks.isEmpty)
    return Run(fake: fake, isForgotten: isForgotten)
  }

  /// Calls `body` with models in a folder that is not there yet, and its path.
  private func withKept(
    byteLimit: Int = 1 << 20, _ body: (KeptModels, String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a/b/c"
      try body(KeptModels(folder: PathBytes(path), byteLimit: byteLimit), path)
    }
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
  }

  /// The path of the one model of a folder.
  private func onlyFile(_ folder: String) throws -> String {
    let names = try names(folder)
    #expect(names.count == 1)
    return "\(folder)/\(try #require(names.first))"
  }

  @Test("spare the next engine reading and compiling, also for the inferences besides")
  func kept() throws {
    try withKept { kept, folder in
      #expect(try run(kept).isCompiled)
      let attributes = try FileManager.default.attributesOfItem(atPath: folder)
      #expect(attributes[.posixPermissions] as? Int == 0o700)
      let second = try run(kept, models: 2)
      #expect(!second.isCompiled && !second.fake.calls.contains("core_read_model"))
      let others = processorCount - 1
      #expect(
        second.fake.imports == [["1", "1", "f32"]]
          + (others > 0 ? [["\(others)", "\(others)", "f32"]] : []))
      _ = try onlyFile(folder)
    }
  }

  @Test("are those of the same bytes, version, precision and number of threads only")
  func keys() throws {
    try withKept { kept, folder in
      _ = try run(kept)
      #expect(try run(kept, model: "constant_denormal").isCompiled)
      #expect(try run(kept) { $0.version = "2026.3.1-22477-other" }.isCompiled)
      #expect(
        try run(kept, precision: .bfloat16).isCompiled)
      if processorCount > 1 { #expect(try run(kept, threadCount: 2).isCompiled) }
      #expect(try names(folder).count == (processorCount > 1 ? 5 : 4))
      #expect(try !run(kept).isCompiled)
    }
  }

  @Test("are compiled anew where a file is not whole, and are whole afterwards")
  func damage() throws {
    try withKept { kept, folder in
      _ = try run(kept)
      let path = try onlyFile(folder)
      let whole = try contents(of: path)
      var damaged: [[UInt8]] = [[], Array(whole.dropLast()), Array(whole.prefix(8)), whole + [0]]
      for place in [0, whole.count / 2, whole.count - 1] {
        damaged.append(whole)
        damaged[damaged.count - 1][place] ^= 1
      }
      for bytes in damaged {
        try write(bytes, to: path)
        let result = try run(kept)
        #expect(result.isCompiled && !result.isImported)
        #expect(try contents(of: path) == whole)
      }
    }
  }

  @Test("are as good as not there where something else has a file's name")
  func otherKinds() throws {
    try withKept { kept, folder in
      _ = try run(kept)
      let path = try onlyFile(folder)
      try FileManager.default.removeItem(atPath: path)
      #expect(unsafe mkfifo(path, 0o600) == 0)
      #expect(try run(kept).isCompiled)
      #expect(try !run(kept).isCompiled)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(
        atPath: "\(path)/x", withIntermediateDirectories: true)
      #expect(try run(kept).isCompiled)
      #expect(try run(kept).isCompiled)
      _ = try onlyFile(folder)
    }
  }

  @Test("are compiled anew where OpenVINO does not take them")
  func refusal() throws {
    try withKept { kept, _ in
      _ = try run(kept)
      #expect(try run(kept) { $0.failing = "import_compiled" }.isCompiled)
    }
  }

  @Test("are not kept where the export fails, of which nothing is left")
  func export() throws {
    try withKept { kept, folder in
      let result = try run(kept) { $0.failing = "compiled_model_export_model" }
      #expect(result.isCompiled)
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("are not kept where no folder can be, or others can write to it")
  func folders() throws {
    try withTemporaryFolder { folder in
      try write([1], to: "\(folder)/file")
      let beneath = KeptModels(folder: PathBytes("\(folder)/file/a"))
      #expect(try run(beneath).isCompiled)
      #expect(try run(beneath).isCompiled)
      #expect(unsafe chmod(folder, 0o777) == 0)
      let shared = KeptModels(folder: PathBytes(folder))
      #expect(try run(shared).isCompiled)
      #expect(try names(folder) == ["file"])
    }
  }

  @Test("make room for newer ones, the one longest unused first; what is no model stays")
  func limit() throws {
    let size = FakeOpenVINO.exported.count + 8
    try withKept(byteLimit: 2 * size) { kept, folder in
      for (age, name) in ["constant_3_4", "constant_denormal"].enumerated() {
        let before = Set((try? names(folder)) ?? [])
        _ = try run(kept, model: name)
        let new = try #require(Set(try names(folder)).subtracting(before).first)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: Double(1000 - age))],
          ofItemAtPath: "\(folder)/\(new)")
      }
      try write([UInt8](repeating: 0, count: 9 * size), to: "\(folder)/notes")
      // Used, and thereby the newest.
      #expect(try !run(kept, model: "constant_denormal").isCompiled)
      _ = try run(kept, model: "constant_edges")
      #expect(try names(folder).count == 3)
      #expect(try !run(kept, model: "constant_denormal").isCompiled)
      #expect(try run(kept).isCompiled)
    }
  }

  @Test("are forgotten when told, if they were used, and kept again as they are compiled now")
  func forgetting() throws {
    try withKept { kept, folder in
      #expect(try !run(kept, forgetting: true).isForgotten)
      let result = try run(kept, forgetting: true)
      #expect(result.isForgotten && result.isImported && result.isCompiled)
      #expect(try names(folder).isEmpty)
      #expect(try !run(nil, forgetting: true).isForgotten)
    }
  }
}
