import Dispatch
import EmbedderLiteRtRuntime
import EmbedderStorage
import EmbedderTestSupport
import Synchronization
import Testing

@Suite(
  "Several compiled models of one model", .enabled(if: Fixtures.hasLiteRt, RealRuntime.absence))
struct SharingTests {
  @Test(
    "give each its own right results when they run at the same time",
    arguments: [
      RealRuntime.builtInModel, Fixtures.model("identity_uint8_32x24"),
      Fixtures.model("heads_abc"),
    ])
  func concurrentRuns(path: String) throws {
    let model = try Model(
      environment: RealRuntime.environment(), bytes: RealRuntime.bytes(ofFile: path))
    let probe = try CompiledModel(model: model, threadCount: 1)
    let inputs = (1...4).map { seed in
      var generator = SeededGenerator(seed: UInt64(seed))
      return generator.bytes(probe.inputs[0].byteCount)
    }
    let expected = try inputs.map { try probe.output(for: $0) }
    #expect(Set(expected).count == inputs.count, "the results tell the inputs apart")

    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { worker in
      do {
        let compiledModel = try CompiledModel(model: model, threadCount: 1)
        for round in 0..<20 {
          let number = (round + worker) % inputs.count
          let found = try compiledModel.output(for: inputs[number])
          if let difference = difference(found, expected[number]) {
            failures.withLock { $0.append("worker \(worker), round \(round): \(difference)") }
          }
        }
      } catch {
        failures.withLock { $0.append("worker \(worker): \(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
  }

  @Test("can be made at the same time")
  func concurrentCompilations() throws {
    let model = try RealRuntime.load("identity_uint8_8x6")
    let input = (0..<144).map { UInt8($0) }
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for _ in 1...25 {
        do {
          let output = try CompiledModel(model: model, threadCount: 1).output(for: input)
          if output != input { failures.withLock { $0.append("worker \(worker): wrong output") } }
        } catch {
          failures.withLock { $0.append("worker \(worker): \(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
  }

  @Test("may be freed in any order")
  func orderOfFreeing() throws {
    let input = (0..<144).map { UInt8($0) }
    var model: Model? = try RealRuntime.load("identity_uint8_8x6")
    var compiledModels = try (1...3).map { _ in
      try CompiledModel(model: #require(model), threadCount: 1)
    }
    model = nil
    compiledModels.remove(at: 1)
    for compiledModel in compiledModels {
      #expect(try compiledModel.output(for: input) == input)
    }
  }

  @Test(
    "leave nothing behind when they are freed",
    .disabled(if: ProcessMemory.isSanitized, ProcessMemory.sanitizerKeepsMemory))
  func noLeaks() async {
    await #expect(processExitsWith: .success) {
      let small = try RealRuntime.load("heads_abc")
      let large = try Model(
        environment: small.environment,
        bytes: RealRuntime.bytes(ofFile: RealRuntime.builtInModel))
      func makeAndFree(_ count: Int) throws {
        for number in 1...count {
          let model = number.isMultiple(of: 10) ? large : small
          let compiledModel = try CompiledModel(model: model, threadCount: 2)
          try compiledModel.run()
        }
      }
      try makeAndFree(50)
      let memory = try ProcessMemory.residentByteCount()
      let descriptors = try ProcessMemory.openDescriptorCount()
      try makeAndFree(200)
      #expect(try ProcessMemory.openDescriptorCount() == descriptors)
      // One compiled large model holds 7 MB; twenty that stay would be 140.
      #expect(try ProcessMemory.residentByteCount() < memory + 32 << 20)
    }
  }

  @Test(
    "leave nothing behind when they, their models and environments fail or are freed",
    .disabled(if: ProcessMemory.isSanitized, ProcessMemory.sanitizerKeepsMemory))
  func noLeaksOfEnvironments() async {
    await #expect(processExitsWith: .success) {
      func makeAndFree(_ count: Int) {
        for _ in 1...count {
          _ = try? RealRuntime.compile("operation_custom")
          _ = try? RealRuntime.compile("identity_uint8_32x24").resizeInput(0, to: [1, 9, 9, 3])
          _ = try? RealRuntime.compile("constant_long").run()
        }
      }
      makeAndFree(100)
      let memory = try ProcessMemory.residentByteCount()
      let descriptors = try ProcessMemory.openDescriptorCount()
      makeAndFree(300)
      #expect(try ProcessMemory.openDescriptorCount() == descriptors)
      #expect(try ProcessMemory.residentByteCount() < memory + 16 << 20)
    }
  }
}
