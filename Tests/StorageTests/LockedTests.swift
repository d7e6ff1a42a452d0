import EmbedderStorage
import Testing

@Suite("Locked values")
struct LockedTests {
  private struct Refusal: Error {}

  @Test("are changed by one thread at a time")
  func exclusion() async {
    let counter = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<2000 { counter.withLock { $0 += 1 } }
        }
      }
    }
    #expect(counter.withLock { $0 } == 16_000)
  }

  @Test("are free again after an error, which is passed on")
  func errors() {
    let values = Locked([1])
    #expect(throws: Refusal.self) {
      try values.withLock { values throws(Refusal) in
        values.append(2)
        throw Refusal()
      }
    }
    #expect(values.withLock { $0 } == [1, 2])
  }
}
