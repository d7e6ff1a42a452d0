import EmbedderInference
import EmbedderStorage
import EmbedderTestSupport
import Testing

@testable import EmbedderIsolation

#if os(Linux)
@Suite("The memory of a worker", .enabled(if: MemoryLayout<Int>.size == 8))
struct WorkerLimitTests {
  /// The limits of a worker that was told which accelerator to use, each by its name in the system.
  private func limits(of accelerator: Accelerator) throws -> [String: String] {
    var worker = try WorkerProcess(executable: CommandLineRunner.program)
    var request = Message(.load)
    request.write(1)
    request.write(PathBytes(""))
    request.write(0)
    request.write("")
    request.write(accelerator.rawValue)
    request.write(Precision.float32.rawValue)
    request.write(PathBytes(""))
    request.write(60)
    request.attach(SharedBytes([1, 2, 3]))
    // Three bytes are no model, which the worker says and lives on.
    #expect(throws: IsolationError.self) {
      try worker.answer(to: request, task: "loading the model", within: 60)
    }
    let text = String(decoding: try contents(of: "/proc/\(worker.processID)/limits"), as: UTF8.self)
    var limits: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let name = line.prefix(26).split(separator: " ").joined(separator: " ")
      limits[name] = line.dropFirst(26).split(separator: " ").first.map(String.init)
    }
    return limits
  }

  @Test(
    "is bounded by its addresses, and with a graphics card by what it writes to",
    arguments: Accelerator.allCases)
  func limit(accelerator: Accelerator) throws {
    let limits = try limits(of: accelerator)
    let (bounded, free) =
      accelerator == .gpu
      ? ("Max data size", "Max address space") : ("Max address space", "Max data size")
    #expect(limits[bounded] == "\(8 << 30)")
    #expect(limits[free] == "unlimited")
    #expect(limits["Max core file size"] == "0")
  }
}
#endif
