import EmbedderStorage
import Testing

@Suite("Work that blocks")
struct BlockingWorkTests {
  @Test("leaves the threads of tasks to others")
  func cooperation() async {
    let work = BlockingWork(threadLimit: 64)
    let isOpen = Locked(false)
    await withTaskGroup(of: Int?.self) { group in
      // More than there are threads for tasks; each blocks until this test opens the gate.
      for number in 0..<64 {
        group.addTask {
          await work.run { isOpen.withLock(when: { $0 }, do: { _ in number }) }
        }
      }
      // None of these would run if the threads for tasks were blocked.
      for _ in 0..<100 { await Task.yield() }
      let others = await withTaskGroup(of: Int.self) { inner in
        for number in 0..<16 { inner.addTask { number } }
        return await inner.reduce(0, +)
      }
      #expect(others == 120)
      isOpen.withLock { $0 = true }
      var numbers: Set<Int> = []
      for await number in group { if let number { numbers.insert(number) } }
      #expect(numbers == Set(0..<64))
    }
  }

  @Test("takes no more threads than it may", arguments: [1, 2, 5])
  func limit(threadLimit: Int) async {
    let work = BlockingWork(threadLimit: threadLimit)
    let counts = Locked((now: 0, most: 0))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 {
        group.addTask {
          _ = await work.run {
            counts.withLock {
              $0.now += 1
              $0.most = max($0.most, $0.now)
            }
            counts.withLock { $0.now -= 1 }
          }
        }
      }
    }
    #expect(counts.withLock { $0.most } <= threadLimit)
    #expect(counts.withLock { $0.now } == 0)
  }

  @Test("is done in the order in which it came, by one thread")
  func order() async {
    let work = BlockingWork(threadLimit: 1)
    let done = Locked<[Int]>([])
    for number in 0..<50 {
      _ = await work.run { done.withLock { $0.append(number) } }
    }
    #expect(done.withLock { $0 } == Array(0..<50))
  }
}
