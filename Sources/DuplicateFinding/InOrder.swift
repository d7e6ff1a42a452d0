import BatchEmbedding
import EmbedderStorage

/// Works on inputs on several threads, and hands the outputs over in the order of the inputs.
///
/// - Parameters:
///   - inputs: What is worked on, taken one by one.
///   - threadCount: The number of threads, at least 1.
///   - isCancelled: Asked between outputs.
///   - transform: The work, done on any of the threads.
///   - body: Takes an output, on the calling thread.
/// - Throws: What `body` throws; ``DuplicateError/cancelled``; an error where there is no thread.
func forEachInOrder<Input: Sendable, Output: Sendable>(
  _ inputs: some Sequence<Input> & Sendable, threadCount: Int, isCancelled: () -> Bool,
  _ transform: @escaping @Sendable (Input) -> Output,
  _ body: (Output) throws(DuplicateError) -> Void
) throws(DuplicateError) {
  var iterator = inputs.makeIterator()
  let work = OrderedWork<Input, Output>(
    window: threadCount + 8, source: { iterator.next() })
  var startedCount = 0
  for _ in 0..<threadCount {
    let isStarted = work.startWorker {
      ReusedMemory.onThisThread {
        work.work { input in
          defer { ReusedMemory.finishImage() }
          return transform(input)
        }
      }
    }
    startedCount += isStarted ? 1 : 0
  }
  guard startedCount > 0 else {
    throw .outOfMemory(OutOfMemory(byteCount: WorkerThread.stackByteCount))
  }
  defer {
    work.cancel()
    work.waitForWorkers()
  }
  while let output = work.next() {
    if isCancelled() { throw .cancelled }
    try body(output)
  }
  if isCancelled() { throw .cancelled }
}
