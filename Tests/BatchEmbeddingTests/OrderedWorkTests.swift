import EmbedderStorage
import Testing

@testable import BatchEmbedding

@Suite("Ordered work")
struct OrderedWorkTests {
  /// Starts work on the numbers below `count`.
  static func start(
    _ count: Int, threadCount: Int, window: Int = 4,
    _ transform: @escaping @Sendable (Int) -> Int = { $0 * 2 }
  ) -> OrderedWork<Int, Int> {
    var next = 0
    let work = OrderedWork<Int, Int>(window: window) {
      defer { next += 1 }
      return next < count ? next : nil
    }
    for _ in 0..<threadCount {
      #expect(WorkerThread.start { work.work(transform) })
    }
    return work
  }

  @Test(
    "gives the outputs in the order of the inputs, whatever each takes",
    arguments: [1, 2, 7], [0, 1, 3, 500])
  func order(threadCount: Int, count: Int) {
    let work = Self.start(count, threadCount: threadCount) { number in
      // Every fifth takes much longer than its neighbours.
      var sum = 0
      for index in 0..<(number % 5 == 0 ? 20_000 : 10) { sum &+= index }
      return sum == -1 ? 0 : number * 2
    }
    var outputs: [Int] = []
    while let output = work.next() { outputs.append(output) }
    #expect(outputs == (0..<count).map { $0 * 2 })
    #expect(work.next() == nil)
  }

  @Test("gives them to a task that awaits them", arguments: [1, 3])
  func awaiting(threadCount: Int) async {
    let work = Self.start(200, threadCount: threadCount)
    var outputs: [Int] = []
    while let output = await work.next() { outputs.append(output) }
    #expect(outputs == (0..<200).map { $0 * 2 })
  }

  @Test("takes no more inputs than the window while nobody takes outputs")
  func backPressure() {
    let taken = Locked(0)
    let work = OrderedWork<Int, Int>(window: 5) {
      taken.withLock { count in
        count += 1
        return count
      }
    }
    for _ in 0..<3 { #expect(WorkerThread.start { work.work { $0 } }) }
    taken.withLock(when: { $0 == 5 }, do: { _ in })
    #expect(work.next() == 1)
    taken.withLock(when: { $0 == 6 }, do: { _ in })
    #expect((2...6).map { _ in work.next() } == [2, 3, 4, 5, 6])
    #expect(taken.withLock { $0 } <= 11)
    work.cancel()
  }

  @Test("says when an output did not come in time, and still gives it")
  func timeout() {
    let gate = Locked(false)
    let work = Self.start(1, threadCount: 1) { number in
      gate.withLock(when: \.self, do: { _ in })
      return number
    }
    guard case .timedOut = work.next(withinSeconds: 0.01) else {
      Issue.record("an output came that was not there")
      return
    }
    gate.withLock { $0 = true }
    guard case .output(0) = work.next(withinSeconds: 60) else {
      Issue.record("the output did not come")
      return
    }
    guard case .end = work.next(withinSeconds: 60) else {
      Issue.record("the end did not come")
      return
    }
  }

  @Test("that is stopped still gives what was taken")
  func stopping() {
    let gate = Locked(false)
    let taken = Locked(0)
    let work = Self.start(1000, threadCount: 2) { number in
      taken.withLock { $0 += 1 }
      gate.withLock(when: \.self, do: { _ in })
      return number
    }
    taken.withLock(when: { $0 == 2 }, do: { _ in })
    work.stop()
    gate.withLock { $0 = true }
    #expect(work.next() == 0)
    #expect(work.next() == 1)
    #expect(work.next() == nil)
  }

  @Test("that is cancelled gives nothing more, though its source never answers")
  func cancelling() async {
    let gate = Locked(false)
    let isAsked = Locked(false)
    let work = OrderedWork<Int, Int>(window: 4) {
      isAsked.withLock { $0 = true }
      gate.withLock(when: \.self, do: { _ in })
      return nil
    }
    #expect(WorkerThread.start { work.work { $0 } })
    isAsked.withLock(when: \.self, do: { _ in })
    let task = Task { await work.next() }
    task.cancel()
    #expect(await task.value == nil)
    #expect(await work.next() == nil)
    gate.withLock { $0 = true }
  }

  @Test("has no thread left once its workers were waited for")
  func waitingForWorkers() {
    let endedCount = Locked(0)
    let work = OrderedWork<Int, Int>(window: 4) { nil }
    for _ in 0..<16 {
      let isStarted = work.startWorker {
        work.work { $0 }
        endedCount.withLock { $0 += 1 }
      }
      #expect(isStarted)
    }
    work.waitForWorkers()
    #expect(endedCount.withLock(\.self) == 16)
  }
}
